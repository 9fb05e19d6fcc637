import type { CellProps, FieldKind } from '../kind';
import { TextInput } from './lazy';

const listed = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join('、') : '';

function TextsCell({ value }: CellProps) {
  return <span className="t">{listed(value)}</span>;
}

/** Several short texts in one field: former names, further numbers. */
export const manyTexts: FieldKind = {
  Cell: TextsCell,
  Input: TextInput,
  align: 'start',
  width: 180,
  operators: ['has', 'has_not'],
  toText: listed,
  fromText: (text) => ({
    ok: true,
    value: text
      .split(/[,，;；、\n]/)
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  }),
};
