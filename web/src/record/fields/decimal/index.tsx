import type { FieldKind, InputProps } from '../kind';
import { NumberCell, NumberInput, numberOperators, parseNumber } from '../shared/numbers';
import { plainText } from '../shared/text';

function DecimalInput(props: InputProps) {
  return <NumberInput {...props} precision={props.field.scale ?? 2} />;
}

export const kind: FieldKind = {
  Cell: NumberCell,
  Input: DecimalInput,
  align: 'end',
  width: 110,
  operators: numberOperators,
  toText: plainText,
  fromText: (text, field) => parseNumber(text, field.scale ?? 2),
};
