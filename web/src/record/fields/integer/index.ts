import type { FieldKind } from '../kind';
import { numberInput } from '../shared/lazy';
import { NumberCell, noNumber, numberOperators, parseNumber } from '../shared/numbers';
import { plainText } from '../shared/text';

export const kind: FieldKind = {
  Cell: NumberCell,
  Input: numberInput({ digits: 0 }),
  align: 'end',
  width: 90,
  operators: numberOperators,
  toText: plainText,
  fromText: (text) => parseNumber(text, 0),
  unreadable: noNumber,
};
