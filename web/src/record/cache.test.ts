import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import type { BoardAnswer, BoardColumn, RecordData } from '@/api/types';
import { patchCaches } from './cache';

const column = (id: number, cards: number[], more: Partial<BoardColumn> = {}): BoardColumn => ({
  stage: { id, name: `stage ${id}`, kind: 'open', probability: 10, color: 'blue' },
  count: 40,
  amount: 1000,
  other_amounts: [],
  cards: cards.map((each): RecordData => ({ id: each, stage_id: id, amount: 5 })),
  next: null,
  ...more,
});
const part = (...columns: BoardColumn[]): BoardAnswer => ({
  pipeline: { id: 1, name: 'sales' },
  columns,
});
const ids = (board: BoardAnswer | undefined) =>
  board?.columns.map(({ cards }) => cards.map(({ id }) => id));

it('moves a card that only a further page of its column holds', () => {
  const client = new QueryClient();
  client.setQueryData(['board', 'all'], part(column(7, [1, 2], { next: 'x' }), column(8, [3])));
  client.setQueryData(['board', 'all', 7, 'x', 1], part(column(7, [4, 5])));
  client.setQueryData(['board', 'mine'], part(column(7, [1]), column(8, [])));
  patchCaches(client, 'opportunities', 5, { stage_id: 8 });
  const first = client.getQueryData<BoardAnswer>(['board', 'all']);
  expect(ids(first)).toEqual([
    [1, 2],
    [5, 3],
  ]);
  expect(first?.columns.map(({ count, amount }) => [count, amount])).toEqual([
    [39, 995],
    [41, 1005],
  ]);
  expect(ids(client.getQueryData(['board', 'all', 7, 'x', 1]))).toEqual([[4]]);
  // A board that does not show the card is left alone.
  expect(ids(client.getQueryData(['board', 'mine']))).toEqual([[1], []]);
});

it('changes a card where it stands', () => {
  const client = new QueryClient();
  client.setQueryData(['board', 'all'], part(column(7, [1, 2]), column(8, [3])));
  patchCaches(client, 'opportunities', 2, { amount: 9 });
  const [seven] = client.getQueryData<BoardAnswer>(['board', 'all'])?.columns ?? [];
  expect(seven.cards.map(({ amount }) => amount)).toEqual([5, 9]);
  expect(seven.count).toBe(40);
});
