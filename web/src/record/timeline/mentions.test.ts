import { describe, expect, it } from 'vitest';
import { mentionAt, stillMentioned, withMention } from './mentions';

describe('mentions', () => {
  const look = (text: string) => mentionAt(text, text.length);

  it('looks for a name behind an @, also in the middle of Chinese text', () => {
    expect(look('请@李')).toEqual({ at: 1, query: '李' });
    expect(look('@')).toEqual({ at: 0, query: '' });
    expect(look('请 ＠li')).toEqual({ at: 2, query: 'li' });
    expect(mentionAt('请@李明看看', 3)).toEqual({ at: 1, query: '李' });
  });

  it('ends at a space and does not begin inside a mail address', () => {
    expect(look('请@李明 看看')).toBeNull();
    expect(look('写给 li.ming@ex')).toBeNull();
    expect(look('没有')).toBeNull();
    expect(look(`@${'长'.repeat(30)}`)).toBeNull();
  });

  it('puts the name in place of what was typed', () => {
    expect(withMention('请@李看看', 1, 3, '李明')).toEqual({ text: '请@李明 看看', caret: 5 });
    expect(withMention('请@li 看看', 1, 4, '李明')).toEqual({ text: '请@李明 看看', caret: 4 });
  });

  it('forgets people whose names were deleted again', () => {
    const ming = { id: 1, name: '李明' };
    const longer = { id: 2, name: '李明明' };
    const other = { id: 3, name: '李明' };
    expect(stillMentioned('请@李明 看看', [ming, longer])).toEqual([ming]);
    expect(stillMentioned('请@李明明 看看', [ming, longer])).toEqual([longer]);
    expect(stillMentioned('@李明 @李明明', [ming, longer, ming])).toEqual([ming, longer]);
    expect(stillMentioned('@李明 和 @李明', [ming, other])).toEqual([ming, other]);
    expect(stillMentioned('没有人', [ming])).toEqual([]);
  });
});
