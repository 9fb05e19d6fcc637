// Drives the built UI in a browser over the stub server: what somebody typed stays, keys work, edits
// can be undone, stale edits ask. `node --test test/flows.mjs`
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';
import { dist, newPage, open, settle } from './browser.mjs';

let world;
before(async () => {
  world = await open();
});
after(() => world.close());

async function go(path, options) {
  const page = await newPage(world.browser, options);
  await page.goto(world.origin + encodeURI(path));
  await settle(page);
  return page;
}
const clean = (page) =>
  page.problems.filter((text) => !/status of (4\d\d|5\d\d)|ERR_INTERNET|ERR_FAILED/.test(text));

test('the first route stays within its budget', async () => {
  const page = await newPage(world.browser);
  const files = new Set();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname === '/' || pathname.startsWith('/assets/'))
      files.add(pathname === '/' ? 'index.html' : pathname.slice(1));
  });
  await page.goto(world.origin);
  await settle(page);
  const size = [...files].reduce((sum, file) => {
    const data = readFileSync(join(dist, file));
    return (
      sum + brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
    );
  }, 0);
  console.log(`first route: ${files.size} files, ${(size / 1024).toFixed(1)} KB brotli`);
  assert.ok(size <= 320 * 1024, `${size} bytes`);
  assert.ok(
    readdirSync(join(dist, 'assets')).every((name) => /-[\w-]{8}\.\w+$/.test(name)),
    'assets carry a hash',
  );
  await page.close();
});

test('a cell is edited with the keyboard and the edit is undone', async () => {
  const page = await go('/leads');
  await page.locator('.grid').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('e');
  await page.locator('.grid-editor input').fill('欧阳雪');
  await page.keyboard.press('Enter');
  await page.locator('.toast').waitFor();
  assert.match(await page.locator('.grid-row').first().innerText(), /欧阳雪/);
  assert.equal(world.stub.tables.leads.filter((row) => row.name === '欧阳雪').length, 1);
  await page.locator('.toast button').click();
  await page.waitForFunction(
    () => !document.querySelector('.grid-row').innerText.includes('欧阳雪'),
  );
  assert.equal(world.stub.tables.leads.filter((row) => row.name === '欧阳雪').length, 0);
  assert.deepEqual(clean(page), []);
  await page.close();
});

test('Enter of an input method does not close the editor', async () => {
  const page = await go('/leads');
  await page.locator('.grid').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('F2');
  const editor = page.locator('.grid-editor input');
  await editor.fill('li');
  await editor.dispatchEvent('keydown', {
    key: 'Enter',
    keyCode: 229,
    isComposing: true,
    bubbles: true,
  });
  assert.equal(await editor.count(), 1);
  assert.equal(
    world.stub.tables.leads.some((row) => row.name === 'li'),
    false,
  );
  await page.keyboard.press('Escape');
  assert.equal(await editor.count(), 0);
  await page.close();
});

test('a refused value stays in the editor with the reason', async () => {
  const page = await go('/leads');
  await page.locator('.grid').focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await page.locator('.grid-editor input').fill('12ab');
  await page.keyboard.press('Enter');
  await page.locator('.grid-editor-error').waitFor();
  assert.equal(await page.locator('.grid-editor input').inputValue(), '12ab');
  assert.match(await page.locator('.grid-editor-error').innerText(), /手机号/);
  await page.close();
});

test('a stale edit asks which value shall stay', async () => {
  const page = await go('/accounts');
  await page.locator('.record-link').first().click();
  await settle(page);
  await page.locator('.panel-tabs button').nth(1).click();
  const id = Number(new URL(page.url()).searchParams.get('id'));
  const row = world.stub.tables.accounts.find((each) => each.id === id);
  await page.locator('.field-value', { hasText: '客户名称' }).locator('.edit-button').click();
  await page.locator('.grid-editor input').fill('我改的名字');
  Object.assign(row, { name: '别人改的名字', version: row.version + 5 });
  await page.keyboard.press('Enter');
  const dialog = page.locator('[role=dialog]', { hasText: '记录已被他人修改' });
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /我改的名字/);
  assert.match(await dialog.innerText(), /别人改的名字/);
  await dialog.getByRole('button', { name: '保留我的值' }).click();
  await page.waitForFunction(() => !document.querySelector('.plain-table'));
  assert.equal(row.name, '我改的名字');
  await page.close();
});

test('a follow-up survives a lost connection and a reload', async () => {
  const page = await go('/leads');
  await page.locator('.record-link').first().click();
  await settle(page);
  const text = '谈了报价，对方要求月底前给方案。';
  await page.locator('.composer textarea').first().fill(text);
  await page.route('**/api/v1/activities', (route) => route.abort());
  await page.locator('.composer .ant-btn-primary').click();
  await page.locator('.composer .notice').waitFor();
  assert.equal(await page.locator('.composer textarea').first().inputValue(), text);
  await page.unroute('**/api/v1/activities');
  await page.reload();
  await settle(page);
  assert.equal(await page.locator('.composer textarea').first().inputValue(), text);
  await page.keyboard.press('Tab');
  await page.locator('.composer textarea').first().press('Control+Enter');
  await page.locator('.entry-card', { hasText: text }).waitFor();
  assert.equal(world.stub.tables.activities.filter((row) => row.content === text).length, 1);
  assert.equal(await page.locator('.composer textarea').first().inputValue(), '');
  await page.close();
});

test('an ended session asks for the password over the page and keeps the form', async () => {
  const page = await go('/leads');
  await page.keyboard.press('c');
  await page.locator('.field-form input').first().fill('北京测试用公司');
  await page.locator('.field-form input').nth(1).fill('王测试');
  await page.locator('.field-form .ant-select').first().click();
  await page.locator('.ant-select-item-option').first().click();
  world.stub.state.signedIn = false;
  await page
    .getByRole('button', { name: '保 存' })
    .or(page.getByRole('button', { name: '保存', exact: true }))
    .click();
  const again = page.locator('[role=dialog]', { hasText: '登录已过期' });
  await again.waitFor();
  await again.locator('input[type=password]').fill('kehai-2026');
  await again.locator('button[type=submit]').click();
  await again.waitFor({ state: 'detached' });
  assert.equal(await page.locator('.field-form input').first().inputValue(), '北京测试用公司');
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await page.waitForFunction(() => !document.querySelector('.field-form'));
  assert.equal(world.stub.tables.leads.filter((row) => row.company === '北京测试用公司').length, 1);
  await page.close();
});

test('a possible duplicate needs a reason', async () => {
  const page = await go('/accounts');
  const known = world.stub.tables.accounts[5].name;
  await page.keyboard.press('c');
  await page.locator('.field-form input').first().fill(known.replace('有限公司', '股份有限公司'));
  await page.locator('.hits').waitFor();
  assert.match(await page.locator('.hits').innerText(), new RegExp(known));
  await page.getByRole('button', { name: '仍要新建' }).click();
  assert.match(await page.locator('.notice').first().innerText(), /原因/);
  await page.locator('#duplicate-reason').fill('不同的公司');
  await page.getByRole('button', { name: '仍要新建' }).click();
  await page.waitForFunction(() => !document.querySelector('.hits'));
  await page.close();
});

test('a card is dragged to the next stage', async () => {
  const page = await go('/opportunities');
  const name = await page
    .locator('.board-column')
    .first()
    .locator('.card-title')
    .first()
    .innerText();
  await page
    .locator('.board-column')
    .first()
    .locator('.board-card')
    .first()
    .dragTo(page.locator('.board-column').nth(1));
  await page.locator('.toast').waitFor();
  await page.waitForFunction(
    (text) => document.querySelectorAll('.board-column')[1].innerText.includes(text),
    name,
  );
  await page.close();
});

test('a card is moved with the menu; a lost one asks for the reason', async () => {
  const page = await go('/opportunities');
  await page.locator('.board-card .icon-button').first().click();
  await page.getByRole('menuitem', { name: '输单' }).click();
  const dialog = page.locator('[role=dialog]', { hasText: '输单' }).last();
  await dialog.waitFor();
  await dialog.locator('.ant-btn-primary').click();
  await dialog.locator('.field-help').waitFor();
  await dialog.locator('.ant-select').click();
  await page.locator('.ant-select-item-option').first().click();
  await dialog.locator('.ant-btn-primary').click();
  await page.locator('.toast', { hasText: '输单' }).waitFor();
  await page.close();
});

test('a block from a spreadsheet is pasted over cells', async () => {
  const page = await go('/contacts');
  await page.locator('.grid').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '总经理\t决策者\n采购经理\t评估者\n');
    document
      .querySelector('.grid')
      .dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
  });
  await page.locator('.toast', { hasText: '4' }).waitFor();
  const rows = await page.locator('.grid-row').allInnerTexts();
  assert.match(rows[0], /总经理\s+决策者/);
  assert.match(rows[1], /采购经理\s+评估者/);
  await page.close();
});

test('filter, sort and columns are in the address', async () => {
  const page = await go('/leads');
  await page
    .locator('.grid-sort', { hasText: '评分' })
    .or(page.locator('.grid-sort', { hasText: '公司名称' }))
    .first()
    .click();
  await page.getByRole('button', { name: '筛选' }).click();
  await page.locator('.filter-value input').fill('科技');
  await page.getByRole('button', { name: '应用', exact: true }).click();
  await settle(page);
  const url = new URL(page.url());
  assert.equal(url.searchParams.get('filter'), "contains(company,'科技')");
  assert.equal(url.searchParams.get('sort'), 'company');
  const texts = await page.locator('.grid-row .record-link').allInnerTexts();
  assert.ok(texts.length > 0 && texts.every((text) => text.includes('科技')));
  await page.reload();
  await settle(page);
  assert.deepEqual(await page.locator('.grid-row .record-link').allInnerTexts(), texts);
  await page.close();
});

test('records are claimed from the pool in bulk', async () => {
  const page = await go('/leads?view=pool');
  for (const at of [0, 1]) await page.locator('.grid-row input').nth(at).click();
  await page.locator('.bulk-bar').getByRole('button', { name: '领取' }).click();
  await page.locator('.toast', { hasText: '2' }).waitFor();
  await page.close();
});

test('live events refresh what others changed', async () => {
  const page = await go('/accounts');
  await page.waitForTimeout(300);
  const id = await page.evaluate(() =>
    Number(document.querySelector('.record-link').getAttribute('href').split('/').pop()),
  );
  const row = world.stub.tables.accounts.find((each) => each.id === id);
  row.name = '现场改名有限公司';
  row.version += 1;
  world.stub.emit('record', { object: 'account', id, version: row.version, kind: 'updated' });
  await page.locator('.record-link', { hasText: '现场改名有限公司' }).waitFor({ timeout: 8000 });
  await page.close();
});

test('the palette finds records and places by initials', async () => {
  const page = await go('/leads');
  await page.keyboard.press('Control+k');
  await page.locator('[cmdk-input]').fill('gzt');
  await page.locator('[cmdk-item]', { hasText: '工作台' }).waitFor();
  const name = world.stub.tables.accounts.find((row) => !row.deleted).name;
  await page.locator('[cmdk-input]').fill(name);
  await page.locator('[cmdk-item]', { hasText: name }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.record-page h2', { hasText: name }).waitFor();
  await page.close();
});

test('language and theme change at once', async () => {
  const page = await go('/profile');
  await page.locator('.setting-line .ant-select').click();
  await page.locator('.ant-select-item-option', { hasText: '繁體中文' }).click();
  await page.locator('h1', { hasText: '個人設定' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-TW');
  await page.locator('.tabs button', { hasText: '深色' }).click();
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  world.stub.state.language = 'zh-CN';
  world.stub.state.theme = 'light';
  await page.close();
});

test('on the phone a follow-up is written from the sheet', async () => {
  const page = await go('/leads', { phone: true });
  await page.locator('.phone-card-link').first().click();
  await settle(page);
  await page.locator('.phone-actions .ant-btn-primary').click();
  await page.locator('.sheet textarea').first().fill('路上打了电话，约了下周二。');
  await page.locator('.sheet .ant-btn-primary').click();
  await page.locator('.entry-card', { hasText: '路上打了电话' }).waitFor();
  assert.equal(
    await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    true,
  );
  await page.close();
});
