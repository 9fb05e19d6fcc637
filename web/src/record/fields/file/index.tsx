import { Paperclip } from 'lucide-react';
import type { CellProps, FieldKind } from '../kind';

function names(value: unknown): string[] {
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return list.map((each) =>
    each && typeof each === 'object' && 'name' in each ? String(each.name) : String(each),
  );
}

function FileCell({ value }: CellProps) {
  const found = names(value);
  if (found.length === 0) return null;
  return (
    <span className="line" style={{ gap: 4 }}>
      <Paperclip size={13} aria-hidden="true" />
      <span className="t">{found.join(', ')}</span>
    </span>
  );
}

export const kind: FieldKind = {
  Cell: FileCell,
  Input: null,
  align: 'start',
  width: 160,
  operators: ['empty', 'not_empty'],
  toText: (value) => names(value).join(', '),
  fromText: null,
};
