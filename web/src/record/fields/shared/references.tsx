import { navigationOf } from '@/api/meta';
import type { FieldMeta, RecordData } from '@/api/types';
import { Person, Pill } from '@/ui/basics';
import { useRecordWorld } from '../../context';
import type { CellProps, FieldKind } from '../kind';
import { ReferenceInput } from './lazy';
import { knownName, useNames } from './names';

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

function ManyCell({ field, value }: CellProps) {
  const { model } = useRecordWorld();
  const ids = Array.isArray(value) ? (value as number[]) : [];
  const names = useNames(
    ids.length > 0 ? model.targetCollection(field) : null,
    model.targetTitle(field),
  );
  return (
    <span className="line" style={{ gap: 4 }}>
      {ids.map((id) => (
        <Pill key={id}>{names?.get(id) ?? '…'}</Pill>
      ))}
    </span>
  );
}

/** Fields that refer to several records, such as tags. */
export const manyReferences: FieldKind = {
  Cell: ManyCell,
  Input: ReferenceInput,
  align: 'start',
  width: 180,
  operators: ['has', 'has_not'],
  toText: (value, { field, collection }) =>
    Array.isArray(value)
      ? value.map((id: number) => knownName(collection?.(field) ?? '', id) ?? `#${id}`).join('、')
      : '',
  fromText: null,
};
