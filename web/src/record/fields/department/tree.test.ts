import { expect, it } from 'vitest';
import { departmentTree } from './DepartmentInput';

it('puts departments below their parents, in their order, and loses none', () => {
  const rows = [
    { id: 3, name: 'south', parent_id: 1, order: 2 },
    { id: 1, name: 'head office', parent_id: null, order: 0 },
    { id: 2, name: 'north', parent_id: 1, order: 1 },
    { id: 4, name: 'orphan', parent_id: 99, order: 0 },
  ];
  expect(departmentTree(rows)).toEqual([
    {
      value: 1,
      title: 'head office',
      children: [
        { value: 2, title: 'north' },
        { value: 3, title: 'south' },
      ],
    },
    { value: 4, title: 'orphan' },
  ]);
});
