import type { FieldKind } from '../kind';
import { ReferenceInput } from '../shared/lazy';
import { referenceText, UserCell } from '../shared/references';

export const kind: FieldKind = {
  Cell: UserCell,
  Input: ReferenceInput,
  align: 'start',
  width: 100,
  operators: ['is_me', 'eq', 'ne', 'empty', 'not_empty'],
  toText: (value, { field, record }) =>
    value === null || value === undefined ? '' : referenceText(field, record),
  fromText: null,
  instant: true,
};
