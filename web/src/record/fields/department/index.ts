import type { FieldKind } from '../kind';
import { ReferenceInput } from '../shared/lazy';
import { ReferenceCell, referenceText } from '../shared/references';

export const kind: FieldKind = {
  Cell: ReferenceCell,
  Input: ReferenceInput,
  align: 'start',
  width: 180,
  operators: ['eq', 'ne', 'empty', 'not_empty'],
  toText: (value, { field, record }) =>
    value === null || value === undefined ? '' : referenceText(field, record),
  fromText: null,
  instant: true,
};
