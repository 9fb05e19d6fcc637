import { describe, expect, it } from 'vitest';
import { type FieldType, fieldTypes } from '@/api/types';
import { makeFormat } from '@/ui/format';
import { lead } from '../../../test/objects';
import { complaintAbout } from './complaint';
import { fieldKinds, isEditable } from './registry';
import { parseDate, parseDateTime } from './shared/dates';
import { parseNumber } from './shared/numbers';

const format = makeFormat({ language: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' });

describe('types of fields', () => {
  it('knows every type of the server', () => {
    expect(Object.keys(fieldKinds).sort()).toEqual([...fieldTypes].sort());
  });

  it('never edits what the server computes', () => {
    for (const type of ['serial'] as const) {
      expect(isEditable({ name: 'x', type, label: 'x' })).toBe(false);
    }
    expect(isEditable({ name: 'x', type: 'text', label: 'x', read_only: true })).toBe(false);
    expect(isEditable({ name: 'x', type: 'text', label: 'x' })).toBe(true);
  });

  it('reads pasted numbers, dates and choices, and refuses what it would have to guess', () => {
    expect(parseNumber('¥1,234.50', 2)).toEqual({ ok: true, value: 1234.5 });
    expect(parseNumber('3.2万', 2)).toEqual({ ok: true, value: 32000 });
    expect(parseNumber('１２％', 0)).toEqual({ ok: true, value: 12 });
    expect(parseNumber('abc', 2)).toEqual({ ok: false });
    expect(parseDate('2026年2月3日')).toEqual({ ok: true, value: '2026-02-03' });
    expect(parseDate('2026/2/30')).toEqual({ ok: false });
    const phone = { name: 'mobile', type: 'phone' as const, label: '' };
    expect(fieldKinds.phone.fromText?.('1.38E+10', phone, format)).toEqual({ ok: false });
    expect(fieldKinds.phone.fromText?.('138 0000 1111', phone, format)).toEqual({
      ok: true,
      value: '138 0000 1111',
    });
    const status = lead.fields.find((field) => field.name === 'source');
    if (!status) throw new Error('no field');
    expect(fieldKinds.select.fromText?.('展会', status, format)).toEqual({
      ok: true,
      value: 'exhibition',
    });
    expect(fieldKinds.select.fromText?.('火星', status, format)).toEqual({ ok: false });
  });

  it('reads pasted times in the zone of the organisation', () => {
    const time = (text: string) => parseDateTime(text, format);
    const half = { ok: true, value: '2026-03-01T06:30:00Z' };
    for (const text of [
      '2026-03-01 14:30',
      '2026/3/1 14:30:00',
      '2026年3月1日 14时30分',
      '2026-03-01 2:30 PM',
      '2026-03-01 下午2:30',
      '2026-03-01T14:30:00+08:00',
    ]) {
      expect(time(text), text).toEqual(half);
    }
    expect(time('2026-03-01')).toEqual({ ok: true, value: '2026-02-28T16:00:00Z' });
    expect(time('')).toEqual({ ok: true, value: null });
    for (const text of ['明天', '2026-03-01 25:00', '2026-02-30 10:00', '2026-03-01 14:30 左右']) {
      expect(time(text), text).toEqual({ ok: false });
    }
    const next = { name: 'next_contact_at', type: 'datetime' as const, label: '' };
    expect(fieldKinds.datetime.fromText?.('2026-03-01 14:30', next, format)).toEqual(half);
  });

  it('says what is wrong with a text that is no value of its type', () => {
    const of = (type: FieldType, more = {}) => ({ name: 'x', type, label: 'x', ...more });
    expect(complaintAbout(of('money'), '约12万')).toEqual({ key: 'field.no_number' });
    expect(complaintAbout(of('money'), 12)).toBeNull();
    expect(complaintAbout(of('date'), '下周')).toEqual({ key: 'field.no_date' });
    expect(complaintAbout(of('date'), '2026-03-01')).toBeNull();
    expect(complaintAbout(of('datetime'), '明天')).toEqual({ key: 'field.no_time' });
    expect(complaintAbout(of('datetime'), '2026-03-01T06:30:00Z')).toBeNull();
    const short = of('text', { max_length: 3 });
    expect(complaintAbout(short, '三个字')).toBeNull();
    expect(complaintAbout(short, '𠮷𠮷𠮷')).toBeNull();
    expect(complaintAbout(short, '四个字了')).toEqual({ key: 'field.too_long', limit: 3 });
  });
});
