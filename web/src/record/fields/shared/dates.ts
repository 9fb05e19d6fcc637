import type { Format } from '@/ui/format';
import type { Parsed } from '../kind';

interface Day {
  year: number;
  month: number;
  day: number;
}

const dayPattern = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?/;
const timePattern =
  /^(上午|下午|am|pm)?\s*(\d{1,2})[:：时時点點](\d{1,2})?分?(?::(\d{1,2}))?\s*(am|pm)?$/i;

/** The day at the beginning of a text, and what comes behind it. */
function readDay(text: string): { day: Day; rest: string } | null {
  const match = dayPattern.exec(text);
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return { day: { year, month, day }, rest: text.slice(match[0].length) };
}

function readTime(text: string): { hour: number; minute: number } | null {
  const match = timePattern.exec(text);
  if (!match) return null;
  const half = (match[1] ?? match[5] ?? '').toLowerCase();
  let hour = Number(match[2]);
  const minute = Number(match[3] ?? 0);
  if (hour > 23 || minute > 59 || Number(match[4] ?? 0) > 59) return null;
  if (half !== '') {
    if (hour > 12) return null;
    hour = (hour % 12) + (half === 'pm' || half === '下午' ? 12 : 0);
  }
  return { hour, minute };
}

const two = (value: number) => String(value).padStart(2, '0');

/** Reads 2026-11-02, 2026/11/2 and 2026年11月2日. */
export function parseDate(text: string): Parsed {
  const clean = text.normalize('NFKC').trim();
  if (clean === '') return { ok: true, value: null };
  const found = readDay(clean);
  if (found?.rest !== '') return { ok: false };
  const { year, month, day } = found.day;
  return { ok: true, value: `${year}-${two(month)}-${two(day)}` };
}

/**
 * Reads 2026-11-02 14:30, 2026/11/2 2:30 PM and 2026年11月2日 14时30分 in the organisation's time
 * zone, and instants with their zone. A day alone is its beginning, as in imports.
 */
export function parseDateTime(text: string, format: Format): Parsed {
  const clean = text.normalize('NFKC').trim();
  if (clean === '') return { ok: true, value: null };
  if (isInstant(clean)) {
    const value = new Date(clean).toISOString().replace(/\.\d+Z$/, 'Z');
    return { ok: true, value };
  }
  const found = readDay(clean);
  if (!found) return { ok: false };
  const rest = found.rest.replace(/^(?:T|\s+)/i, '').trim();
  const time = rest === '' ? { hour: 0, minute: 0 } : readTime(rest);
  return time ? { ok: true, value: format.instantOf({ ...found.day, ...time }) } : { ok: false };
}

/** As the server writes points in time. */
export function isInstant(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
