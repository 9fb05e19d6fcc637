import type { FieldKind, Parsed } from '../kind';
import { TextInput } from '../shared/lazy';
import { plainText, TextCell, textOperators } from '../shared/text';

function parseEmail(text: string): Parsed {
  const clean = text.trim().toLowerCase();
  if (clean === '') return { ok: true, value: null };
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(clean) ? { ok: true, value: clean } : { ok: false };
}

export const kind: FieldKind = {
  Cell: TextCell,
  Input: TextInput,
  align: 'start',
  width: 170,
  operators: textOperators,
  toText: plainText,
  fromText: parseEmail,
};
