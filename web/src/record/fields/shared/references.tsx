import { navigationOf } from '@/api/meta';
import type { FieldMeta, RecordData } from '@/api/types';
import { Person } from '@/ui/basics';
import type { CellProps } from '../kind';

/** The text of the record that a reference points to, as far as it came with the answer. */
export function referenceText(field: FieldMeta, record: RecordData): string {
  const target = record[navigationOf(field.name)] ?? record[`${field.name}__label`];
  if (typeof target === 'string') return target;
  if (target && typeof target === 'object' && !Array.isArray(target)) {
    for (const [key, value] of Object.entries(target)) {
      if (key !== 'id' && !key.startsWith('@') && typeof value === 'string') return value;
    }
  }
  const value = record[field.name];
  return value === null || value === undefined ? '' : `#${String(value)}`;
}

export function ReferenceCell({ field, value, record }: CellProps) {
  if (value === null || value === undefined) return null;
  return <span className="t">{referenceText(field, record)}</span>;
}

export function UserCell({ field, value, record }: CellProps) {
  if (value === null || value === undefined) return null;
  return <Person name={referenceText(field, record)} />;
}
