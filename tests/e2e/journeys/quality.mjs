// Data quality: figures lead to the customers behind them, a check on demand finds what is wrong, and a finding leads to
// its record.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { enter, go } from '../lib/browser.mjs';
import { button, quiet, until } from '../lib/steps.mjs';

export async function qualityJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`quality: ${name} (${kind})`, browser, work);
  const wang = await new Caller(origin).signIn('wang');

  await run('a manager looks where it is worst and opens those customers', async ({ person }) => {
    const page = await person();
    await enter(page, origin, 'zhou');
    await go(page, origin, '/');
    await page.locator('.side-bar a', { hasText: '数据质量' }).click();
    const tile = (name) => page.locator('.quality-tile', { hasText: name });
    await tile('空壳客户').click();
    assert.equal(await tile('空壳客户').getAttribute('aria-pressed'), 'true');
    await page.getByRole('heading', { name: '空壳客户 · 近 12 个月' }).waitFor();
    assert.ok((await page.locator('.bars rect').count()) >= 12);
    await button(page, '负责人').click();
    const worst = page.locator('.quality-places a').first();
    const count = Number(await worst.locator('strong').innerText());
    await worst.click();
    await page.waitForURL(/accounts\?.*view=shells/);
    await until(
      () => page.locator('.grid-row').count(),
      (rows) => rows === Math.min(rows, count) && rows > 0,
    );
    quiet(page);
  });

  await run('a check on demand finds what time made wrong, and leads to it', async ({ person }) => {
    const [deal] = await wang.rows('opportunities', { filter: "status eq 'open' and owner_id eq @me", top: 1 });
    await wang.change('opportunities', deal.id, { name: '早该成交的商机', expected_close_date: '2020-01-31' });
    const page = await person();
    await enter(page, origin, 'zhou');
    await go(page, origin, '/data_quality');
    await button(page, '立即检查').click();
    await until(
      () => button(page, '立即检查').isEnabled(),
      (enabled) => enabled,
    );
    const row = page.locator('.quality-findings .row', { hasText: '早该成交的商机' });
    await row.waitFor();
    await row.getByText('预计成交日期已过').waitFor();
    await row.locator('a').click();
    await page.waitForURL(new RegExp(`opportunities/${deal.id}`));
    quiet(page);
  });

  await run('a seller sees his own figures and no check; finance sees no page', async ({ person }) => {
    const seller = await person();
    await enter(seller, origin, 'wang');
    await go(seller, origin, '/data_quality');
    await seller.locator('.quality-tile').first().waitFor();
    assert.equal(await button(seller, '立即检查').count(), 0);
    const other = await person();
    await enter(other, origin, 'sun');
    await go(other, origin, '/');
    assert.equal(await other.locator('.side-bar a', { hasText: '数据质量' }).count(), 0);
    quiet(seller);
    quiet(other);
  });
}
