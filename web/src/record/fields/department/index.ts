import type { FieldKind } from '../kind';
import { lazyInput } from '../shared/lazy';
import { ReferenceCell, referenceText } from '../shared/references';

const DepartmentInput = lazyInput(
  () => import('./DepartmentInput').then((m) => m.DepartmentInput),
  {},
);

export const kind: FieldKind = {
  Cell: ReferenceCell,
  Input: DepartmentInput,
  align: 'start',
  width: 180,
  operators: ['eq', 'ne', 'empty', 'not_empty'],
  toText: (value, { field, record }) =>
    value === null || value === undefined ? '' : referenceText(field, record),
  fromText: null,
  instant: true,
};
