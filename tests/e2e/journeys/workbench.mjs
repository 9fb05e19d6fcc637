// What a day begins with: the workbench, the news, and the ways to find something.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { enter, go, settle, standBetween } from '../lib/browser.mjs';
import { button, quiet, startAt, toast, until } from '../lib/steps.mjs';

const share = (part, whole) => Math.round((part / whole) * 1000) / 10;

export async function workbenchJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`workbench: ${name} (${kind})`, browser, work);
  const wang = await new Caller(origin).signIn('wang');
  const zhou = await new Caller(origin).signIn('zhou'); // Wang's superior
  const at = (person, login, path, options) => startAt(person, origin, login, path, options);
  const card = (page, title) => page.locator(`.card[aria-label="${title}"]`);

  await run('a late task is ticked and taken back', async ({ person }) => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    const title = '逾期：寄回签好的合同';
    const { id } = await wang.send('POST', '/tasks', { title, due_at: yesterday });
    const page = await at(person, 'wang', '/');
    const row = card(page, '今日待办').locator('.row', { hasText: title });
    assert.match(await row.locator('time.late').innerText(), /已逾期 · 昨天/);
    await row.locator('input[type=checkbox]').check();
    await toast(page, '任务已完成');
    assert.equal((await wang.get(`/tasks/${id}`)).status, 'done');
    await page.locator('.toast button', { hasText: '撤销' }).click();
    await until(
      () => wang.get(`/tasks/${id}`),
      (task) => task.status === 'todo',
    );
    await row.locator('input[type=checkbox]:not(:checked)').waitFor();
    await row.locator('.row-title').click();
    await page.waitForURL(`**/tasks/${id}`);
    quiet(page);
  });

  await run('who is to be called stands there with number and reason', async ({ person }) => {
    const page = await at(person, 'wang', '/');
    const { calls } = await wang.get('/workbench?scope=me');
    assert.ok(calls.length > 0, 'the demo company has somebody to call');
    const rows = card(page, '该联系谁').locator('.row');
    assert.equal(await rows.count(), calls.length);
    const titles = await rows.locator('.row-title').allInnerTexts();
    assert.deepEqual(titles, calls.map(({ title }) => title));
    const withPhone = calls.findIndex(({ phone }) => phone && !phone.includes('*'));
    assert.ok(withPhone >= 0, 'somebody has a number');
    assert.equal(await rows.nth(withPhone).locator('a.call-button').getAttribute('href'), `tel:${calls[withPhone].phone}`);
    const late = calls.findIndex(({ reason }) => reason === 'overdue');
    if (late >= 0) assert.match(await rows.nth(late).innerText(), /已过约定时间/);
    quiet(page);
  });

  await run('funnel, trend, ranking and news say what the server counted, for the scope that was chosen', async ({ person }) => {
    const page = await at(person, 'zhou', '/');
    const scope = page.locator('.tabs[aria-label="范围"] button');
    const shown = async () => {
      const steps = card(page, '销售漏斗').locator('.funnel > li');
      return {
        counts: (await steps.locator('.funnel-value strong').allInnerTexts()).map(Number),
        conversions: (await steps.locator('.funnel-conversion').allInnerTexts()).map((text) => text.match(/[\d.]+%/)?.[0]),
        trend: await card(page, '赢单趋势').locator('tbody tr').count(),
        ranking: await card(page, '团队排行').locator('li').count(),
        news: await card(page, '最近动态').locator('.entries > li').count(),
      };
    };
    const expected = ({ funnel, trend, ranking, recent }) => {
      const counts = funnel.filter((step) => ['open', 'won'].includes(step.kind)).map(({ count }) => count);
      return {
        counts,
        conversions: counts.slice(1).flatMap((count, at) => (counts[at] > 0 ? [`${share(count, counts[at])}%`] : [])),
        trend: trend.length,
        ranking: ranking.length,
        news: recent.length,
      };
    };
    const mine = await zhou.get('/workbench?scope=me');
    const team = await zhou.get('/workbench?scope=department');
    assert.notDeepEqual(expected(mine).counts, expected(team).counts, 'the scopes differ');
    await scope.filter({ hasText: '部门' }).click();
    await settle(page);
    const { counts, ...rest } = await until(shown, (found) => found.counts.length > 0);
    const wanted = expected(team);
    assert.deepEqual({ counts, ...rest }, wanted);
    assert.ok(wanted.ranking > 1 && wanted.news > 0 && wanted.trend === 12, JSON.stringify(wanted));
    const total = card(page, '销售漏斗').locator('.card-head');
    assert.ok((await total.innerText()).includes(`总转化率 ${share(counts.at(-1), counts[0])}%`));
    // What was chosen is there again the next time.
    await page.reload();
    await settle(page);
    assert.equal(await scope.filter({ hasText: '部门' }).getAttribute('aria-pressed'), 'true');
    assert.deepEqual((await shown()).counts, counts);
    quiet(page);
  });

  await run('news are unread until they are opened or marked, one by one and all at once', async ({ person }) => {
    const li = await new Caller(origin).signIn('li');
    const me = (await li.get('/session')).user.id;
    await li.send('POST', '/notifications/read', { all: true });
    // News of one person within a minute are one message: two people send one each.
    for (const [login, title] of [['admin', '消息一：核对地址'], ['zhou', '消息二：寄样品']]) {
      const sender = await new Caller(origin).signIn(login);
      await sender.send('POST', '/tasks', { title, owner_id: me });
    }
    const unread = async () => (await li.get('/notifications/unread_count')).count;
    await until(unread, (count) => count === 2);
    const page = await at(person, 'li', '/notifications');
    const rows = page.locator('.notification[data-unread]');
    assert.equal(await rows.count(), 2);
    await page.locator('.tabs button', { hasText: '未读' }).click();
    await settle(page);
    assert.equal(await page.locator('.notification').count(), 2);
    await button(rows.first(), '标为已读').click();
    await page.waitForFunction(() => document.querySelectorAll('.notification[data-unread]').length === 1);
    assert.equal(await unread(), 1);
    await button(page, '全部标为已读').click();
    await until(unread, (count) => count === 0);
    await page.getByText('没有消息').waitFor();
    await page.waitForFunction(() => !document.querySelector('.bell-count'));
    quiet(page);
  });

  await run('a mention arrives while the page is open, and leads to the record', async ({ person }) => {
    const page = await at(person, 'zhou', '/leads');
    const [account] = await wang.rows('accounts', { filter: 'owner_id eq @me', top: 1 });
    const before = (await zhou.get('/notifications/unread_count')).count;
    const { user } = await zhou.get('/session');
    const content = `请 @${user.name} 看一下价格`;
    await wang.send('POST', '/activities', { account_id: account.id, method: 'phone', content, mention_ids: [user.id] });
    await page.waitForFunction(
      (count) => Number(document.querySelector('.bell-count')?.textContent ?? 0) > count,
      Math.min(before, 98),
    );
    await page.locator('.bell').click();
    const first = page.locator('.notification-popover .notification').first();
    assert.match(await first.innerText(), /提到/);
    await first.locator('a').click();
    // It leads to the follow-up, beside which stands what else has happened with the customer.
    await page.waitForURL(/\/activities\/\d+/);
    await page.locator('.entry-card', { hasText: '看一下价格' }).waitFor();
    await page.getByText(account.name).first().waitFor();
    await until(
      async () => (await zhou.get('/notifications/unread_count')).count,
      (count) => count === before,
    );
    quiet(page);
  });

  await run('the palette leads to all results, and the address keeps the words', async ({ person }) => {
    const page = await at(person, 'zhou', '/leads');
    const find = (q) => zhou.get(`/search?${new URLSearchParams({ q, limit: '100' })}`);
    const words = ['上海', '杭州', '技术'];
    const answers = await Promise.all(words.map(find));
    const best = answers.findIndex(({ value }) => value.length > 12);
    assert.ok(best >= 0, 'more hits than the palette shows');
    const { value } = answers[best];
    await page.keyboard.press('Control+k');
    const input = page.locator('[cmdk-input]');
    await input.fill(words[best]);
    await page.locator('[cmdk-item]', { hasText: '全部结果' }).click();
    await page.waitForURL(/\/search\?q=/);
    await page.locator('.search-hit').nth(12).waitFor();
    assert.equal(await page.locator('.search-hit').count(), value.length);
    await page.reload();
    await settle(page);
    assert.equal(await page.locator('.search-hit').count(), value.length);
    await page.getByPlaceholder('名称、手机号、拼音首字母').fill('绝无此名某某');
    await page.locator('.empty').waitFor();
    quiet(page);
  });

  await run('half a syllable is not searched for', async ({ person }) => {
    const page = await person({ isPhone: true });
    await page.clock.install();
    const asked = [];
    const gate = await standBetween(page, /\/api\/v1\/(search|leads)\?/);
    gate.decide = (route) => {
      const { searchParams } = new URL(route.request().url());
      asked.push(searchParams.get('q') ?? searchParams.get('$search'));
      return route.continue();
    };
    await enter(page, origin, 'wang');
    for (const [path, place] of [
      ['/search', '名称、手机号、拼音首字母'],
      ['/leads', '搜索线索'],
    ]) {
      await go(page, origin, path);
      const input = page.getByPlaceholder(place);
      await input.dispatchEvent('compositionstart');
      await input.fill("ke'ji");
      // Longer than any box waits after a key.
      await page.clock.fastForward(2000);
      await settle(page);
      assert.ok(!asked.includes("ke'ji"), `${path} asked for half a word`);
      await input.fill('科技');
      await input.dispatchEvent('compositionend');
      await until(() => asked.includes('科技'), Boolean);
      asked.length = 0;
    }
    quiet(page);
  });

  await run('the palette imports, exports and changes the language', async ({ person }) => {
    const page = await at(person, 'zhou', '/leads');
    const command = async (text, label) => {
      await page.keyboard.press('Control+k');
      await page.locator('[cmdk-input]').fill(text);
      await page.locator('[cmdk-item]', { hasText: label }).first().click();
    };
    await command('daochu', '导出客户');
    await page.waitForURL(/\/accounts\?export=yes/);
    await page.locator('[role=dialog]', { hasText: '导出' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/accounts$/);
    await command('daoru', '导入');
    await page.waitForURL(/\/import/);
    await page.locator('.import-drop').waitFor();
    await command('english', 'English');
    await page.locator('h1', { hasText: 'Import' }).waitFor();
    await command('zh-cn', '简体中文');
    await page.locator('h1', { hasText: '导入' }).waitFor();
    quiet(page);
  });
}
