// The texts of the web pages, so that a journey finds what it looks for in every language.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './program.mjs';

/** `t('columns.title')` in a language; {{holes}} are filled from `values`. */
export function wordsOf(language) {
  const folder = join(root, 'web/src/locales', language);
  const texts = Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
  return (key, values = {}) => {
    const text = key.split('.').reduce((part, name) => part?.[name], texts);
    if (typeof text !== 'string') throw new Error(`no text ${key} in ${language}`);
    return text.replace(/\{\{(\w+)[^}]*\}\}/g, (_, name) => String(values[name] ?? ''));
  };
}
