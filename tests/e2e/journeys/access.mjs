// Setting up, signing in and out, language, tokens.
import assert from 'node:assert/strict';
import { Caller, password } from '../lib/api.mjs';
import { enter, go, goInside, settle, signIn } from '../lib/browser.mjs';
import { bytesOf, firstPageBytes, loadFirstPage } from '../lib/firstPage.mjs';
import { button, choose, dialog, field, quiet, toast } from '../lib/steps.mjs';

const newPassword = 'Kehai-Reise-2026';

export async function accessJourneys({ runner, browser, program, empty, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`access: ${name} (${kind})`, browser, work);

  await run('the first run sets up the company', async ({ person }) => {
    const page = await person();
    await page.goto(await empty.setupUrl());
    await page.locator('form input').first().waitFor();
    // Somebody else opens the same address; it lets in only once.
    const late = await person();
    await late.goto(await empty.setupUrl());
    await late.locator('form input').first().waitFor();
    assert.notEqual(await page.locator('form input').first().inputValue(), '', 'token from the address');
    await page.getByLabel('组织名称').fill('江海测试有限公司');
    await page.getByLabel('您的姓名').fill('林知远');
    await page.getByLabel('账号').fill('linzhiyuan');
    await page.locator('input[type=password]').nth(0).fill(newPassword);
    await page.locator('input[type=password]').nth(1).fill('anders');
    await button(page, '创建并进入').click();
    await page.getByText('两次输入的密码不一致').waitFor();
    await page.locator('input[type=password]').nth(1).fill(newPassword);
    await button(page, '创建并进入').click();
    await page.locator('#content h1').waitFor();
    await settle(page);
    assert.equal(new URL(page.url()).pathname, '/');
    await late.getByLabel('组织名称').fill('迟到的有限公司');
    await late.getByLabel('您的姓名').fill('迟到者');
    await late.getByLabel('账号').fill('chidao');
    for (const at of [0, 1]) await late.locator('input[type=password]').nth(at).fill(newPassword);
    await button(late, '创建并进入').click();
    await late.locator('.notice[data-kind=error]', { hasText: '已经初始化过了，请登录' }).waitFor();
    await late.reload();
    await late.locator('input[name=username]').waitFor();
    // A list without anything offers to import, an empty pool the way back.
    await go(page, empty.origin, '/accounts');
    await page.locator('.empty').getByRole('link', { name: '导入' }).click();
    await page.locator('.import-drop').waitFor();
    await go(page, empty.origin, '/accounts?view=pool');
    await button(page.locator('.empty'), '回到客户列表').click();
    await page.waitForURL(/\/accounts$/);
    await page.locator('.empty', { hasText: '还没有客户' }).waitFor();
    quiet(page, { refused: true });
    quiet(late, { refused: true });
  });

  await run('a wrong password is refused, the right one lets in', async ({ person }) => {
    const page = await person();
    await page.goto(origin);
    await page.locator('input[name=username]').fill('wang');
    await page.locator('input[name=password]').fill('falsch');
    await page.locator('button[type=submit]').click();
    await page.locator('.notice[data-kind=error]').waitFor();
    assert.equal(await page.locator('input[name=username]').inputValue(), 'wang');
    await page.locator('input[name=password]').fill(password);
    await page.keyboard.press('Enter');
    await page.locator('#content h1').waitFor();
    await page.getByText('王雨桐').first().waitFor({ state: 'attached' });
    quiet(page, { refused: true });
  });

  await run('a deep link leads there after signing in', async ({ person }) => {
    const page = await person();
    await page.goto(`${origin}/opportunities`);
    await page.locator('input[name=username]').fill('wang');
    await page.locator('input[name=password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.locator('.board').waitFor();
  });

  await run('the first page stays within its budget', async ({ person }) => {
    const page = await person({ isNew: true });
    await enter(page, origin, 'wang');
    const files = await loadFirstPage(page, origin);
    for (const { pathname, response } of files) {
      const headers = await response.allHeaders();
      assert.ok(pathname === '/' || /immutable/.test(headers['cache-control']), pathname);
    }
    const bytes = await bytesOf(files);
    console.log(`        first page: ${(bytes / 1024).toFixed(0)} KB of at most ${firstPageBytes / 1024} KB`);
    assert.ok(bytes > 0 && bytes <= firstPageBytes, `${bytes} bytes`);
  });

  await run('an ended session asks for the password over the page and keeps the form', async ({ person }) => {
    const page = await person();
    await enter(page, origin, 'li');
    await go(page, origin, '/leads');
    await page.keyboard.press('c');
    const form = dialog(page, '新建线索');
    await field(form, '公司名称').fill('镇江会话测试有限公司');
    await field(form, '手机号').fill('13755501234');
    await page.context().clearCookies();
    await button(form, '保存').click();
    const again = dialog(page, '登录已过期');
    await again.waitFor();
    await again.locator('input[type=password]').fill(password);
    await again.locator('button[type=submit]').click();
    await again.waitFor({ state: 'detached' });
    assert.equal(await field(form, '公司名称').inputValue(), '镇江会话测试有限公司');
    await button(form, '保存').click();
    await toast(page, '线索已新建');
    quiet(page, { refused: true });
  });

  await run('language and theme stay after signing in again', async ({ person }) => {
    const page = await person();
    await signIn(page, origin, 'sun');
    await go(page, origin, '/profile');
    await choose(page, page.locator('.setting-line .ant-select'), '繁體中文');
    await page.locator('h1', { hasText: '個人設定' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-TW');
    await page.locator('.tabs button', { hasText: '深色' }).click();
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    const again = await person();
    await signIn(again, origin, 'sun');
    await again.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await go(again, origin, '/accounts');
    await again.locator('h1', { hasText: '客戶' }).waitFor();
    await go(again, origin, '/profile');
    await choose(again, again.locator('.setting-line .ant-select'), 'English');
    await again.locator('h1', { hasText: 'settings' }).waitFor();
    quiet(page, { refused: true });
    quiet(again, { refused: true });
  });

  await run('menus open for people who asked for less motion', async ({ person }) => {
    const page = await person();
    await enter(page, origin, 'wu');
    await go(page, origin, '/profile');
    await choose(page, page.locator('.setting-line .ant-select'), '简体中文');
    await page.locator('.user-button').click();
    await page.getByRole('menuitem', { name: '退出' }).click({ trial: true });
    quiet(page);
  });

  await run('a token reads the interface until it is deleted', async ({ person }) => {
    const page = await person();
    await signIn(page, origin, 'wu');
    await go(page, origin, '/profile');
    await button(page, '新建令牌').click();
    const box = dialog(page, '新建令牌');
    await box.locator('input').first().fill('Excel 报表');
    await button(box, '创建').click();
    const secret = (await page.locator('.token-secret code').first().innerText()).trim();
    assert.ok(secret.length > 20);
    const read = () =>
      fetch(`${origin}/api/v1/accounts?$top=1`, { headers: { Authorization: `Bearer ${secret}` } });
    assert.equal((await read()).status, 200);
    await go(page, origin, '/profile');
    assert.equal(await page.locator('.token-secret').count(), 0, 'the secret is shown once');
    await page.getByRole('button', { name: '删除令牌 Excel 报表' }).click();
    await page.getByRole('button', { name: '删除令牌 Excel 报表' }).waitFor({ state: 'detached' });
    assert.equal((await read()).status, 401);
    quiet(page, { refused: true });
  });

  await run('a new password ends the other sessions', async ({ person }) => {
    const page = await person();
    const elsewhere = await new Caller(origin).signIn('he');
    await signIn(page, origin, 'he');
    await go(page, origin, '/profile');
    const secrets = page.locator('.profile-form input');
    await secrets.nth(0).fill(password);
    await secrets.nth(1).fill(newPassword);
    await secrets.nth(2).fill(newPassword);
    await button(page, '修改密码').click();
    await toast(page, '密码已修改');
    await assert.rejects(() => elsewhere.get('/session'), /401/);
    await new Caller(origin).signIn('he', newPassword);
    quiet(page, { refused: true });
  });

  await run('a wrong current password changes nothing', async ({ person }) => {
    const page = await person();
    await signIn(page, origin, 'wu');
    await go(page, origin, '/profile');
    const secrets = page.locator('.profile-form input');
    await secrets.nth(0).fill('not-my-password');
    await secrets.nth(1).fill(newPassword);
    await secrets.nth(2).fill(newPassword);
    await button(page, '修改密码').click();
    await page.locator('.profile-form .notice[data-kind=error]').waitFor();
    await page.locator('.profile-form [data-error]').first().waitFor();
    await new Caller(origin).signIn('wu');
    await assert.rejects(() => new Caller(origin).signIn('wu', newPassword), /401/);
    quiet(page, { refused: true });
  });

  await run('signing out everywhere ends every session and leaves nothing in the browser', async ({ person }) => {
    const page = await person();
    const elsewhere = await new Caller(origin).signIn('huang');
    await signIn(page, origin, 'huang');
    await go(page, origin, '/leads');
    await page.keyboard.press('c');
    await field(dialog(page, '新建线索'), '公司名称').fill('没有写完的有限公司');
    await page.keyboard.press('Escape');
    await goInside(page, '/profile');
    const drafts = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith('kehai.draft.')));
    assert.equal((await drafts()).length, 1);
    await button(page, '退出所有设备').click();
    await page.locator('input[name=username]').waitFor();
    assert.deepEqual(await drafts(), []);
    await assert.rejects(() => elsewhere.get('/session'), /401/);
    // Who comes next sees nothing of what was loaded before.
    await page.locator('input[name=username]').fill('sun');
    await page.locator('input[name=password]').fill(password);
    await page.keyboard.press('Enter');
    await page.locator('#content h1').waitFor();
    await page.getByText('孙慧敏').first().waitFor({ state: 'attached' });
    quiet(page, { refused: true });
  });

  await run('signing out ends the session', async ({ person }) => {
    const page = await person();
    await signIn(page, origin, 'huang');
    await page.locator('.user-button').click();
    await page.getByRole('menuitem', { name: '退出' }).click();
    await page.locator('input[name=username]').waitFor();
    await page.goto(`${origin}/leads`);
    await page.locator('input[name=username]').waitFor();
    quiet(page, { refused: true });
  });
}
