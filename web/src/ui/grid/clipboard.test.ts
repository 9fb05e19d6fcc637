import { expect, it } from 'vitest';
import { formatBlock, parseBlock } from './clipboard';

it('reads a block as a spreadsheet writes it', () => {
  expect(parseBlock('a\tb\r\nc\td\r\n')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(parseBlock('"一行\n两行"\t"say ""hi"""')).toEqual([['一行\n两行', 'say "hi"']]);
  expect(parseBlock('a\t\n')).toEqual([['a', '']]);
  expect(parseBlock('')).toEqual([]);
});

it('reads back what it wrote', () => {
  const block = [
    ['杭州', 'a\tb'],
    ['', 'line\nbreak'],
    ['"quoted"', 'plain'],
  ];
  expect(parseBlock(formatBlock(block))).toEqual(block);
});
