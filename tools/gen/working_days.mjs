// Writes working_day_data.cc: the days on which mainland China rests although it is no weekend, and
// works although it is one, as announced year by year.
// Usage: node working_days.mjs PACKAGES_FOLDER OUTPUT_FILE
import fs from 'node:fs';
import path from 'node:path';
import { array, generated_note, write_if_changed } from './lib.mjs';

const [packages, output] = process.argv.slice(2);
const { holidays, workdays } = JSON.parse(
  fs.readFileSync(path.join(packages, 'chinese-days/dist/chinese-days.json'), 'utf8'));

const day_of = (date) => Math.round(Date.parse(date + 'T00:00:00Z') / 86_400_000);
// 0 = Monday; the first day of 1970 was a Thursday.
const is_weekend = (day) => ((day + 3) % 7 + 7) % 7 >= 5;
const ascending = (a, b) => a - b;
const off = Object.keys(holidays).map(day_of).filter((day) => !is_weekend(day)).sort(ascending);
const on = Object.keys(workdays).map(day_of).filter(is_weekend).sort(ascending);

write_if_changed(output, generated_note + '#include <cstddef>\n#include <cstdint>\n\nnamespace kehai::base {\n' +
  array('std::int32_t', 'kDaysOff', off) + array('std::int32_t', 'kDaysOn', on) + '}  // namespace kehai::base\n');
console.log(`working days: ${off.length} off, ${on.length} on`);
