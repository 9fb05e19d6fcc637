import { describe, expect, it } from 'vitest';
import type { FieldMeta } from '@/api/types';
import { decisionInput, firstOf, isForViewer, otherInputs, proposed } from './decision';

const early = '2026-03-01T02:00:00Z';
const late = '2026-03-02T02:00:00Z';

describe('who followed up first', () => {
  it('weighs both, and nobody at all is nobody', () => {
    expect(firstOf({ id: 1, claimant_followed_at: early, holder_followed_at: late })).toBe(
      'claimant',
    );
    expect(firstOf({ id: 1, claimant_followed_at: late, holder_followed_at: early })).toBe(
      'holder',
    );
    expect(firstOf({ id: 1, claimant_followed_at: null, holder_followed_at: late })).toBe('holder');
    expect(firstOf({ id: 1, claimant_followed_at: early, holder_followed_at: null })).toBe(
      'claimant',
    );
    expect(firstOf({ id: 1, claimant_followed_at: early, holder_followed_at: early })).toBeNull();
    expect(firstOf({ id: 1 })).toBeNull();
  });

  it('follows the proposal of the server, and the rule without one', () => {
    expect(proposed({ id: 1, proposal: 'shared' })).toBe('shared');
    expect(proposed({ id: 1, proposal: 'kept', claimant_followed_at: early })).toBe('kept');
    expect(proposed({ id: 1, claimant_followed_at: early })).toBe('transferred');
    expect(proposed({ id: 1 })).toBe('kept');
  });
});

describe('who decides', () => {
  const dispute = { id: 1, claimant_id: 2, holder_id: 3, decider_id: 4 };

  it('is the decider or an administrator, and never the claimant', () => {
    const may = (me: number, isAdmin = false) => isForViewer(dispute, { me, isAdmin });
    expect([2, 3, 4, 5].filter((me) => may(me))).toEqual([4]);
    expect([2, 3, 4, 5].filter((me) => may(me, true))).toEqual([3, 4, 5]);
    expect(isForViewer({ ...dispute, decider_id: null }, { me: 5, isAdmin: false })).toBe(false);
    expect(isForViewer({ ...dispute, decider_id: null }, { me: 5, isAdmin: true })).toBe(true);
  });
});

describe('what the decision sends', () => {
  const inputs: FieldMeta[] = [
    { name: 'decision', type: 'select', label: '' },
    { name: 'share', type: 'percent', label: '' },
    { name: 'note', type: 'long_text', label: '' },
    { name: 'keep_owner', type: 'select', label: '' },
    { name: 'must', type: 'text', label: '', required: true },
  ];

  it('sends a share only where something is shared', () => {
    expect(decisionInput('kept', 30, ' 维持 ', {})).toEqual({ decision: 'kept', note: '维持' });
    expect(decisionInput('shared', 30, '各半', {})).toEqual({
      decision: 'shared',
      note: '各半',
      share: 30,
    });
  });

  it('leaves out what was not filled', () => {
    expect(
      decisionInput('transferred', 50, 'x', { keep_owner: 'read', until: null, text: '' }),
    ).toEqual({ decision: 'transferred', note: 'x', keep_owner: 'read' });
  });

  it('asks for what comes besides when the record moves, and always for what is required', () => {
    const names = (decision: 'kept' | 'transferred' | 'shared') =>
      otherInputs(inputs, decision).map(({ name }) => name);
    expect(names('transferred')).toEqual(['keep_owner', 'must']);
    expect(names('kept')).toEqual(['must']);
    expect(names('shared')).toEqual(['must']);
  });
});
