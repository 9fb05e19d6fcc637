// Files to import. Real ones come from the data folder beside the checkout, which is not always there.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './program.mjs';

export const dataFolder = [
  process.env.KEHAI_TEST_DATA,
  join(root, '../shared/data'),
  join(root, '../../shared/data'),
].find((path) => path && existsSync(path));

let made = 0;
/** Leads as a sales person keeps them in a spreadsheet, with a wrong number and a repeated line. */
export function leadFile() {
  const folder = mkdtempSync(join(tmpdir(), 'kehai-e2e-file-'));
  const path = join(folder, '华东展会线索.csv');
  const number = ++made;
  const rows = [['公司名称', '联系人', '手机号', '线索来源', '备注']];
  const names = ['青禾', '云启', '恒远', '锐捷', '拓科', '瑞晟', '佳宏', '博弈', '朗月', '星耀'];
  const trades = ['智能装备', '供应链管理', '环保科技', '医疗器械', '食品'];
  for (let at = 0; at < 40; at++) {
    rows.push([
      `宁波${names[at % 10]}${trades[at % 5]}${number}${String.fromCodePoint(0x4e00 + at * 7)}有限公司`,
      ['刘洋', '陈静', '王磊', '赵敏', '孙悦'][at % 5],
      `139${String(10_000_000 + number * 1000 + at)}`,
      '展会',
      at % 4 === 0 ? '对新产线感兴趣，约下周电话' : '',
    ]);
  }
  rows[7][2] = '1380000';
  rows.push(rows[3]);
  writeFileSync(path, `\ufeff${rows.map((row) => row.join(',')).join('\r\n')}\r\n`);
  return path;
}

/** Another program's export: a title and a blank line above the headings, in the encoding of Chinese Windows. */
export function foreignLeadFile() {
  const folder = mkdtempSync(join(tmpdir(), 'kehai-e2e-file-'));
  const path = join(folder, '导出.csv');
  const number = ++made;
  const rows = Array.from({ length: 5 }, (_, at) => `绍兴表头${number}${String.fromCodePoint(0x4e10 + at * 9)}有限公司,1385550${number}${100 + at}`);
  const text = ['客户管家,导出', '公司名称,手机号', ...rows, ''].join('\r\n');
  writeFileSync(path, execFileSync('iconv', ['-f', 'UTF-8', '-t', 'GB18030'], { input: text }));
  return path;
}
