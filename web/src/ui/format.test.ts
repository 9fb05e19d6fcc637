import { describe, expect, it } from 'vitest';
import { makeFormat } from './format';

const zh = makeFormat({ language: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' });

describe('format', () => {
  it('writes short amounts in 万 and 亿', () => {
    expect(zh.moneyShort(9999)).toBe('¥9,999');
    expect(zh.moneyShort(15_680_000)).toBe('¥1,568 万');
    expect(zh.moneyShort(125_000)).toBe('¥12.5 万');
    expect(zh.moneyShort(-230_000_000)).toBe('-¥2.3 亿');
    const en = makeFormat({ language: 'en', timeZone: 'UTC', currency: 'USD' });
    expect(en.moneyShort(1_250_000)).toBe('$1.25M');
    const tw = makeFormat({ language: 'zh-TW', timeZone: 'Asia/Taipei', currency: 'TWD' });
    expect(tw.moneyShort(125_000)).toBe('NT$12.5 萬');
  });

  it('shows instants in the time zone of the organisation', () => {
    expect(zh.dateTime('2026-11-20T16:30:00Z')).toBe('2026-11-21 00:30');
    expect(zh.date('2026-11-20T16:30:00Z')).toBe('2026-11-21');
    expect(zh.date('2026-11-20')).toBe('2026-11-20');
  });

  it('finds the instant of a wall time, also where clocks change', () => {
    const berlin = makeFormat({ language: 'en', timeZone: 'Europe/Berlin', currency: 'EUR' });
    for (const instant of [
      '2026-01-15T08:00:00Z',
      '2026-07-15T08:00:00Z',
      '2026-03-29T05:00:00Z',
    ]) {
      expect(berlin.instantOf(berlin.wallTime(instant))).toBe(instant);
    }
  });
});
