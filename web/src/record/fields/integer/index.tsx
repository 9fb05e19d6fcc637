import type { FieldKind, InputProps } from '../kind';
import { NumberCell, NumberInput, numberOperators, parseNumber } from '../shared/numbers';
import { plainText } from '../shared/text';

function IntegerInput(props: InputProps) {
  return <NumberInput {...props} precision={0} />;
}

export const kind: FieldKind = {
  Cell: NumberCell,
  Input: IntegerInput,
  align: 'end',
  width: 90,
  operators: numberOperators,
  toText: plainText,
  fromText: (text) => parseNumber(text, 0),
};
