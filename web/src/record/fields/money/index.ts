import type { FieldKind } from '../kind';
import { numberInput } from '../shared/lazy';
import { MoneyCell, noNumber, numberOperators, parseNumber } from '../shared/numbers';

export const kind: FieldKind = {
  Cell: MoneyCell,
  Input: numberInput({}),
  align: 'end',
  width: 120,
  operators: numberOperators,
  toText: (value, { record, format }) =>
    typeof value === 'number'
      ? format.money(value, typeof record.currency === 'string' ? record.currency : undefined)
      : '',
  fromText: (text, field) => parseNumber(text, field.scale ?? 2),
  unreadable: noNumber,
};
