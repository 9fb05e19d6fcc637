import { describe, expect, it } from 'vitest';
import { faultsOf, moveStage, planOf, type StageDraft, settled } from './stages';

function stage(id: number, probability: number, kind = 'open'): StageDraft {
  return {
    id,
    name: `stage ${id}`,
    kind,
    probability,
    color: null,
    rotting_days: 0,
    required_fields: [],
    key_activities: [],
    is_optional: false,
  };
}
const ends = [stage(91, 100, 'won'), stage(92, 0, 'lost')];
const before = [stage(1, 10), stage(2, 30), stage(3, 70), ...ends];

describe('moving a stage', () => {
  it('leaves the chances at their places', () => {
    const after = moveStage(before, 2, 0);
    expect(after.slice(0, 3).map(({ id, probability }) => [id, probability])).toEqual([
      [3, 10],
      [1, 30],
      [2, 70],
    ]);
    expect(faultsOf(after)).toEqual([]);
  });
});

describe('saving stages', () => {
  const ids = (stages: readonly StageDraft[]) => stages.map(({ id }) => id);

  it('sends only what changed', () => {
    const after = before.map((each) => (each.id === 2 ? { ...each, name: 'renamed ' } : each));
    const plan = planOf(before, after);
    expect(plan.changed.map(({ stage: { id }, change }) => [id, change])).toEqual([
      [2, { name: 'renamed' }],
    ]);
    expect(plan.arranged).toBe(false);
    expect(planOf(before, before)).toMatchObject({ removed: [], changed: [], added: [] });
  });

  it('arranges anew when the order, the chances or the stages change', () => {
    expect(planOf(before, moveStage(before, 2, 0))).toMatchObject({ changed: [], arranged: true });
    const raised = before.map((each) => (each.id === 3 ? { ...each, probability: 80 } : each));
    expect(planOf(before, raised)).toMatchObject({ changed: [], arranged: true });
    const plan = planOf(before, [before[0], stage(-1, 50), ...before.slice(2)]);
    expect([ids(plan.removed), ids(plan.added), plan.arranged]).toEqual([[2], [-1], true]);
  });
});

describe('replacing stages', () => {
  it('follows a replacement that is itself removed', () => {
    expect([
      ...settled(
        new Map([
          [1, 2],
          [2, 3],
          [4, 3],
        ]),
      ),
    ]).toEqual([
      [1, 3],
      [2, 3],
      [4, 3],
    ]);
  });
});

describe('faults', () => {
  it('names what is missing and what does not rise', () => {
    expect(faultsOf([stage(1, 50), stage(2, 50)]).map(({ fault }) => fault)).toEqual([
      'not_rising',
      'no_won',
      'no_lost',
    ]);
    expect(faultsOf([{ ...stage(1, 5), name: ' ' }, ...ends])).toEqual([
      { fault: 'no_name', id: 1 },
    ]);
  });
});
