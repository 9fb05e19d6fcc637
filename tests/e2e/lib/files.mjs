// Files to import. Real ones come from the data folder beside the checkout, which is not always there.
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
