import { expect, it } from 'vitest';
import { commandOf } from './keys';
import { headRow } from './useActiveCell';

const place = { row: 3, column: 1, rows: 10, columns: 4, page: 5 };
const press = (key: string, more: { shiftKey?: boolean; ctrlKey?: boolean } = {}, row = 3) =>
  commandOf(
    { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more },
    { ...place, row },
  );

it('chooses a row, and with Shift the rows up to it', () => {
  expect(press('x')).toEqual({ do: 'select', range: false });
  expect(press('X', { shiftKey: true })).toEqual({ do: 'select', range: true });
  expect(press(' ', { shiftKey: true })).toEqual({ do: 'select', range: true });
});

it('reads letters with the caps lock on', () => {
  expect(press('J')).toEqual(press('j'));
  expect(press('X')).toEqual({ do: 'select', range: false });
  expect(press('A', { ctrlKey: true })).toEqual({ do: 'select_all' });
});

it('sorts by the active column and changes its width', () => {
  expect(press('s')).toEqual({ do: 'sort' });
  expect(press(']')).toEqual({ do: 'resize', direction: 1 });
  expect(press('【')).toEqual({ do: 'resize', direction: -1 });
});

it('walks up into the headings, where Enter and Space sort', () => {
  expect(press('ArrowUp', {}, 0)).toMatchObject({ do: 'go', row: headRow });
  expect(press('k', {}, 0)).toMatchObject({ do: 'go', row: 0 });
  expect(press('Enter', {}, headRow)).toEqual({ do: 'sort' });
  expect(press(' ', {}, headRow)).toEqual({ do: 'sort' });
  expect(press('e', {}, headRow)).toBeNull();
});

it('leaves other keys alone', () => {
  expect(press('q')).toBeNull();
  expect(press('f', { ctrlKey: true })).toBeNull();
});
