import type { FieldKind } from '../kind';
import { numberInput } from '../shared/lazy';
import { noNumber, numberOperators, PercentCell, parseNumber } from '../shared/numbers';

export const kind: FieldKind = {
  Cell: PercentCell,
  Input: numberInput({ suffix: '%' }),
  align: 'end',
  width: 80,
  operators: numberOperators,
  toText: (value, { format }) => (typeof value === 'number' ? format.percent(value) : ''),
  fromText: (text, field) => parseNumber(text, field.scale ?? 0),
  unreadable: noNumber,
};
