// Traditional to Simplified by character, closed under itself, and the words that keep a character.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export async function load_simplified(packages) {
  const dictionary = async (name) => {
    const file = path.join(packages, 'opencc-js/dist/esm-lib/dict', name + '.js');
    const module = await import(pathToFileURL(file).href);
    return module.default.split('|').map((line) => line.split(' '));
  };
  const map = new Map(await dictionary('TSCharacters'));
  const simplified = new Set((await dictionary('STCharacters')).map(([from]) => from));
  // Shapes of Taiwan and Hong Kong that the main table lacks (衞, 説) go through the standard shape.
  for (const name of ['TWVariantsRev', 'HKVariantsRev']) {
    for (const [from, to] of await dictionary(name)) {
      const target = map.get(to) ?? to;
      if (!map.has(from) && !simplified.has(from) && target !== from) map.set(from, target);
    }
  }
  for (const [from, to] of map) {
    let target = to;
    for (let i = 0; i < 4 && map.has(target) && map.get(target) !== target; i++) target = map.get(target);
    if (target === from) map.delete(from);
    else map.set(from, target);
  }
  const by_character = (text) => [...text].map((c) => map.get(c) ?? c).join('');
  // Only words that protect a character which would otherwise change (乾隆); words that rewrite
  // characters common to both scripts would damage simplified text.
  const exceptions = [];
  for (const [from, to] of await dictionary('TSPhrases')) {
    const source = [...from];
    const target = [...to];
    if (source.length !== target.length || by_character(from) === to) continue;
    const protective = source.every((c, i) => target[i] === (map.get(c) ?? c) || map.has(c));
    const basic = [...source, ...target].every((c) => c.codePointAt(0) <= 0xffff);
    if (protective && basic) exceptions.push([source, target]);
  }
  // The same words half converted (乾县, 康乾盛世 typed in simplified) keep the character too.
  const known = new Set(exceptions.map(([source]) => source.join('')));
  for (const [source, target] of [...exceptions]) {
    const mixed = source.map((c, i) => (target[i] === (map.get(c) ?? c) ? target[i] : c));
    if (!known.has(mixed.join(''))) {
      known.add(mixed.join(''));
      exceptions.push([mixed, target]);
    }
  }
  return { map, exceptions };
}
