import type { FieldKind } from '../kind';
import { parseText, plainText, TextCell, TextInput, textOperators } from '../shared/text';

export const kind: FieldKind = {
  Cell: TextCell,
  Input: TextInput,
  align: 'start',
  width: 150,
  operators: textOperators,
  toText: plainText,
  fromText: parseText,
};
