import type { CellProps, FieldKind, Parsed } from '../kind';
import { TextInput } from '../shared/lazy';
import { plainText, textOperators } from '../shared/text';

function PhoneCell({ value }: CellProps) {
  if (typeof value !== 'string' || value === '') return null;
  if (value.includes('*')) return <span className="t muted">{value}</span>;
  return <span className="t">{value.replace(/^\+86(?=1\d{10}$)/, '')}</span>;
}

/** Excel turns long numbers into 1.38E+10; such a value is refused, not guessed at. */
function parsePhone(text: string): Parsed {
  const clean = text.normalize('NFKC').trim();
  if (clean === '') return { ok: true, value: null };
  if (!/^[+\d][\d\s()\-#*]{4,}$/.test(clean)) return { ok: false };
  return { ok: true, value: clean };
}

export const kind: FieldKind = {
  Cell: PhoneCell,
  Input: TextInput,
  align: 'start',
  width: 114,
  operators: textOperators,
  toText: plainText,
  fromText: parsePhone,
};
