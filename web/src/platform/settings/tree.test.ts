import { expect, it } from 'vitest';
import { treeOf } from './SettingsTree';

it('counts people once, however often a branch names them, and loses no row', () => {
  const people: Record<number, number[]> = { 1: [10], 2: [11, 12], 3: [12, 10], 4: [] };
  const rows = [
    { id: 3, name: 'hangzhou', parent_id: 2, order: 0 },
    { id: 1, name: 'east', parent_id: null, order: 5 },
    { id: 2, name: 'zhejiang', parent_id: 1, order: 0 },
    { id: 4, name: 'orphan', parent_id: 99, order: 1 },
  ];
  const tree = treeOf(rows, (row) => people[row.id]);
  expect(tree.map(({ row }) => row.name)).toEqual(['orphan', 'east']);
  expect([...tree[1].people].toSorted()).toEqual([10, 11, 12]);
  expect(tree[1].children[0].children[0].row.name).toBe('hangzhou');
  expect(tree[0].people.size).toBe(0);
});
