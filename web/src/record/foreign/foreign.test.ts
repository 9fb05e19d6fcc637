import { describe, expect, it } from 'vitest';
import type { DuplicateHit } from '@/api/types';
import { addressOf, foreignOf } from './foreign';

const hit = (more: Partial<DuplicateHit>) =>
  ({
    object: 'account',
    object_label: '客户',
    id: null,
    name: '杭＊＊司',
    actions: [],
    ...more,
  }) as DuplicateHit;

describe('a record of somebody else', () => {
  it('is reached by the ticket of its hit while it is hidden', () => {
    const foreign = foreignOf(hit({ ticket: 'abc' }), 'accounts');
    expect(foreign && addressOf(foreign, 'join')).toEqual({
      path: '/duplicates/join',
      given: { ticket: 'abc' },
    });
    expect(foreign && addressOf(foreign, 'arbitrate')).toEqual({
      path: '/duplicates/arbitrate',
      given: { ticket: 'abc' },
    });
  });

  it('is reached by its own address when it may be seen', () => {
    const foreign = foreignOf(hit({ id: 7 }), 'accounts');
    expect(foreign && addressOf(foreign, 'join')).toEqual({
      path: '/accounts/7/ask_to_join',
      given: {},
    });
    expect(foreign && addressOf(foreign, 'arbitrate')).toEqual({
      path: '/accounts/7/arbitrate',
      given: {},
    });
  });

  it('cannot be reached without either', () => {
    expect(foreignOf(hit({}), 'accounts')).toBeNull();
    expect(foreignOf(hit({ id: 7 }), undefined)).toBeNull();
  });
});
