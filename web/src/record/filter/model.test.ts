import { describe, expect, it } from 'vitest';
import { account, lead } from '../../../test/objects';
import { evaluate, parseExpression } from '../expression';
import { kindOf } from '../fields/registry';
import {
  type Condition,
  countConditions,
  operatorsWithList,
  operatorsWithoutValue,
  readFilter,
  writeFilter,
} from './model';

const again = (text: string) => {
  const group = readFilter(lead, text);
  return group === null ? null : writeFilter(lead, group);
};

describe('filters', () => {
  it.each([
    "status eq 'pending'",
    "contains(company,'科技') and not contains(name,'王')",
    "status in ('pending','following') or owner_id eq @me",
    "not (source in ('web','phone')) and score ge 60",
    'owner_id eq null and next_contact_at lt @now',
    "(status eq 'pending' or status eq 'following') and score gt 3",
    'updated_at ge 2026-11-01T00:00:00Z',
    "updated_at ge @today sub duration'P7D' and updated_at le @now",
    "next_contact_at ge @now and next_contact_at lt @today add duration'P4D' and score ge 60",
    "status eq 'pending' or updated_at ge @today sub duration'P7D' and updated_at le @now",
    "owner_id eq @me and (next_contact_at eq null or next_contact_at ge @now and next_contact_at lt @today add duration'P2D')",
  ])('shows and writes again: %s', (text) => {
    expect(again(text)).toBe(text);
  });

  it('leaves expressions alone that say more than the builder can show', () => {
    for (const text of [
      'score gt length(name)',
      'account/name eq 1',
      "endswith(company,'司')",
      // One-sided spans are not what the builder calls the last or the next days.
      "updated_at ge @today sub duration'P7D'",
      "next_contact_at le @today add duration'P3D'",
      "updated_at ge @today sub duration'P7D' and next_contact_at le @now",
    ]) {
      expect(again(text)).toBeNull();
    }
  });

  it.each([
    // So many days back: neither what is older nor what is yet to come.
    ['next_contact_at', 'last_days', '2026-11-12T23:59:00Z', false],
    ['next_contact_at', 'last_days', '2026-11-13T08:00:00Z', true],
    ['next_contact_at', 'last_days', '2026-11-20T09:59:00Z', true],
    ['next_contact_at', 'last_days', '2026-11-20T10:01:00Z', false],
    ['next_contact_at', 'last_days', '2027-01-01T00:00:00Z', false],
    // So many days ahead: not what is over, but the whole of the last day.
    ['next_contact_at', 'next_days', '2025-01-01T00:00:00Z', false],
    ['next_contact_at', 'next_days', '2026-11-20T09:59:00Z', false],
    ['next_contact_at', 'next_days', '2026-11-20T10:01:00Z', true],
    ['next_contact_at', 'next_days', '2026-11-27T23:30:00Z', true],
    ['next_contact_at', 'next_days', '2026-11-28T00:30:00Z', false],
    ['founded_on', 'last_days', '2026-11-12', false],
    ['founded_on', 'last_days', '2026-11-13', true],
    ['founded_on', 'last_days', '2026-11-20', true],
    ['founded_on', 'last_days', '2026-11-21', false],
    ['founded_on', 'next_days', '2026-11-19', false],
    ['founded_on', 'next_days', '2026-11-20', true],
    ['founded_on', 'next_days', '2026-11-27', true],
    ['founded_on', 'next_days', '2026-11-28', false],
  ] as const)('%s %s 7 from 20 November: %s is %s', (field, operator, value, wanted) => {
    const object = field === 'founded_on' ? account : lead;
    const items = [{ kind: 'condition' as const, field, operator, value: 7 }];
    const expression = parseExpression(writeFilter(object, { kind: 'group', join: 'and', items }));
    const now = { today: '2026-11-20', now: '2026-11-20T10:00:00Z' };
    expect(expression && evaluate(expression, { [field]: value }, now)).toBe(wanted);
  });

  it('doubles quotes, so that a name cannot break out of its text', () => {
    const text = writeFilter(lead, {
      kind: 'group',
      join: 'and',
      items: [{ kind: 'condition', field: 'company', operator: 'eq', value: "x' or 1 eq 1 or 'y" }],
    });
    expect(text).toBe("company eq 'x'' or 1 eq 1 or ''y'");
    const read = readFilter(lead, text);
    expect(read && countConditions(read)).toBe(1);
  });

  it('leaves out conditions that are not filled in', () => {
    const blank: Condition = {
      kind: 'condition',
      field: 'company',
      operator: 'contains',
      value: null,
    };
    expect(writeFilter(lead, { kind: 'group', join: 'and', items: [blank] })).toBe('');
    expect(
      writeFilter(lead, {
        kind: 'group',
        join: 'and',
        items: [blank, { kind: 'group', join: 'or', items: [blank] }],
      }),
    ).toBe('');
  });

  it('reads back every operator of every field', () => {
    const sample: Record<string, unknown> = {
      integer: 5,
      decimal: 2.5,
      money: 12.5,
      percent: 10,
      date: '2026-11-02',
      datetime: '2026-11-02T08:00:00Z',
      reference: 4,
      user: 4,
      department: 4,
      region: 330100,
    };
    for (const object of [lead, account]) {
      for (const field of object.fields) {
        for (const operator of kindOf(field).operators) {
          const days = operator === 'last_days' || operator === 'next_days';
          const one = days ? 7 : (sample[field.type] ?? 'x');
          const value = operatorsWithoutValue.has(operator)
            ? null
            : operatorsWithList.has(operator)
              ? [one, 'y']
              : one;
          const condition: Condition = { kind: 'condition', field: field.name, operator, value };
          const text = writeFilter(object, { kind: 'group', join: 'and', items: [condition] });
          expect(readFilter(object, text)?.items, text).toEqual([condition]);
        }
      }
    }
  });
});
