import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en';
import zhCN from './zh-CN';
import zhTW from './zh-TW';

type Node = { [key: string]: Node | string };

function flatten(node: unknown, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(node as Node)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'string') found.set(name, value);
    else for (const [inner, text] of flatten(value, name)) found.set(inner, text);
  }
  return found;
}

const languages = { 'zh-CN': flatten(zhCN), 'zh-TW': flatten(zhTW), en: flatten(en) };
const source = languages['zh-CN'];
const notSingular = (key: string) => !key.endsWith('_one');

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'locales' ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)
      ? [readFileSync(path, 'utf8')]
      : [];
  });
}

/** The keys that the code names in full, and the beginnings of those that it puts together. */
function usage() {
  const areas = new Set([...source.keys()].map((key) => key.split('.')[0]));
  const exact = new Set<string>();
  const prefixes = new Set<string>();
  for (const text of sources(join(import.meta.dirname, '..'))) {
    for (const match of text.matchAll(/['"]([a-z_]+(?:\.[A-Za-z_]+)+)['"]/g)) {
      if (areas.has(match[1].split('.')[0])) exact.add(match[1]);
    }
    for (const match of text.matchAll(/\bt\(\s*`([a-z_]+(?:\.[a-z_]+)*[._])\$\{/g)) {
      prefixes.add(match[1]);
    }
  }
  return { exact, prefixes };
}

describe('texts', () => {
  it('has the same keys in every language', () => {
    for (const texts of Object.values(languages)) {
      expect([...texts.keys()].filter(notSingular).sort()).toEqual([...source.keys()].sort());
    }
    // Only English tells one from many, always beside the text for many.
    const singular = [...languages.en.keys()].filter((key) => !notSingular(key));
    expect(singular.filter((key) => !source.has(key.replace(/_one$/, '')))).toEqual([]);
  });

  it('leaves nothing empty', () => {
    for (const texts of Object.values(languages)) {
      expect([...texts].filter(([, text]) => text === '').map(([key]) => key)).toEqual([]);
    }
  });

  it('uses the same placeholders in every language', () => {
    const holes = (text: string | undefined): string[] =>
      [...(text?.matchAll(/\{\{(\w+)(?:, lower)?\}\}/g) ?? [])].map((match) => match[1]).sort();
    // Singular wording may leave out a number; only the three main languages are compared.
    const different = [...source].filter(
      ([key, text]) =>
        String(holes(text)) !== String(holes(languages['zh-TW'].get(key))) ||
        holes(languages.en.get(key)).some((hole) => !holes(text).includes(hole)),
    );
    expect(different.map(([key]) => key)).toEqual([]);
  });

  it('has a text for every key in the code, and code for every text', () => {
    const { exact, prefixes } = usage();
    const dynamic = (key: string) => [...prefixes].some((prefix) => key.startsWith(prefix));
    const missing = [...exact].filter(
      (key) => !source.has(key) && !/^(http|setup|duplicate|field)\./.test(key),
    );
    expect(missing).toEqual([]);
    expect([...source.keys()].filter((key) => !exact.has(key) && !dynamic(key))).toEqual([]);
  });

  it('writes zh-TW in Traditional characters', () => {
    const simplified = /[们这为个来时对会后发学经过进动电应关实现长产业务员图书开门车东]/;
    const wrong = [...languages['zh-TW']].filter(([, text]) => simplified.test(text));
    expect(wrong).toEqual([]);
  });
});
