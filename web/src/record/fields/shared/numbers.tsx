import { useFormat } from '@/ui/format';
import type { CellProps, OperatorName, Parsed } from '../kind';

export const numberOperators: readonly OperatorName[] = [
  'eq',
  'ne',
  'gt',
  'ge',
  'lt',
  'le',
  'empty',
  'not_empty',
];

export function NumberCell({ value }: CellProps) {
  const format = useFormat();
  return <span className="t">{typeof value === 'number' ? format.number(value) : ''}</span>;
}

export function MoneyCell({ value, record }: CellProps) {
  const format = useFormat();
  const unit = typeof record.currency === 'string' ? record.currency : undefined;
  return <span className="t">{typeof value === 'number' ? format.money(value, unit) : ''}</span>;
}

export function PercentCell({ value }: CellProps) {
  const format = useFormat();
  return <span className="t">{typeof value === 'number' ? format.percent(value) : ''}</span>;
}

/** A number that was read is no text any more. */
export const noNumber = () => 'field.no_number' as const;

/** Reads `1,234.50`, `¥1 234`, `12.5%` and `3.2万`. */
export function parseNumber(text: string, scale: number): Parsed {
  const clean = text
    .normalize('NFKC')
    .replace(/[\s,¥$€%]|NT|HK|CNY|RMB|元/g, '')
    .trim();
  if (clean === '') return { ok: true, value: null };
  const match = /^(-?\d+(?:\.\d+)?)(万|萬|亿|億)?$/.exec(clean);
  if (!match) return { ok: false };
  const factor = match[2] ? (/[万萬]/.test(match[2]) ? 1e4 : 1e8) : 1;
  const value = Number((Number(match[1]) * factor).toFixed(scale));
  return { ok: true, value };
}
