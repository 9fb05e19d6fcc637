import type { CellProps, FieldKind, Parsed } from '../kind';
import { lazyInput } from '../shared/lazy';

function DateCell({ value }: CellProps) {
  return <span className="t">{typeof value === 'string' ? value : ''}</span>;
}

/** Reads 2026-11-02, 2026/11/2 and 2026年11月2日. */
export function parseDate(text: string): Parsed {
  const clean = text.normalize('NFKC').trim();
  if (clean === '') return { ok: true, value: null };
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(clean);
  if (!match) return { ok: false };
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return { ok: false };
  return { ok: true, value: date.toISOString().slice(0, 10) };
}

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
  instant: true,
};
