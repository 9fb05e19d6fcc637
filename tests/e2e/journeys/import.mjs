// Files come in: step by step, with errors, duplicates and a real export of another system.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, enter, go, settle } from '../lib/browser.mjs';
import { dataFolder, foreignLeadFile, leadFile } from '../lib/files.mjs';
import { Skip } from '../lib/runner.mjs';
import { choose, quiet, until } from '../lib/steps.mjs';

const next = (page) => page.locator('.import-buttons .ant-btn-primary');
const back = (page) => page.locator('.import-buttons .ant-btn').first();

export async function importJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`import: ${name} (${kind})`, browser, work);
  const upload = async (person, object, file, login = 'wang', options = {}) => {
    const page = await person(options);
    await enter(page, origin, login);
    await go(page, origin, `/import?object=${object}`);
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.import-preview').waitFor();
    await settle(page);
    return page;
  };

  await run('leads with a wrong number and a repeated line', async ({ person }) => {
    const wang = await new Caller(origin).signIn('wang');
    const before = (await wang.rows('leads', { filter: "startswith(company,'宁波')", top: 500 })).length;
    const page = await upload(person, 'lead', leadFile());
    assert.match(await page.locator('.import-preview thead').innerText(), /公司名称/);
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    const chosen = await page.locator('.import-mapping tbody').innerText();
    for (const label of ['公司名称', '手机号', '线索来源']) assert.ok(chosen.includes(label), label);
    await next(page).click();
    await page.locator('.import-tabs').waitFor();
    await settle(page);
    // One line has a wrong number; the last one repeats another.
    const errors = await page.locator('.import-rows tbody').innerText();
    assert.match(errors, /8\s+手机号\s+1380000/);
    await page.locator('.import-tabs button', { hasText: '重复' }).click();
    await page.locator('.import-rows tbody tr').first().waitFor();
    // Going back loses nothing.
    await back(page).click();
    await page.locator('.import-mapping').waitFor();
    await back(page).click();
    await page.locator('.import-preview').waitFor();
    await page.reload();
    await settle(page);
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    assert.equal(await page.locator('.import-mapping tbody').innerText(), chosen);
    await next(page).click();
    await page.locator('.import-tabs').waitFor();
    await settle(page);
    await next(page).click();
    await page.locator('.import-end').waitFor();
    const after = await until(
      () => wang.rows('leads', { filter: "startswith(company,'宁波')", top: 500 }),
      (rows) => rows.length >= before + 39,
    );
    assert.equal(after.length, before + 39);
    const actions = page.locator('.import-end-actions');
    for (const name of ['下载错误明细', '下载有错的行']) {
      const file = page.waitForEvent('download');
      await actions.getByText(name).click();
      assert.match((await file).suggestedFilename(), /\.xlsx$/);
    }
    // And everything back again.
    await actions.getByText('撤销这次导入').click();
    await page.locator('.ant-modal .ant-btn-dangerous').click();
    await until(
      () => wang.rows('leads', { filter: "startswith(company,'宁波')", top: 500 }),
      (rows) => rows.length === before,
    );
    await actions.getByText('撤销这次导入').waitFor({ state: 'detached' });
    quiet(page);
  });

  await run('a choice of columns is remembered for the next file', async ({ person }) => {
    const page = await upload(person, 'lead', leadFile());
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    const row = page.locator('.import-mapping tr', { hasText: '备注' });
    await choose(page, row.locator('.ant-select'), '地址');
    await settle(page);
    const mapping = await page.locator('.import-mapping tbody').innerText();
    await go(page, origin, '/import?object=lead');
    await page.locator('input[type=file]').setInputFiles(leadFile());
    await page.locator('.import-preview').waitFor();
    await settle(page);
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    const again = await page.locator('.import-mapping tr', { hasText: '备注' }).innerText();
    assert.match(again, /地址/);
    assert.ok(mapping.includes('地址'));
    quiet(page);
  });

  await run('states and dates of another system come in by those who may bring in history', async ({ person }) => {
    const file = {
      name: '旧系统.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('公司名称,手机,状态,创建时间\n丽水旧系统有限公司,13800138071,跟进中,2024-05-06\n'),
    };
    for (const [login, times] of [['wang', 1], ['admin', 2]]) {
      const page = await upload(person, 'lead', file, login);
      await next(page).click();
      await page.locator('.import-mapping').waitFor();
      await settle(page);
      // The header, and the field when it is one to choose.
      for (const word of ['状态', '创建时间']) {
        const row = await page.locator('.import-mapping tbody tr', { hasText: word }).innerText();
        assert.equal(row.split(word).length - 1, times, `${login}: ${row}`);
      }
      quiet(page);
    }
  });

  await run('a file that is no table is refused in words', async ({ person }) => {
    const page = await person();
    await enter(page, origin, 'wang');
    await go(page, origin, '/import?object=lead');
    await page.locator('input[type=file]').setInputFiles({
      name: '照片.xlsx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'),
    });
    await page.locator('.notice[data-kind=error]').waitFor();
    assert.match(await page.locator('.notice[data-kind=error]').innerText(), /照片\.xlsx/);
    quiet(page, { refused: true });
  });

  await run('another heading and another encoding are chosen; the same file again makes nothing', async ({ person }) => {
    const wang = await new Caller(origin).signIn('wang');
    const file = foreignLeadFile();
    const [company] = new TextDecoder('gb18030').decode(readFileSync(file)).match(/绍兴表头\d+/);
    const count = async () =>
      (await wang.rows('leads', { filter: `startswith(company,'${company}')`, top: 500 })).length;
    const page = await upload(person, 'lead', file);
    const preview = page.locator('.import-preview');
    const choice = (label) => page.locator('.import-choice', { hasText: label }).locator('.ant-select');
    // The wrong encoding shows at once, and so does the wrong row.
    await choose(page, choice('编码'), 'windows-1252');
    await settle(page);
    assert.doesNotMatch(await preview.innerText(), /绍兴/);
    await choose(page, choice('编码'), 'GB18030');
    await settle(page);
    assert.match(await preview.innerText(), /绍兴/);
    await choose(page, choice('表头'), '第 1 行');
    await settle(page);
    assert.match(await preview.locator('thead').innerText(), /客户管家/);
    await choose(page, choice('表头'), '第 2 行');
    await settle(page);
    assert.match(await preview.locator('thead').innerText(), /公司名称/);
    const finish = async () => {
      await next(page).click();
      await page.locator('.import-mapping').waitFor();
      await next(page).click();
      await page.locator('.import-tabs').waitFor();
      await settle(page);
    };
    await finish();
    await next(page).click();
    await page.locator('.import-end').waitFor();
    await until(count, (found) => found === 5);
    await go(page, origin, '/import?object=lead');
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.import-preview').waitFor();
    await settle(page);
    await choose(page, choice('表头'), '第 2 行');
    await settle(page);
    await finish();
    if (await next(page).isEnabled()) {
      await next(page).click();
      await page.locator('.import-end').waitFor();
    }
    assert.equal(await count(), 5);
    quiet(page);
  });

  await run('an empty file is refused in words', async ({ person }) => {
    const page = await person();
    await enter(page, origin, 'wang');
    await go(page, origin, '/import?object=lead');
    const file = { name: '空.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.notice[data-kind=error]', { hasText: '文件是空的' }).waitFor();
    assert.ok(await page.locator('.import-drop').isVisible());
    quiet(page, { refused: true });
  });

  await run('accounts of another system', async ({ person }) => {
    const file = dataFolder && join(dataFolder, 'crm/salesforce_accountData.csv');
    if (!file || !existsSync(file)) throw new Skip('the folder shared/data is not there');
    const page = await upload(person, 'account', file, 'admin');
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    await next(page).click();
    await page.locator('.import-tabs').waitFor({ timeout: 120_000 });
    await settle(page);
    await next(page).click();
    await page.locator('.import-end').waitFor({ timeout: 180_000 });
    const created = Number(
      (await page.locator('.import-figure').first().locator('strong').innerText()).replaceAll(',', ''),
    );
    assert.ok(created > 0, `${created} created`);
    quiet(page);
  });

  await run('customers with their contacts, and a campaign that nobody has made yet', async ({ person }) => {
    const csv = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    const customers = csv('客户和联系人.csv', '客户名称,联系人,手机,职务\n宜昌三峡阀门有限公司,向远,13997654301,总经理\n宜昌三峡阀门有限公司,邓琳,13997654302,采购\n');
    let page = await upload(person, 'account', customers);
    const admin = await new Caller(origin).signIn('admin');
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    const chosen = await page.locator('.import-mapping tbody').innerText();
    for (const label of ['客户名称', '联系人 · 姓名', '联系人 · 手机', '联系人 · 职务']) assert.ok(chosen.includes(label), label);
    assert.deepEqual(await axeBreaks(page), []);
    await next(page).click();
    await page.locator('.import-tabs').waitFor();
    await next(page).click();
    await page.locator('.import-end').waitFor();
    const made = await until(
      () => admin.rows('contacts', { filter: "account/name eq '宜昌三峡阀门有限公司'", orderby: 'id', select: 'name' }),
      (rows) => rows.length === 2,
    );
    assert.deepEqual(made.map(({ name }) => name), ['向远', '邓琳']);

    const leads = csv('展会.csv', '公司名称,手机,市场活动\n荆州长江泵业有限公司,13997654303,荆楚机械展\n');
    quiet(page);
    page = await upload(person, 'lead', leads, 'admin');
    await next(page).click();
    await page.getByRole('checkbox', { name: '自动新建市场活动' }).check();
    await next(page).click();
    await page.locator('.import-tabs').waitFor();
    await next(page).click();
    await page.locator('.import-end').waitFor();
    await until(
      () => admin.rows('leads', { filter: "campaign/name eq '荆楚机械展'", select: 'company' }),
      (rows) => rows.length === 1,
    );
    quiet(page);
  });

  await run('on the phone', async ({ person }) => {
    const page = await upload(person, 'lead', leadFile(), 'wang', { isPhone: true });
    await next(page).click();
    await page.locator('.import-mapping').waitFor();
    await next(page).click();
    await page.locator('.import-tabs').waitFor();
    await settle(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    quiet(page);
  });
}
