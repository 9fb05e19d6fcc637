// Lists besides their grid: a filter as text, the pool of customers, the phone.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, go, settle } from '../lib/browser.mjs';
import { button, choose, quiet, startAt, until } from '../lib/steps.mjs';

export async function listJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`lists: ${name} (${kind})`, browser, work);
  const wang = await new Caller(origin).signIn('wang');
  const at = (person, path, login = 'wang', options = {}) => startAt(person, origin, login, path, options);

  await run('a filter goes from conditions to text and back; wrong text stays text', async ({ person }) => {
    await wang.send('POST', '/leads', { company: '芜湖文字筛选科技有限公司', mobile: '13766600999' });
    const page = await at(person, '/leads?view=all');
    const openFilter = () => page.locator('.list-tools').getByRole('button', { name: '筛选' }).click();
    const filter = () => new URL(page.url()).searchParams.get('filter');
    const builder = page.locator('.filter-builder');
    await openFilter();
    await builder.locator('.filter-value input').first().fill('科技');
    await button(builder, '用表达式编辑').click();
    const text = builder.getByLabel('筛选表达式');
    assert.match(await text.inputValue(), /^contains\(\w+,'科技'\)$/);
    await text.fill("contains(company,'科技') and created_at ge @today sub duration'P30D' and created_at le @now");
    await button(builder, '用条件编辑').click();
    assert.equal(await builder.locator('.filter-line').count(), 2);
    assert.match(await builder.locator('.filter-operator').nth(1).innerText(), /在最近 N 天内/);
    await button(builder, '应用').click();
    await settle(page);
    const written = filter();
    assert.equal(written, "contains(company,'科技') and created_at ge @today sub duration'P30D' and created_at le @now");
    const chips = await page.locator('.chip').allInnerTexts();
    assert.match(chips.at(-1), /在最近 30 天内/);
    // The count is that of the server, so what was chosen is what is asked for.
    const { filter: all } = (await wang.get('/meta')).objects.find(({ name }) => name === 'lead').views.find(({ name }) => name === 'all');
    const wanted = (await wang.rows('leads', { filter: `${all} and ${written}`, top: 500 })).length;
    assert.ok(wanted > 0);
    await page.getByText(`共 ${wanted} 条`).waitFor();
    // What cannot be shown as conditions stays text, and what the server refuses says so.
    await openFilter();
    await button(builder, '用表达式编辑').click();
    await text.fill('company eq');
    await builder.getByText('这个表达式只能以文字形式编辑').waitFor();
    assert.ok(await button(builder, '用条件编辑').isDisabled());
    await button(builder, '应用').click();
    await page.locator('.empty[role=alert]').waitFor();
    assert.equal(filter(), 'company eq');
    quiet(page, { refused: true });
  });

  await run('a customer is claimed from the public pool', async ({ person }) => {
    const page = await at(person, '/accounts');
    await page.locator('.tabs[aria-label="视图"] button', { hasText: '公海' }).click();
    await settle(page);
    const row = page.locator('.grid-row').first();
    const link = row.locator('.record-link');
    const id = Number((await link.getAttribute('href')).split('/').pop());
    await row.locator('input').click();
    await page.locator('.bulk-bar').getByRole('button', { name: '领取' }).click();
    const me = (await wang.get('/session')).user.id;
    await until(
      () => wang.get(`/accounts/${id}`),
      (account) => account.owner_id === me && account.pool_id === null,
    );
    await page.waitForFunction((wanted) => !document.querySelector(`.record-link[href$="/${wanted}"]`), id);
    await go(page, origin, '/accounts?view=mine');
    await page.locator(`.record-link[href$="/${id}"]`).first().waitFor();
    quiet(page);
  });

  await run('on the phone a list is counted, sorted, and one pool of several is chosen', async ({ person }) => {
    const page = await at(person, '/accounts?view=all', 'admin', { isPhone: true, dark: true });
    const admin = await new Caller(origin).signIn('admin');
    await page.locator('.phone-head .muted', { hasText: /共 [\d,]+ 条/ }).waitFor();
    await button(page, '排序').click();
    await settle(page);
    assert.deepEqual(await axeBreaks(page, ['color-contrast']), []);
    await page.getByRole('menuitem', { name: '客户名称' }).click();
    await page.waitForURL(/sort=name/);
    await settle(page);
    const [first] = await admin.rows('accounts', { orderby: 'name', top: 1, filter: 'pool_id eq null' });
    await page.locator('.phone-card-link strong', { hasText: first.name }).first().waitFor();
    const pool = await admin.send('POST', '/pools', { name: '手机公海', kind: 'account' });
    await go(page, origin, '/accounts?view=pool');
    const cards = page.locator('.phone-card');
    assert.ok((await cards.count()) > 0);
    await choose(page, page.locator('.phone-tools .ant-select'), pool.name);
    await page.waitForURL(new RegExp(`pool=${pool.id}`));
    await button(page.locator('.empty'), '回到客户列表').click();
    await page.waitForURL((url) => !/pool/.test(url.search));
    await cards.first().waitFor();
    await admin.send('DELETE', `/pools/${pool.id}`, undefined, { 'If-Match': '*' });
    quiet(page);
  });
}
