// Lists as a grid: many rows, columns, sorting, keys, and what is done to many rows at once.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, enter, go, settle, standBetween } from '../lib/browser.mjs';
import { button, cell, choose, dialog, field, goToCell, heads, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function gridJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`grid: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const at = (person, path, login = 'li') => startAt(person, origin, login, path);
  const titles = (page) => page.locator('.grid-row .record-link').allInnerTexts();
  const head = (page, label) => page.locator('.grid-head [role=columnheader]', { hasText: label });
  await run('a long list is walked to its end with a few rows at a time', async ({ person }) => {
    const page = await at(person, '/activities', 'admin');
    const total = Number(await page.locator('.grid').getAttribute('aria-rowcount')) - 1;
    assert.ok(total > 300, `only ${total} rows`);
    const last = () =>
      page.evaluate(() =>
        Math.max(
          ...[...document.querySelectorAll('.grid-row[aria-rowindex]')].map(
            (row) => Number(row.getAttribute('aria-rowindex')) - 1,
          ),
        ),
      );
    await page.locator('.grid').focus();
    for (let round = 0; (await last()) < total; round++) {
      assert.ok(round < 40, `stuck at row ${await last()}`);
      await page.keyboard.press('Control+End');
      await page.waitForTimeout(200);
      const shown = await page.locator('.grid-row').count();
      assert.ok(shown < 80, `${shown} rows in the page`);
    }
    await page.keyboard.press('Control+Home');
    await page.locator('.grid-row[aria-rowindex="2"]').waitFor();
    quiet(page);
  });

  await run('columns are chosen, moved and widened, and stay so', async ({ person }) => {
    const page = await at(person, '/leads');
    const before = await heads(page);
    await button(page, '列设置').click();
    const box = page.locator('.column-settings');
    await box.getByLabel('来源', { exact: true }).uncheck();
    await box.getByLabel('职务', { exact: true }).check();
    await button(box, '上移 手机号').click();
    await page.keyboard.press('Escape');
    await page.locator('h1').click();
    await settle(page);
    const chosen = await heads(page);
    assert.ok(!chosen.includes('来源') && chosen.at(-1) === '职务');
    assert.ok(chosen.indexOf('手机号') < before.indexOf('手机号'));
    await head(page, '负责人').dragTo(head(page, '联系人'));
    await settle(page);
    const moved = await heads(page);
    assert.equal(moved.indexOf('负责人') + 1, moved.indexOf('联系人'));
    const handle = await head(page, '状态').locator('.grid-resize').boundingBox();
    const wide = (await head(page, '状态').boundingBox()).width;
    await page.mouse.move(handle.x + handle.width / 2, handle.y + 5);
    await page.mouse.down();
    await page.mouse.move(handle.x + handle.width / 2 + 60, handle.y + 5, { steps: 4 });
    await page.mouse.up();
    const wider = (await head(page, '状态').boundingBox()).width;
    assert.ok(Math.abs(wider - wide - 60) <= 2, `${wide} became ${wider}`);
    await go(page, origin, '/leads');
    assert.deepEqual(await heads(page), moved);
    assert.ok(Math.abs((await head(page, '状态').boundingBox()).width - wider) <= 1);
    // They belong to the person, not to the browser.
    const li = await new Caller(origin).signIn('li');
    await until(
      () => li.get('/session/preferences'),
      (kept) => kept['list.lead']?.widths?.status > wide,
    );
    const elsewhere = await at(person, '/leads');
    await elsewhere.waitForFunction(
      (label) =>
        [...document.querySelectorAll('.grid-head [role=columnheader]')].at(-1)?.textContent.includes(label),
      moved.at(-1),
    );
    assert.deepEqual(await heads(elsewhere), moved);
    assert.ok(Math.abs((await head(elsewhere, '状态').boundingBox()).width - wider) <= 1);
    await button(page, '列设置').click();
    await button(page.locator('.column-settings'), '恢复默认').click();
    await settle(page);
    assert.deepEqual(await heads(page), before);
    await until(
      () => li.get('/session/preferences'),
      (kept) => !kept['list.lead']?.columns,
    );
    quiet(page);
    quiet(elsewhere);
  });

  await run('a click on a heading sorts up, another one down', async ({ person }) => {
    const page = await at(person, '/opportunities?mode=list&view=all', 'admin');
    const amounts = async () =>
      (
        await Promise.all(
          Array.from({ length: 10 }, (_, row) => cell(page, row, '预计金额')),
        )
      ).map((text) => Number(text.replace(/[^\d.]/g, '')));
    await head(page, '预计金额').locator('.grid-sort').click();
    await page.waitForURL(/sort=amount/);
    await settle(page);
    const up = await amounts();
    assert.deepEqual(up, up.toSorted((a, b) => a - b));
    await head(page, '预计金额').locator('.grid-sort').click();
    await page.waitForURL(/sort=amount.+desc/);
    await settle(page);
    assert.equal(await head(page, '预计金额').getAttribute('aria-sort'), 'descending');
    const down = await amounts();
    assert.deepEqual(down, down.toSorted((a, b) => b - a));
    assert.ok(down[0] > up[0]);
    quiet(page);
  });

  await run('conditions in groups find what the server finds', async ({ person }) => {
    const page = await at(person, '/accounts', 'admin');
    await page.locator('.list-tools').getByRole('button', { name: '筛选' }).click();
    await page.locator('.filter-value input').first().fill('科技');
    await page.getByRole('button', { name: '添加条件组' }).click();
    await page.locator('.filter-value input').last().fill('有限');
    await button(page, '应用').click();
    await settle(page);
    const filter = new URL(page.url()).searchParams.get('filter');
    assert.match(filter, /contains\(name,'科技'\)/);
    assert.match(filter, /contains\(name,'有限'\)/);
    // The view leaves out what lies in pools.
    const all = { filter: `(${filter}) and pool_id eq null`, top: 500 };
    const wanted = (await admin.rows('accounts', all)).length;
    assert.ok(wanted > 0);
    await page.getByText(`共 ${wanted} 条`).waitFor();
    await page.locator('.filter-chips button, .list-tools [aria-label*="移除"]').first().click();
    await settle(page);
    assert.notEqual(new URL(page.url()).searchParams.get('filter'), filter);
    quiet(page);
  });

  await run('a page of rows that does not come is asked for again in its place', async ({ person }) => {
    const page = await person();
    const gate = await standBetween(page, '**/api/v1/activities?**');
    await enter(page, origin, 'admin');
    await go(page, origin, '/activities');
    gate.decide = (route) =>
      route.request().url().includes('skiptoken')
        ? route.fulfill({ status: 500, json: { code: 'internal', title: '出错了' } })
        : route.continue();
    await page.locator('.grid').focus();
    await page.keyboard.press('Control+End');
    const failure = page.locator('.grid-failure');
    await failure.getByText('后面的行没有加载出来（出错了）').waitFor();
    assert.equal(await page.locator('.grid .bone').count(), 0);
    await settle(page);
    assert.deepEqual(await axeBreaks(page), []);
    gate.decide = null;
    await failure.getByRole('button', { name: '重试' }).click();
    await failure.waitFor({ state: 'detached' });
    await page.locator('.grid-row[aria-rowindex="102"]').waitFor();
    quiet(page, { refused: true });
  });

  await run('everything that matches is chosen, beyond the rows that are loaded', async ({ person }) => {
    const page = await at(person, '/activities', 'admin');
    const total = Number(await page.locator('.grid').getAttribute('aria-rowcount')) - 1;
    await page.locator('.grid').focus();
    await page.keyboard.press('Control+a');
    await page.getByText('已选 100 条').waitFor();
    await page.locator('.bulk-bar').getByRole('button', { name: /^选择符合条件的全部/ }).click();
    await page.getByText(`已选 ${total} 条`).waitFor();
    await page.locator('.bulk-bar').getByRole('button', { name: /^选择符合条件的全部/ }).waitFor({ state: 'detached' });
    // Another question, another choice.
    await page.locator('.list-search input').fill('电话');
    await page.locator('.bulk-bar').waitFor({ state: 'detached' });
    quiet(page);
  });

  await run('columns are sorted and widened with keys, in the rows and in the headings', async ({ person }) => {
    const page = await at(person, '/opportunities?mode=list&view=all', 'admin');
    await goToCell(page, 0, '预计金额');
    await page.keyboard.press('s');
    await page.waitForURL(/sort=amount/);
    await settle(page);
    const width = async () => (await head(page, '预计金额').boundingBox()).width;
    const wide = await width();
    await page.keyboard.press(']');
    await page.keyboard.press(']');
    await until(width, (now) => Math.abs(now - wide - 48) <= 2, 5);
    await page.keyboard.press('[');
    await until(width, (now) => Math.abs(now - wide - 24) <= 2, 5);
    await page.keyboard.press('Control+Home');
    const column = (await heads(page)).indexOf('预计金额');
    await page.keyboard.press('ArrowUp');
    for (let each = 0; each < column; each++) await page.keyboard.press('ArrowRight');
    assert.ok(await head(page, '预计金额').getAttribute('data-active'));
    const active = await page.locator('.grid').getAttribute('aria-activedescendant');
    assert.equal(await head(page, '预计金额').getAttribute('id'), active);
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=amount.+desc/);
    await page.keyboard.press('?');
    await page.locator('.key-help').getByText('按当前列排序').waitFor();
    quiet(page);
  });

  await run('keys walk, choose and open rows', async ({ person }) => {
    const page = await at(person, '/accounts', 'admin');
    const names = await titles(page);
    await page.locator('.grid').focus();
    for (const key of ['j', 'j', 'k', 'x']) await page.keyboard.press(key);
    await page.getByText('已选 1 条').waitFor();
    for (const key of ['ArrowDown', 'Shift+X']) await page.keyboard.press(key);
    await page.getByText('已选 2 条').waitFor();
    for (const key of ['ArrowDown', 'Shift+Space']) await page.keyboard.press(key);
    await page.getByText('已选 3 条').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.bulk-bar').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.locator('.record-panel h2', { hasText: names[3] }).waitFor();
    await page.locator('.grid').focus();
    await page.keyboard.press('j');
    await page.locator('.record-panel h2', { hasText: names[4] }).waitFor();
    await page.keyboard.press('/');
    assert.ok(await page.locator('.list-search input').evaluate((box) => box === document.activeElement));
    quiet(page);
  });

  await run('many rows are assigned, returned to the pool, deleted and restored', async ({ person }) => {
    const page = await at(person, '/leads?view=all&filter=owner_id eq @me', 'zhou');
    const choosing = async () => {
      const chosen = (await titles(page)).slice(0, 2);
      for (const row of [0, 1]) await page.locator('.grid-row input').nth(row).click();
      return chosen;
    };
    const rowsOf = async (names) =>
      Promise.all(names.map(async (name) => (await admin.rows('leads', { filter: `company eq '${name}'` }))[0]));
    const li = (await admin.rows('users', { filter: "login eq 'li'" }))[0];

    const assigned = await choosing();
    await page.locator('.bulk-bar').getByRole('button', { name: '转移' }).click();
    const form = dialog(page, '转移');
    await choose(page, form.locator('.ant-select').first(), '李嘉豪');
    await form.locator('.ant-btn-primary').last().click();
    await form.waitFor({ state: 'detached' });
    await until(
      () => rowsOf(assigned),
      (rows) => rows.every((row) => row.owner_id === li.id),
    );
    await page.waitForFunction(
      (names) => !names.some((name) => document.querySelector('.grid')?.innerText.includes(name)),
      assigned,
    );

    const returned = await choosing();
    await page.locator('.bulk-bar').getByRole('button', { name: /退回/ }).click();
    const reason = dialog(page, '退回');
    await choose(page, reason.locator('.field-line', { hasText: '原因' }).locator('.ant-select'), '');
    await field(reason, '说明').fill('暂时没有需求');
    await reason.locator('.ant-btn-primary').last().click();
    await until(
      () => rowsOf(returned),
      (rows) => rows.every((row) => row.owner_id === null && row.pool_id !== null),
    );

    const boss = await at(person, '/leads?view=all', 'admin');
    const gone = (await titles(boss)).slice(0, 2);
    for (const row of [0, 1]) await boss.locator('.grid-row input').nth(row).click();
    await boss.locator('.bulk-bar').getByRole('button', { name: '删除' }).click();
    await boss.locator('.ant-modal .ant-btn-dangerous').click();
    await toast(boss, '已删除');
    await until(
      () => rowsOf(gone),
      (rows) => rows.every((row) => row === undefined),
    );
    await boss.locator('.toast button').last().click();
    await until(
      () => rowsOf(gone),
      (rows) => rows.every((row) => row !== undefined),
    );
    await boss.locator('.record-link', { hasText: gone[0] }).first().waitFor();
    quiet(page, { refused: true });
    quiet(boss);
  });

  await run('the recycle bin shows what was deleted and gives it back', async ({ person }) => {
    const made = [];
    for (const name of ['回收站甲公司', '回收站乙公司', '回收站丙公司']) {
      const { id } = await admin.send('POST', '/accounts', { name, duplicate_reason: '测试' });
      await admin.send('DELETE', `/accounts/${id}`, undefined, { 'If-Match': '*' });
      made.push(id);
    }
    const page = await at(person, '/', 'admin');
    await page.getByRole('link', { name: '回收站' }).click();
    const line = (name) => page.locator('.recycle-bin tbody tr', { hasText: name });
    await line('回收站甲公司').waitFor();
    // Whose name it was comes a moment later.
    await line('回收站甲公司').getByText('陈立').waitFor();
    assert.match(await line('回收站甲公司').innerText(), /客户[\s\S]*陈立[\s\S]*今天[\s\S]*30 天/);
    // By name, then by object.
    await page.getByLabel('按名称查找').fill("回收站乙'");
    await page.getByText('没有符合条件的记录').waitFor();
    await page.getByLabel('按名称查找').fill('回收站');
    await line('回收站丙公司').waitFor();
    assert.equal(await page.locator('.recycle-bin tbody tr').count(), 3);
    await page.locator('.recycle-bin-tabs button', { hasText: '客户' }).click();
    await page.waitForURL(/object=account/);
    // One, then the others together.
    await line('回收站甲公司').getByRole('button', { name: '还原' }).click();
    await toast(page, '已还原 1 条记录');
    await line('回收站甲公司').waitFor({ state: 'detached' });
    await page.getByLabel('选择全部').check();
    await page.getByRole('button', { name: '还原所选（2）' }).click();
    await toast(page, '已还原 2 条记录');
    await page.getByText('没有符合条件的记录').waitFor();
    for (const id of made) assert.ok((await admin.get(`/accounts/${id}`)).name.startsWith('回收站'));
    quiet(page);
  });

  await run('without the server a new page says so and comes back by itself', async ({ person }) => {
    // A browser that has been here before has the other pages already.
    const page = await at(() => person({ isNew: true }), '/');
    await page.context().setOffline(true);
    await page.getByRole('link', { name: '线索', exact: true }).click();
    await page.getByRole('heading', { name: '连不上服务器' }).waitFor();
    await page.getByRole('link', { name: '客户', exact: true }).waitFor();
    await page.context().setOffline(false);
    await page.locator('.grid-row').first().waitFor();
    quiet(page, { refused: true });
  });
}
