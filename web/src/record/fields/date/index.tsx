import type { CellProps, FieldKind } from '../kind';
import { parseDate } from '../shared/dates';
import { lazyInput } from '../shared/lazy';

function DateCell({ value }: CellProps) {
  return <span className="t">{typeof value === 'string' ? value : ''}</span>;
}

const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && parseDate(text).ok;

export const kind: FieldKind = {
  Cell: DateCell,
  Input: lazyInput(() => import('../shared/DateInput').then((m) => m.default), { withTime: false }),
  align: 'start',
  width: 110,
  operators: [
    'eq',
    'ge',
    'le',
    'is_today',
    'last_days',
    'next_days',
    'is_past',
    'is_future',
    'empty',
    'not_empty',
  ],
  toText: (value) => (typeof value === 'string' ? value : ''),
  fromText: parseDate,
  unreadable: (text) => (isDate(text) ? null : 'field.no_date'),
  instant: true,
};
