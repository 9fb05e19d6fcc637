import { expect, it } from 'vitest';
import { keepOrder } from './steadyRows';

const row = (id: number, version = 1) => ({ id, version });

it('keeps the places of rows while their content changes', () => {
  expect(keepOrder([row(1), row(2), row(3)], [row(3, 2), row(1), row(2)])).toEqual([
    row(1),
    row(2),
    row(3, 2),
  ]);
});

it('keeps what has gone and puts what has come to the end', () => {
  expect(keepOrder([row(1), row(2)], [row(9), row(1, 2)])).toEqual([row(1, 2), row(2), row(9)]);
});
