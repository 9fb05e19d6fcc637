import { useTranslation } from 'react-i18next';
import type { CellProps, FieldKind } from '../kind';
import { lazyInput } from '../shared/lazy';
import { regionName, regionOf, useRegions } from '../shared/names';

function RegionsCell({ value }: CellProps) {
  const regions = useRegions();
  const { t } = useTranslation();
  const names = ((value as number[] | null) ?? []).map((id) => regions?.get(id)?.name ?? '…');
  return <span className="t">{names.join(t('common.list_separator'))}</span>;
}

/** Several regions, such as those of a sales territory; one stands for all that lies in it. */
export const manyRegions: FieldKind = {
  Cell: RegionsCell,
  Input: lazyInput(() => import('./RegionInput').then((m) => m.RegionsInput), {}),
  align: 'start',
  width: 180,
  operators: ['has', 'has_not'],
  toText: (value) => (Array.isArray(value) ? value.map(regionName).join('、') : ''),
  fromText: null,
};

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
