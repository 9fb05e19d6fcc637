import { navigationOf } from '@/api/meta';
import type { ObjectMeta, RecordData } from '@/api/types';

/** The title of the record that a field refers to, when it came along. */
function referredTitle(record: RecordData, field: string): unknown {
  const target = record[navigationOf(field)];
  if (typeof target !== 'object' || target === null) return null;
  return Object.entries(target).find(([name]) => !name.startsWith('@'))?.[1];
}

/**
 * What a record is called on screen: the first of `better` that it has, its title, or that of what
 * these refer to. Records without a name get their code or their number.
 */
export function titleOf(
  object: ObjectMeta,
  record: RecordData,
  better: readonly string[] = [],
): string {
  for (const name of [...better, object.title_field, 'code']) {
    const own = name ? record[name] : null;
    const value = typeof own === 'number' ? referredTitle(record, name) : own;
    if (typeof value === 'string' && value !== '') {
      return value.length > 120 ? `${value.slice(0, 120)}…` : value;
    }
  }
  return `#${record.id}`;
}
