import { useFormat } from '@/ui/format';
import type { CellProps, FieldKind } from '../kind';
import { numberOperators } from '../shared/numbers';
import { plainText } from '../shared/text';

function FormulaCell({ value }: CellProps) {
  const format = useFormat();
  return (
    <span className="t">{typeof value === 'number' ? format.number(value) : plainText(value)}</span>
  );
}

/** Values that the server computes from other fields. */
export const kind: FieldKind = {
  Cell: FormulaCell,
  Input: null,
  align: 'end',
  width: 120,
  operators: numberOperators,
  toText: plainText,
  fromText: null,
};
