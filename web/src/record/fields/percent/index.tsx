import type { FieldKind, InputProps } from '../kind';
import { NumberInput, numberOperators, PercentCell, parseNumber } from '../shared/numbers';

function PercentInput(props: InputProps) {
  return <NumberInput {...props} precision={props.field.scale ?? 0} suffix="%" />;
}

export const kind: FieldKind = {
  Cell: PercentCell,
  Input: PercentInput,
  align: 'end',
  width: 80,
  operators: numberOperators,
  toText: (value, { format }) => (typeof value === 'number' ? format.percent(value) : ''),
  fromText: (text, field) => parseNumber(text, field.scale ?? 0),
};
