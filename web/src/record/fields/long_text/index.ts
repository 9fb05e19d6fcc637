import type { FieldKind } from '../kind';
import { LongTextInput } from '../shared/lazy';
import { parseText, plainText, TextCell, textOperators } from '../shared/text';

export const kind: FieldKind = {
  Cell: TextCell,
  Input: LongTextInput,
  align: 'start',
  width: 240,
  operators: textOperators,
  toText: plainText,
  fromText: parseText,
  multiline: true,
};
