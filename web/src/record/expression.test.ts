import { describe, expect, it } from 'vitest';
import { evaluate, isEnabled, parseExpression } from './expression';

const check = (text: string, record: Record<string, unknown>, variables = {}) => {
  const expression = parseExpression(text);
  if (!expression) throw new Error(`unreadable: ${text}`);
  return evaluate(expression, record, variables);
};

describe('expressions', () => {
  it('binds and tighter than or', () => {
    const record = { a: 1, b: 2, c: 3 };
    expect(check('a eq 1 or b eq 9 and c eq 9', record)).toBe(true);
    expect(check('(a eq 1 or b eq 9) and c eq 9', record)).toBe(false);
  });

  it('compares two-valued with null', () => {
    expect(check('amount gt 5', { amount: null })).toBe(false);
    expect(check('amount le 5', {})).toBe(false);
    expect(check("status ne 'won'", { status: null })).toBe(true);
    expect(check('owner_id eq null', {})).toBe(true);
  });

  it('reads doubled quotes, lists, functions and variables', () => {
    expect(check("name eq 'O''Brien'", { name: "O'Brien" })).toBe(true);
    expect(check("status in ('a','b')", { status: 'b' })).toBe(true);
    expect(check("not contains(name,'科技')", { name: '杭州科技' })).toBe(false);
    expect(check('owner_id eq @me', { owner_id: 7 }, { me: 7 })).toBe(true);
    expect(check('due_at lt 2026-11-21T00:00:00Z', { due_at: '2026-11-20T23:00:00Z' })).toBe(true);
  });

  it('gives up on what it does not know instead of guessing', () => {
    for (const text of ['', 'a eq', 'a plus b', 'length(name) gt 3', 'a eq 1)', "a eq 'open"]) {
      expect(parseExpression(text)).toBeNull();
    }
  });

  it('offers an action whose condition it cannot read', () => {
    expect(isEnabled('length(name) gt 3', {}, {})).toBe(true);
    expect(isEnabled("status eq 'open'", { status: 'won' }, {})).toBe(false);
    expect(isEnabled(undefined, {}, {})).toBe(true);
  });
});
