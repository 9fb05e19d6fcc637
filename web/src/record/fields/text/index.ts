import type { FieldKind } from '../kind';
import { TextInput } from '../shared/lazy';
import { parseText, plainText, TextCell, textOperators } from '../shared/text';

export const kind: FieldKind = {
  Cell: TextCell,
  Input: TextInput,
  align: 'start',
  width: 120,
  operators: textOperators,
  toText: plainText,
  fromText: parseText,
};
