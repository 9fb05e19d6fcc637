import { createContext, type ReactNode, useContext, useMemo } from 'react';

/** How values are written for one reader: language, the organisation's time zone and currency. */
export interface FormatSettings {
  language: string;
  timeZone: string;
  currency: string;
}

export interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const symbols: Record<string, string> = { CNY: '¥', TWD: 'NT$', HKD: 'HK$', USD: '$', EUR: '€' };

export function makeFormat({ language, timeZone, currency }: FormatSettings) {
  const chinese = language.startsWith('zh');
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });
  const amounts = new Intl.NumberFormat(language, {
    minimumFractionDigits: 0,
    maximumFractionDigits: 2,
  });
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const relativeTime = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });

  const wallTime = (instant: string | number | Date): WallTime => {
    const found: Record<string, number> = {};
    for (const part of parts.formatToParts(new Date(instant))) {
      if (part.type !== 'literal') found[part.type] = Number(part.value);
    }
    return {
      year: found.year,
      month: found.month,
      day: found.day,
      hour: found.hour % 24,
      minute: found.minute,
    };
  };
  const two = (value: number) => String(value).padStart(2, '0');
  const dateOf = (wall: WallTime) => `${wall.year}-${two(wall.month)}-${two(wall.day)}`;
  const timeOf = (wall: WallTime) => `${two(wall.hour)}:${two(wall.minute)}`;

  /** The instant of a wall time in the organisation's zone (of two, the earlier one). */
  const instantOf = (wall: WallTime): string => {
    const guess = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
    let at = guess;
    for (let round = 0; round < 2; round++) {
      const seen = wallTime(at);
      const shown = Date.UTC(seen.year, seen.month - 1, seen.day, seen.hour, seen.minute);
      at += guess - shown;
    }
    return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  };
  const today = () => dateOf(wallTime(Date.now()));
  const daysBetween = (from: string, to: string) =>
    Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

  return {
    language,
    timeZone,
    currency,
    wallTime,
    instantOf,
    today,
    number: (value: number) => numbers.format(value),
    money: (value: number, unit = currency) =>
      `${value < 0 ? '-' : ''}${symbols[unit] ?? `${unit} `}${amounts.format(Math.abs(value))}`,
    /** Short amounts for cards: 万 and 亿 in Chinese, K and M elsewhere. */
    moneyShort: (value: number, unit = currency) => {
      const symbol = symbols[unit] ?? `${unit} `;
      const size = Math.abs(value);
      const steps: [number, string][] = chinese
        ? language === 'zh-TW'
          ? [
              [1e8, '億'],
              [1e4, '萬'],
            ]
          : [
              [1e8, '亿'],
              [1e4, '万'],
            ]
        : [
            [1e9, 'B'],
            [1e6, 'M'],
            [1e3, 'K'],
          ];
      const sign = value < 0 ? '-' : '';
      for (const [step, suffix] of steps) {
        if (size >= step) {
          const short = size / step;
          const digits = short >= 1000 ? 0 : short >= 100 ? 1 : 2;
          const text = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(
            short,
          );
          return `${sign}${symbol}${text}${chinese ? ` ${suffix}` : suffix}`;
        }
      }
      return `${sign}${symbol}${amounts.format(size)}`;
    },
    percent: (value: number) => `${numbers.format(value)}%`,
    date: (value: string) => (value.length > 10 ? dateOf(wallTime(value)) : value),
    /** `12月`, `Dec` from `2025-12` and the like. */
    month: (month: string) =>
      new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' }).format(
        new Date(`${month.slice(0, 7)}-01`),
      ),
    time: (instant: string) => timeOf(wallTime(instant)),
    /** The time of day with its seconds. */
    clock: (instant: string) =>
      `${timeOf(wallTime(instant))}:${two(new Date(instant).getUTCSeconds())}`,
    dateTime: (instant: string) => {
      const wall = wallTime(instant);
      return `${dateOf(wall)} ${timeOf(wall)}`;
    },
    /** `今天 14:30`, `昨天`, `3 天前`; beyond a month the date. */
    relative: (instant: string) => {
      const wall = wallTime(instant);
      const days = daysBetween(today(), dateOf(wall));
      if (days === 0) return `${relativeTime.format(0, 'day')} ${timeOf(wall)}`;
      if (Math.abs(days) <= 30) return relativeTime.format(days, 'day');
      return dateOf(wall);
    },
    daysUntil: (date: string) =>
      daysBetween(today(), date.length > 10 ? dateOf(wallTime(date)) : date),
  };
}

export type Format = ReturnType<typeof makeFormat>;

const FormatContext = createContext<Format | null>(null);

export function FormatProvider({
  settings,
  children,
}: {
  settings: FormatSettings;
  children: ReactNode;
}) {
  const { language, timeZone, currency } = settings;
  const format = useMemo(
    () => makeFormat({ language, timeZone, currency }),
    [language, timeZone, currency],
  );
  return <FormatContext.Provider value={format}>{children}</FormatContext.Provider>;
}

export function useFormat(): Format {
  const format = useContext(FormatContext);
  if (!format) throw new Error('useFormat outside of FormatProvider');
  return format;
}
