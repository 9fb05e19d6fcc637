import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { looksMarked } from './looksMarked';
import Rendered from './Rendered';

const html = (text: string) => render(<Rendered text={text} />).container.innerHTML;

describe('Markdown of notes', () => {
  it('shows emphasis, lists, tables and line breaks', () => {
    expect(html('**重点**：价格\n交期')).toContain('<strong>重点</strong>：价格<br>');
    expect(html('- 样品\n- 合同')).toContain('<li>样品</li>');
    expect(html('|型号|数量|\n|-|-|\n|A|2|')).toContain('<td>2</td>');
    expect(html('# 结论')).toContain('<p class="markdown-heading">结论</p>');
  });

  it('runs nothing and fetches nothing', () => {
    expect(html('<script>alert(1)</script>')).not.toContain('<script');
    expect(html('<img src=x onerror=alert(1)>')).not.toContain('<img');
    expect(html('![](https://evil.example/pixel.png)')).not.toContain('<img');
    expect(html('[点我](javascript:alert(1))')).not.toContain('javascript:');
    expect(html('[点我](data:text/html;base64,PHNjcmlwdD4=)')).not.toContain('data:');
    const link = html('[官网](https://example.com)');
    expect(link).toContain('rel="noopener noreferrer nofollow"');
    expect(link).toContain('target="_blank"');
  });

  it('leaves plain notes alone', () => {
    expect(looksMarked('客户要求下周三前报价，预算 5 万。\n联系人王经理')).toBe(false);
    expect(looksMarked('**重点**')).toBe(true);
    expect(looksMarked('1. 报价\n2. 寄样')).toBe(true);
    expect(looksMarked('见 https://example.com')).toBe(true);
  });
});
