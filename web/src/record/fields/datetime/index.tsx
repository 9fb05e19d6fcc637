import { useFormat } from '@/ui/format';
import type { CellProps, FieldKind } from '../kind';
import { isInstant, parseDateTime } from '../shared/dates';
import { lazyInput } from '../shared/lazy';

function DateTimeCell({ value }: CellProps) {
  const format = useFormat();
  return <span className="t">{typeof value === 'string' ? format.dateTime(value) : ''}</span>;
}

export const kind: FieldKind = {
  Cell: DateTimeCell,
  Input: lazyInput(() => import('../shared/DateInput').then((m) => m.default), { withTime: true }),
  align: 'start',
  width: 128,
  operators: [
    'is_today',
    'last_days',
    'next_days',
    'ge',
    'le',
    'is_past',
    'is_future',
    'empty',
    'not_empty',
  ],
  toText: (value, { format }) => (typeof value === 'string' ? format.dateTime(value) : ''),
  fromText: (text, _field, format) => parseDateTime(text, format),
  unreadable: (text) => (isInstant(text) ? null : 'field.no_time'),
  instant: true,
};
