import { expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import type { ChangeAnswer } from '@/api/records';
import { lead } from '../../../test/objects';
import { PasteRun, type PasteWork } from './PasteRun';
import { placeBlock } from './usePaste';

const field = (name: string) => {
  const found = lead.fields.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};
const line = (id: number, cells: Record<string, string>) => ({
  record: { id, name: `old ${id}`, company: 'old' },
  row: id,
  title: `record ${id}`,
  cells: Object.entries(cells).map(([name, text]) => ({ field: field(name), text })),
});
const written = ({ id, change }: { id: number; change: object }): ChangeAnswer => ({
  id,
  record: { id, ...change },
});
const refusal = (id: number, status: number, fields: Record<string, string>): ChangeAnswer => ({
  id,
  problem: new Problem(
    status,
    {
      code: 'x',
      title: 'refused as a whole',
      fields: Object.entries(fields).map(([name, message]) => ({ field: name, message })),
    },
    '',
  ),
});
const begin = (work: Partial<PasteWork> & Pick<PasteWork, 'lines' | 'send'>) =>
  new PasteRun({
    outside: [],
    read: async (text) =>
      text === '?' ? { ok: false, reason: 'unread' } : { ok: true, value: text },
    onWritten: () => {},
    reasonOf: (problem) => problem.message,
    stopped: 'stopped',
    ...work,
  });
const told = (run: PasteRun) =>
  run.state().refused.map(({ row, column, value, reason }) => [row, column, value, reason]);

it('counts only what was written and names every other cell', async () => {
  const send = vi.fn<PasteWork['send']>(async (changes) =>
    changes.map((each) => (each.id === 2 ? refusal(2, 412, {}) : written(each))),
  );
  const run = begin({
    lines: [line(1, { company: 'a', name: '?' }), line(2, { company: 'b', name: 'c' })],
    outside: [{ row: 3, title: '', column: 'company', value: 'd', reason: 'outside' }],
    send,
  });
  await run.run();
  expect(run.state().written).toBe(1);
  expect(told(run)).toEqual([
    [1, 'name', '?', 'unread'],
    [2, 'company', 'b', 'refused as a whole'],
    [2, 'name', 'c', 'refused as a whole'],
    [3, 'company', 'd', 'outside'],
  ]);
});

it('writes the other cells of a record when some are refused', async () => {
  const send = vi.fn<PasteWork['send']>(async (changes) =>
    changes.map((each) =>
      'name' in each.change ? refusal(each.id, 422, { name: 'too long' }) : written(each),
    ),
  );
  const run = begin({ lines: [line(1, { company: 'a', name: 'b' })], send });
  await run.run();
  expect(run.state().written).toBe(1);
  expect(told(run)).toEqual([[1, 'name', 'b', 'too long']]);
});

it('sends a few rows at a time and ends when there is no answer', async () => {
  const lines = Array.from({ length: 60 }, (_, at) => line(at + 1, { company: 'a' }));
  let open = 0;
  let most = 0;
  const send = vi.fn<PasteWork['send']>(async (changes) => {
    most = Math.max(most, ++open);
    await Promise.resolve();
    open--;
    if (send.mock.calls.length === 2) throw new Error('offline');
    return changes.map(written);
  });
  const run = begin({ lines, send });
  await run.run();
  expect(most).toBe(1);
  expect(send).toHaveBeenCalledTimes(2);
  expect(run.state().written).toBe(25);
  expect(run.state().refused).toHaveLength(35);
  expect(new Set(run.state().refused.map(({ reason }) => reason))).toEqual(new Set(['offline']));
});

it('takes the whole paste back, and only what was written', async () => {
  const send = vi.fn<PasteWork['send']>(async (changes) =>
    changes.map((each) => (each.id === 2 ? refusal(2, 409, {}) : written(each))),
  );
  const run = begin({
    lines: [line(1, { company: 'a', name: 'b' }), line(2, { company: 'c' })],
    send,
  });
  await run.run();
  send.mockClear();
  expect(await run.undo()).toEqual({ failed: 0, reason: '' });
  expect(send.mock.calls).toEqual([[[{ id: 1, change: { company: 'old', name: 'old 1' } }]]]);
});

it('says what lies beyond the last row and the last column', () => {
  const { lines, outside } = placeBlock(
    {
      block: [
        ['a', 'b', 'c'],
        ['d', '', ''],
      ],
      rows: [{ id: 7 }],
      columns: ['company', 'name'],
      firstRow: 9,
    },
    (name) => lead.fields.find((each) => each.name === name),
    {
      title: ({ id }) => `#${id}`,
      beyondRows: 'rows',
      beyondColumns: 'columns',
      column: (number) => `+${number}`,
    },
  );
  expect(lines.map(({ row, cells }) => [row, cells.map(({ text }) => text)])).toEqual([
    [9, ['a', 'b']],
  ]);
  expect(outside).toEqual([
    { row: 9, title: '#7', column: '+3', value: 'c', reason: 'columns' },
    { row: 10, title: '', column: 'company', value: 'd', reason: 'rows' },
  ]);
});
