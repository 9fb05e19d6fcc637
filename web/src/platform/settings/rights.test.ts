import { expect, it } from 'vitest';
import { none, withAction, withFieldRule } from './rights';

it('gives the right to read with every other right and takes all with it', () => {
  const some = withAction(none('lead'), 'edit', true);
  expect(some.actions.toSorted()).toEqual(['edit', 'read']);
  expect(withAction(some, 'edit', false).actions).toEqual(['read']);
  expect(withAction(some, 'read', false).actions).toEqual([]);
});

it('gives the right to configure without others', () => {
  expect(withAction(none('tag'), 'configure', true).actions).toEqual(['configure']);
});

it('keeps a rule for a field only when it restricts something', () => {
  const hidden = withFieldRule(none('lead'), { field: 'mobile', rule: 'hidden', mask: false });
  expect(hidden.fields).toEqual([{ field: 'mobile', rule: 'hidden', mask: false }]);
  const masked = withFieldRule(hidden, { field: 'mobile', rule: 'edit', mask: true });
  expect(masked.fields).toEqual([{ field: 'mobile', rule: 'edit', mask: true }]);
  expect(withFieldRule(masked, { field: 'mobile', rule: 'edit', mask: false }).fields).toEqual([]);
});
