import type { FieldKind } from '../kind';
import { plainText, TextCell, textOperators } from '../shared/text';

/** Numbers that the server gives out. */
export const kind: FieldKind = {
  Cell: TextCell,
  Input: null,
  align: 'start',
  width: 140,
  operators: textOperators,
  toText: plainText,
  fromText: null,
};
