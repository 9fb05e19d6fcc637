import type { ObjectMeta, RecordData } from '@/api/types';

/** What a record is called on screen; records without a name get their code or their number. */
export function titleOf(object: ObjectMeta, record: RecordData): string {
  for (const name of [object.title_field, 'code']) {
    const value = name ? record[name] : null;
    if (typeof value === 'string' && value !== '') {
      return value.length > 120 ? `${value.slice(0, 120)}…` : value;
    }
  }
  return `#${record.id}`;
}
