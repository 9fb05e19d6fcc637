import type { FieldKind } from '../kind';
import { lazyInput } from '../shared/lazy';
import { ReferenceCell, referenceText } from '../shared/references';

export const kind: FieldKind = {
  Cell: ReferenceCell,
  Input: lazyInput(() => import('./RegionInput').then((m) => m.default), {}),
  align: 'start',
  width: 110,
  operators: ['eq', 'ne', 'empty', 'not_empty'],
  toText: (value, { field, record }) =>
    value === null || value === undefined ? '' : referenceText(field, record),
  fromText: null,
};
