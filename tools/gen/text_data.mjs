// Writes text_data.cc: the tables behind folding, pinyin and sort keys (layout: src/base/text/data.h).
// Usage: node text_data.mjs PACKAGES_FOLDER OUTPUT_FILE
import { array, fnv1a, generated_note, write_if_changed } from './lib.mjs';
import { load_pinyin } from './pinyin.mjs';
import { load_simplified } from './simplified.mjs';

const [packages, output] = process.argv.slice(2);
const first = 0x3400;
const last = 0x9fff;
const { map, exceptions } = await load_simplified(packages);
const { readings, phrases, person } = await load_pinyin(packages);

const syllables = [...new Set([...readings.values()].flat().map((r) => r.slice(0, -1)))].sort();
const syllable_ids = new Map(syllables.map((s, i) => [s, i]));
const pack = (reading) => syllable_ids.get(reading.slice(0, -1)) * 8 + Number(reading.at(-1));

// One rank per (reading, character), in the order of sort keys: syllable, tone, code point. Characters
// of the extension planes follow all others of the same reading.
const pairs = [];
for (const [c, list] of readings) for (const r of list) pairs.push({ c, code: c.codePointAt(0), packed: pack(r) });
pairs.sort((a, b) => a.packed - b.packed || a.code - b.code);
const ranks = new Map();
let rank = 0;
for (const pair of pairs) if (pair.code <= 0xffff) ranks.set(pair.c + pair.packed, rank++);
const rare = [];
for (const [c, list] of readings) {
  const code = c.codePointAt(0);
  if (code >= first && code <= last) continue;
  rare.push([code, pack(list[0])]);
}
rare.sort((a, b) => a[0] - b[0]);
// A rare character sorts directly behind the last common one of its reading.
const last_rank = new Map();
for (const pair of pairs) if (pair.code <= 0xffff) last_rank.set(pair.packed, ranks.get(pair.c + pair.packed));
const rare_rank = (packed) => {
  for (let p = packed; p >= 0; p--) if (last_rank.has(p)) return last_rank.get(p);
  return 0;
};
if (rank > 0xd7ff - 0x3000) throw new Error('too many ranks for the range of sort keys');

const starts = [];
const flat = [];
const flat_ranks = [];
for (let code = first; code <= last; code++) {
  starts.push(flat.length);
  const c = String.fromCodePoint(code);
  for (const r of readings.get(c) ?? []) {
    flat.push(pack(r));
    flat_ranks.push(ranks.get(c + pack(r)));
  }
}
starts.push(flat.length);

const simple = new Array(last - first + 1).fill(0);
const rare_simple = [];
for (const [from, to] of map) {
  const [a, b] = [from.codePointAt(0), to.codePointAt(0)];
  if (a >= first && a <= last && b <= 0xffff) simple[a - first] = b;
  else {
    rare_simple.push([a, b]);
    if (a >= first && a <= last) simple[a - first] = 1;
  }
}
rare_simple.sort((a, b) => a[0] - b[0]);

// Words grouped by their first character, longest first: length, the other characters, then one value
// per character.
const flags = new Array(last - first + 1).fill(0);
function word_table(entries, bit) {
  const groups = new Map();
  for (const [characters, values] of entries) {
    const list = groups.get(characters[0]) ?? [];
    list.push([characters, values]);
    groups.set(characters[0], list);
  }
  const index = [];
  const stream = [];
  for (const c of [...groups.keys()].sort((a, b) => a.codePointAt(0) - b.codePointAt(0))) {
    const list = groups.get(c).sort((a, b) => b[0].length - a[0].length);
    flags[c.codePointAt(0) - first] |= bit;
    index.push(`{${c.codePointAt(0)},${list.length},${stream.length}}`);
    for (const [characters, values] of list) {
      stream.push(characters.length, ...characters.slice(1).map((x) => x.codePointAt(0)), ...values);
    }
  }
  return { index, stream };
}
const reading_words = word_table([...phrases].map(([w, i]) => [[...w], i]), 1);
const kept_words = word_table(exceptions.map(([s, t]) => [s, t.map((c) => c.codePointAt(0))]), 2);

let body = array('char', 'kSyllables', syllables.map((s) => literal_cells(s)).flat());
function literal_cells(s) {
  if (s.length > 6) throw new Error('syllable too long: ' + s);
  return [...s.padEnd(7, '\0')].map((c) => c.charCodeAt(0));
}
const u16 = 'std::uint16_t';
body += array(u16, 'kReadingStarts', starts);
body += array(u16, 'kReadings', flat);
body += array(u16, 'kRanks', flat_ranks);
body += array('RareReading', 'kRareReadings', rare.map(([c, p]) => `{${c},${p},${rare_rank(p)}}`));
body += array(u16, 'kSimplified', simple);
body += array('RareSimplified', 'kRareSimplified', rare_simple.map(([a, b]) => `{${a},${b}}`));
body += array('std::uint8_t', 'kWordFlags', flags);
body += array('WordGroup', 'kReadingWordGroups', reading_words.index);
body += array(u16, 'kReadingWords', reading_words.stream);
body += array('WordGroup', 'kKeptWordGroups', kept_words.index);
body += array(u16, 'kKeptWords', kept_words.stream);
body += array('SurnameReading', 'kSurnames',
  [...person].sort((a, b) => a[0].codePointAt(0) - b[0].codePointAt(0))
    .map(([c, i]) => `{${c.codePointAt(0)},${i}}`));

write_if_changed(output, generated_note + '#include "base/text/data.h"\n\nnamespace kehai::text::data {\n' + body +
  `extern const std::uint64_t kTablesVersion;\nconst std::uint64_t kTablesVersion = ${fnv1a(body)}ull;\n` +
  '}  // namespace kehai::text::data\n');
console.log(`text_data: ${readings.size} characters, ${rank} ranks, ${phrases.size} words, ${map.size} ` +
  `traditional characters, ${exceptions.length} kept words, ${person.size} surnames`);
