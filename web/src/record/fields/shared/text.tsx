import type { CellProps, OperatorName, Parsed } from '../kind';

export function TextCell({ value }: CellProps) {
  return <span className="t">{value === null || value === undefined ? '' : String(value)}</span>;
}

export const textOperators: readonly OperatorName[] = [
  'contains',
  'not_contains',
  'eq',
  'ne',
  'startswith',
  'empty',
  'not_empty',
];

export const plainText = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value);

export const parseText = (text: string): Parsed => ({
  ok: true,
  value: text.trim() === '' ? null : text.trim(),
});
