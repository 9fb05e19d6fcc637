import { describe, expect, it } from 'vitest';
import { fieldTypes } from '@/api/types';
import { lead } from '../../../test/objects';
import { parseDate } from './date';
import { fieldKinds, isEditable } from './registry';
import { parseNumber } from './shared/numbers';

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
    expect(fieldKinds.phone.fromText?.('1.38E+10', phone)).toEqual({ ok: false });
    expect(fieldKinds.phone.fromText?.('138 0000 1111', phone)).toEqual({
      ok: true,
      value: '138 0000 1111',
    });
    const status = lead.fields.find((field) => field.name === 'source');
    if (!status) throw new Error('no field');
    expect(fieldKinds.select.fromText?.('展会', status)).toEqual({ ok: true, value: 'exhibition' });
    expect(fieldKinds.select.fromText?.('火星', status)).toEqual({ ok: false });
  });
});
