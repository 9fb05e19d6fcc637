import type { FieldKind } from '../kind';
import { numberInput } from '../shared/lazy';
import { NumberCell, noNumber, numberOperators, parseNumber } from '../shared/numbers';
import { plainText } from '../shared/text';

export const kind: FieldKind = {
  Cell: NumberCell,
  Input: numberInput({}),
  align: 'end',
  width: 110,
  operators: numberOperators,
  toText: plainText,
  fromText: (text, field) => parseNumber(text, field.scale ?? 2),
  unreadable: noNumber,
};
