import type { FieldKind, InputProps } from '../kind';
import { MoneyCell, NumberInput, numberOperators, parseNumber } from '../shared/numbers';

function MoneyInput(props: InputProps) {
  return <NumberInput {...props} precision={props.field.scale ?? 2} />;
}

export const kind: FieldKind = {
  Cell: MoneyCell,
  Input: MoneyInput,
  align: 'end',
  width: 120,
  operators: numberOperators,
  toText: (value, { record, format }) =>
    typeof value === 'number'
      ? format.money(value, typeof record.currency === 'string' ? record.currency : undefined)
      : '',
  fromText: (text, field) => parseNumber(text, field.scale ?? 2),
};
