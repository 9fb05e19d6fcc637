import { expect, it } from 'vitest';
import { csvOf } from './failureList';

it('makes a file that spreadsheets read as it was meant', () => {
  expect(
    csvOf([
      ['线索', '原因'],
      ['一,二', '他说"不"'],
      ['=1+1', '-'],
    ]),
  ).toBe('\ufeff线索,原因\r\n"一,二","他说""不"""\r\n\'=1+1,\'-\r\n');
});
