import type { CellProps, FieldKind } from '../kind';
import { TextInput } from '../shared/lazy';
import { parseText, plainText, textOperators } from '../shared/text';

function UrlCell({ value }: CellProps) {
  if (typeof value !== 'string' || value === '') return null;
  // Only web addresses become links: a `javascript:` address must not run with one click.
  if (!/^https?:\/\//i.test(value)) return <span className="t">{value}</span>;
  return (
    <a
      className="t"
      href={value}
      target="_blank"
      rel="noopener noreferrer"
      tabIndex={-1}
      onClick={(event) => event.stopPropagation()}
    >
      {value.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '')}
    </a>
  );
}

export const kind: FieldKind = {
  Cell: UrlCell,
  Input: TextInput,
  align: 'start',
  width: 180,
  operators: textOperators,
  toText: plainText,
  fromText: parseText,
};
