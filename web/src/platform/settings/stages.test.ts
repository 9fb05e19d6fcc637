import { describe, expect, it } from 'vitest';
import { faultsOf, moveStage, type StageDraft, stepsOf } from './stages';

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
  };
}
const ends = [stage(91, 100, 'won'), stage(92, 0, 'lost')];
const before = [stage(1, 10), stage(2, 30), stage(3, 70), ...ends];

/** Does what the server does with every step, and refuses what the server refuses. */
function replay(from: StageDraft[], to: StageDraft[]): Record<string, number>[] {
  const rows = from.map((each, at) => ({ ...each, position: at + 1 }));
  for (const { id, change } of stepsOf(from, to)) {
    let row = rows.find((each) => each.id === id);
    if (row) Object.assign(row, change);
    else {
      row = { ...(change as unknown as StageDraft), id, position: change.position as number };
      rows.push(row);
    }
    if (!('probability' in change) || row.kind !== 'open') continue;
    for (const other of rows) {
      if (other.kind !== 'open' || other.id === id) continue;
      const earlier = other.position < row.position;
      const wrong = earlier
        ? other.probability >= row.probability
        : other.probability <= row.probability;
      if (wrong) throw new Error(`stage ${id}: the chance does not rise beside ${other.id}`);
    }
  }
  return rows
    .toSorted((a, b) => a.position - b.position)
    .map(({ id, probability }) => ({ id, probability }));
}

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
  it('reaches every order by steps that the server accepts', () => {
    for (const from of [0, 1, 2]) {
      for (const to of [0, 1, 2]) {
        const after = moveStage(before, from, to);
        expect(replay(before, after)).toEqual(
          after.map(({ id, probability }) => ({ id, probability })),
        );
      }
    }
  });

  it('raises and lowers chances, and adds a stage in between', () => {
    const after = [stage(1, 40), stage(-1, 50), stage(2, 60), stage(3, 100), ...ends];
    expect(replay(before, after)).toEqual(
      after.map(({ id, probability }) => ({ id, probability })),
    );
  });

  it('finds a way when the chances are close to their limit', () => {
    const tight = [stage(1, 1), stage(2, 99), stage(3, 100), ...ends];
    const after = moveStage(moveStage(tight, 2, 0), 2, 1);
    expect(replay(tight, after)).toEqual(after.map(({ id, probability }) => ({ id, probability })));
  });

  it('sends only what changed when no chance did', () => {
    const after = before.map((each) => (each.id === 2 ? { ...each, name: 'renamed' } : each));
    expect(stepsOf(before, after)).toEqual([{ id: 2, change: { name: 'renamed' } }]);
    expect(stepsOf(before, before)).toEqual([]);
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
