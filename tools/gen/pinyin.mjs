// Readings of characters and of words, from pinyin-pro and pinyin_words.mjs.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { preferred, surnames, words } from './pinyin_words.mjs';

const syllable_of = (reading) => reading.replace(/[0-5]$/, '');

export async function load_pinyin(packages) {
  const base = path.join(packages, 'pinyin-pro/dist/esm');
  const load = (file) => import(pathToFileURL(path.join(base, file)).href);
  const { pinyin } = await load('index.mjs');
  const options = { multiple: true, toneType: 'num', v: true, type: 'array', nonZh: 'removed' };

  // character → ["zhong4", "chong2"], most common first.
  const readings = new Map();
  const add = (code) => {
    const c = String.fromCodePoint(code);
    let list = pinyin(c, options).map((r) => r.replace(/ü/g, 'v').replace(/0$/, '5'));
    list = [...new Set(list)].filter((r) => /^[a-z]+[1-5]$/.test(r) && !/^(n|ng|m|hm|hng|e?h)[1-5]$/.test(r));
    const first = preferred[c];
    if (first) list.sort((a, b) => (syllable_of(b) === first) - (syllable_of(a) === first));
    if (list.length > 0) readings.set(c, list);
  };
  for (let code = 0x3400; code <= 0x9fff; code++) add(code);
  for (let code = 0x20000; code <= 0x323af; code++) add(code);
  add(0x3007);  // 〇

  const phrases = new Map();  // word → index of each character's reading
  const propose = (word, syllables) => {
    const characters = [...word];
    if (characters.length < 2 || characters.length !== syllables.length) return false;
    if (characters.some((c) => c.codePointAt(0) > 0x9fff || c.codePointAt(0) < 0x3400)) return false;
    const indexes = characters.map((c, i) => {
      const list = readings.get(c) ?? [];
      const exact = list.indexOf(syllables[i]);
      if (exact >= 0) return exact;
      return list.findIndex((r) => syllable_of(r) === syllable_of(syllables[i]));
    });
    if (indexes.includes(-1)) return false;
    phrases.set(word, indexes);
    return true;
  };
  for (const n of [2, 3, 4, 5]) {
    const patterns = (await load(`data/dict${n}.mjs`))[`Pattern${n}`];
    for (const { zh } of patterns) {
      propose(zh, pinyin(zh, { toneType: 'num', v: true, type: 'array' }).map((r) => r.replace(/0$/, '5')));
    }
  }
  const failed = [];
  for (const line of words.split(/[|\n]/).filter(Boolean)) {
    const [word, ...syllables] = line.trim().split(' ');
    if (!propose(word, syllables)) failed.push(line);
  }
  if (failed.length > 0) throw new Error('words whose readings are unknown: ' + failed.join('; '));
  // A word that only repeats what its characters say alone is needed only to protect itself from a
  // word inside it.
  const telling = new Set([...phrases].filter(([, indexes]) => indexes.some((i) => i > 0)).map(([word]) => word));
  const contains_telling = (characters) => {
    for (let from = 0; from < characters.length; from++) {
      for (let to = from + 2; to <= characters.length; to++) {
        if (telling.has(characters.slice(from, to).join(''))) return true;
      }
    }
    return false;
  };
  for (const word of [...phrases.keys()]) if (!contains_telling([...word])) phrases.delete(word);

  const person = new Map();  // surname → index of its reading
  for (const entry of surnames.split(' ')) {
    const [c, syllable] = [[...entry][0], entry.slice([...entry][0].length)];
    const list = readings.get(c) ?? [];
    let index = list.findIndex((r) => syllable_of(r) === syllable);
    if (index < 0) {
      readings.set(c, [...list, syllable + '1']);
      index = list.length;
    }
    person.set(c, index);
  }
  const surname_table = (await load('data/surname.mjs')).PatternSurname;
  for (const { zh, pinyin: spelled } of surname_table) {
    if ([...zh].length !== 1 || person.has(zh)) continue;
    const plain = spelled.normalize('NFD').replace(/u\u0308/g, 'v').replace(/[\u0300-\u036f]/g, '');
    const index = (readings.get(zh) ?? []).findIndex((r) => syllable_of(r) === plain);
    if (index > 0) person.set(zh, index);
  }
  for (const [c, index] of [...person]) if (index === 0) person.delete(c);
  return { readings, phrases, person };
}
