import type { CellProps, FieldKind } from '../kind';
import { lazyInput } from '../shared/lazy';
import { regionName, regionOf, useRegions } from '../shared/names';

function RegionCell({ value }: CellProps) {
  const region = useRegions()?.get(value as number);
  return <span className="t">{region?.name ?? ''}</span>;
}

export const kind: FieldKind = {
  Cell: RegionCell,
  Input: lazyInput(() => import('./RegionInput').then((m) => m.default), {}),
  align: 'start',
  width: 110,
  operators: ['eq', 'ne', 'empty', 'not_empty'],
  toText: (value) => regionName(value),
  fromText: (text) => {
    const clean = text.trim();
    if (clean === '') return { ok: true, value: null };
    const id = regionOf(clean);
    return id === undefined ? { ok: false } : { ok: true, value: id };
  },
};
