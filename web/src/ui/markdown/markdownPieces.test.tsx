import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import Rendered from './Rendered';

// Pieces of Markdown, HTML and addresses; texts are made of them, the same ones each time.
const pieces = [
  ...[
    '[',
    ']',
    '(',
    ')',
    '![',
    '](',
    '<',
    '>',
    '"',
    "'",
    '`',
    '```',
    '\\',
    '|',
    '-',
    '*',
    '**',
    '_',
    '~~',
    '#',
    '>',
    ':',
    '&',
    ';',
    '^',
    '!',
  ],
  ...[
    '\n',
    '\n\n',
    '    ',
    '\t',
    ' ',
    '\0',
    '\u202e',
    '重点',
    'a',
    '1. ',
    '- ',
    '- [x] ',
    '|-|',
    '[^1]',
    '[^1]: ',
    '[a]: ',
    '&#106;',
    '&colon;',
    '&Tab;',
  ],
  ...[
    '<script>',
    '</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=1>',
    '<a href="javascript:1">',
    '<!--',
    '-->',
    '<style>',
    '<iframe src=',
  ],
  ...[
    'javascript:',
    'JaVaScRiPt:',
    'java\nscript:',
    'data:text/html,',
    'vbscript:',
    'irc://a',
    'file:///etc',
    '//evil.example',
    '/api/v1/session',
    'https://a.example/?b=c',
    'mailto:a@b.example',
  ],
];

function texts(count: number): string[] {
  let state = 20260301;
  const below = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + below(14) }, () => pieces[below(pieces.length)]).join(''),
  );
}

const elements = new Set(
  'div p a strong em del code pre ul ol li blockquote hr br table thead tbody tr th td sup section h2 span'.split(
    ' ',
  ),
);

/** What is wrong with the rendered text, or nothing. */
function wrong(text: string): string | undefined {
  const page = document.createElement('div');
  page.innerHTML = renderToStaticMarkup(<Rendered text={text} />);
  for (const element of page.querySelectorAll('*')) {
    const name = element.tagName.toLowerCase();
    if (!elements.has(name)) return `an element <${name}>`;
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith('on') || attribute === 'src') return `${attribute} of <${name}>`;
      if (attribute === 'href' && !/^(?:https?:\/\/|mailto:|#user-content-)/i.test(value))
        return `a link to ${value}`;
    }
  }
}

const addresses = [
  'javascript:1',
  'JaVaScRiPt:1',
  'data:text/html,1',
  'vbscript:1',
  'irc://a',
  'file:///etc',
  '//evil.example',
  '/api/v1/session',
  'a',
  '',
];

describe('Markdown of any pieces', () => {
  it('makes no link of an address that is neither of the web nor of mail', () => {
    for (const address of addresses)
      for (const text of [
        `[重点](${address})`,
        `<${address}>`,
        `[重点]\n\n[重点]: ${address}`,
        `[重点](<${address}> "a")`,
      ])
        expect(renderToStaticMarkup(<Rendered text={text} />), text).not.toContain('<a ');
  });

  it('makes nothing but text and links to web and mail addresses', () => {
    const found = texts(200).flatMap((text) => {
      const reason = wrong(text);
      return reason === undefined ? [] : [`${reason} from ${JSON.stringify(text)}`];
    });
    expect(found).toEqual([]);
  }, 60_000);
});
