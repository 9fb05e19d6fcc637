import { expect, it } from 'vitest';
import type { Page } from '@/api/types';
import { collectRecords } from './useEverything';

const page = (from: number, to: number, next?: string): Page => ({
  value: Array.from({ length: to - from }, (_, at) => ({ id: from + at })),
  '@odata.nextLink': next,
});
const pages: Record<string, Page> = { a: page(1, 4, 'b'), b: page(4, 7, 'c'), c: page(7, 9) };
const collect = (most: number, counts: number[] = []) =>
  collectRecords(
    'a',
    most,
    (count) => counts.push(count),
    async (path) => pages[path],
  );

it('brings everything, page after page', async () => {
  const counts: number[] = [];
  const { records, isCut } = await collect(100, counts);
  expect(records.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(isCut).toBe(false);
  expect(counts).toEqual([3, 6, 8]);
});

it('ends at the bound and says so', async () => {
  const { records, isCut } = await collect(5);
  expect(records).toHaveLength(5);
  expect(isCut).toBe(true);
  expect((await collect(8)).isCut).toBe(false);
  expect((await collect(6)).isCut).toBe(true);
});
