import { describe, expect, it } from 'vitest';
import type { BulkResult } from '@/api/types';
import type { Reasons } from '../why';
import { BulkRun, untold } from './BulkRun';

interface Sent {
  ids: number[];
  reasons: Reasons;
  key: string;
}

/** A run over the records 1 to `count`, whose requests `answer` answers. */
function runOf(count: number, answer: (sent: Sent, at: number) => BulkResult) {
  const sent: Sent[] = [];
  const changed: number[] = [];
  const run = new BulkRun({
    ids: Array.from({ length: count }, (_, at) => at + 1),
    slice: 2,
    send: async (ids, reasons, key) => {
      sent.push({ ids, reasons, key });
      return answer({ ids, reasons, key }, sent.length);
    },
    onChanged: (ids) => changed.push(...ids),
  });
  return { run, sent, changed };
}

const all = ({ ids }: Sent): BulkResult => ({ ok: ids, failed: [] });
const refuse = (id: number, code: string) => ({ id, code, message: code });

describe('an action on many records', () => {
  it('goes slice by slice and tells how far it is', async () => {
    const { run, sent, changed } = runOf(5, all);
    const seen: number[] = [];
    run.subscribe(() => seen.push(run.state().done));
    await run.begin();
    expect(sent.map(({ ids }) => ids)).toEqual([[1, 2]]);
    expect(run.hasMore).toBe(true);
    await run.goOn();
    expect(sent.map(({ ids }) => ids)).toEqual([[1, 2], [3, 4], [5]]);
    expect(seen.filter((done, at) => done !== seen[at - 1])).toEqual([2, 4, 5]);
    expect(run.state()).toMatchObject({ ok: [1, 2, 3, 4, 5], failed: [], isRunning: false });
    expect(changed).toEqual([1, 2, 3, 4, 5]);
  });

  it('has done nothing when the first slice is refused as a whole', async () => {
    const { run } = runOf(3, () => {
      throw new Error('422');
    });
    await expect(run.begin()).rejects.toThrow('422');
    expect(run.state()).toMatchObject({ ok: [], failed: [], done: 0 });
  });

  it('stops between two slices; what is left can be done later', async () => {
    const { run, sent } = runOf(5, all);
    await run.begin();
    const rest = run.goOn();
    run.stop();
    await rest;
    expect(sent).toHaveLength(2);
    expect(run.state().ok).toEqual([1, 2, 3, 4]);
    expect(run.state().failed).toEqual([{ id: 5, code: untold, message: '' }]);
    await run.retry();
    expect(run.state()).toMatchObject({ ok: [1, 2, 3, 4, 5], failed: [], total: 1, done: 1 });
  });

  it('asks once more with the same key what had no answer', async () => {
    const { run, sent } = runOf(6, (request, at) => {
      if (at === 2) throw new Error('offline');
      return all(request);
    });
    await run.begin();
    await run.goOn();
    expect(run.state().failed.map(({ id, message }) => [id, message])).toEqual([
      [3, 'offline'],
      [4, 'offline'],
      [5, ''],
      [6, ''],
    ]);
    await run.retry();
    expect(run.state()).toMatchObject({ ok: [1, 2, 3, 4, 5, 6], failed: [] });
    expect(sent[2]).toEqual(sent[1]);
  });

  it('gives a reason to those that want one, and to nobody else', async () => {
    const { run, sent } = runOf(4, ({ ids, reasons }) => {
      const failed = ids.flatMap((id) => {
        if (id === 1) return [refuse(id, 'record.not_found')];
        const reason_field = id > 2 ? 'duplicate_reason' : 'capacity_reason';
        if (id > 1 && !reasons[reason_field])
          return [{ ...refuse(id, 'needs_reason'), reason_field }];
        return id === 4 ? [{ ...refuse(id, 'still_refused'), reason_field }] : [];
      });
      return { ok: ids.filter((id) => !failed.some((each) => each.id === id)), failed };
    });
    await run.begin();
    await run.goOn();
    expect(run.wantReason.map(({ id }) => id)).toEqual([2, 3, 4]);
    await run.againWith('另一家');
    expect(sent.slice(2).map(({ ids, reasons }) => [ids, reasons])).toEqual([
      [[2], { capacity_reason: '另一家' }],
      [[3, 4], { duplicate_reason: '另一家' }],
    ]);
    expect(run.state().ok).toEqual([2, 3]);
    expect(run.state().failed.map(({ code }) => code)).toEqual([
      'record.not_found',
      'still_refused',
    ]);
    expect(run.wantReason).toEqual([]);
  });
});
