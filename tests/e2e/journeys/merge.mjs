// Several records become one: from a list, from a record's menu, on the phone; old addresses; undo.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { go, settle } from '../lib/browser.mjs';
import { button, dialog, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function mergeJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`merge: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const make = async (collection, values) => (await admin.send('POST', `/${collection}`, values)).id;
  const at = (person, path, options) => startAt(person, origin, 'admin', path, options);

  // The list of the customers that the search finds, once it knows them.
  const found = async (person, word, count) => {
    await until(
      () => admin.rows('accounts', { search: word }),
      (rows) => rows.length === count,
    );
    return at(person, `/accounts?q=${word}`);
  };
  const choose = async (page, names) => {
    for (const name of names)
      await page.locator('.grid-row', { hasText: name }).locator('input').first().click();
  };

  await run('two customers of a list become one and part again', async ({ person }) => {
    const stays = await make('accounts', { name: '合并甲贸易', website: 'https://a.example' });
    const goes = await make('accounts', { name: '合并乙贸易', website: 'https://b.example', phone: '021-55556666' });
    const contact = await make('contacts', { name: '合并联系人', account_id: goes });
    const page = await found(person, '合并', 2);
    await choose(page, ['合并甲贸易', '合并乙贸易']);
    await button(page.locator('.bulk-bar'), '合并').click();
    const box = dialog(page, '合并 2 条客户');
    await box.locator('.merge-heads').waitFor();
    await box.locator('.merge-heads label', { hasText: '合并甲贸易' }).click();
    await settle(page);
    // Keyboard alone: into the group of a field, then along it.
    const website = box.locator('fieldset', { hasText: '网址' });
    await website.locator('label', { hasText: 'a.example' }).locator('input').focus();
    await page.keyboard.press('ArrowRight');
    if (!(await website.locator('label', { hasText: 'b.example' }).locator('input').isChecked()))
      await page.keyboard.press('ArrowLeft');
    assert.ok(await website.locator('label', { hasText: 'b.example' }).locator('input').isChecked());
    assert.match(await box.innerText(), /联系人 1 条/);
    await button(box, '合并 2 条').click();
    await toast(page, '已合并 2 条客户');
    const merged = await admin.get(`/accounts/${stays}`);
    assert.equal(merged.website, 'https://b.example');
    assert.equal(merged.phone, '021-55556666');
    assert.deepEqual(merged.former_names, ['合并乙贸易']);
    assert.equal((await admin.get(`/contacts/${contact}`)).account_id, stays);
    // The old address leads to the one that stayed, and says so.
    await go(page, origin, `/accounts/${goes}`);
    await page.waitForURL(new RegExp(`/accounts/${stays}$`));
    await page.getByText('已合并到“合并甲贸易”').waitFor();
    // Taken back in the timeline.
    await page.locator('.entry', { hasText: '合并了 合并乙贸易' }).waitFor();
    await button(page.locator('.entry[data-kind=merge]'), '撤销合并').click();
    await toast(page, '已撤销合并');
    assert.equal((await admin.get(`/accounts/${goes}`)).name, '合并乙贸易');
    assert.equal((await admin.get(`/contacts/${contact}`)).account_id, goes);
    assert.equal((await admin.get(`/accounts/${stays}`)).website, 'https://a.example');
    quiet(page);
  });

  await run('a refusal says why and nothing can be confirmed', async ({ person }) => {
    const one = await make('accounts', { name: '拒绝甲贸易' });
    const two = await make('accounts', { name: '拒绝乙贸易' });
    await admin.send('POST', `/accounts/${one}/lock`, {});
    await admin.send('POST', `/accounts/${two}/lock`, {});
    const page = await found(person, '拒绝', 2);
    await choose(page, ['拒绝甲贸易', '拒绝乙贸易']);
    await button(page.locator('.bulk-bar'), '合并').click();
    const box = dialog(page, '合并 2 条客户');
    await box.getByText('要并入的客户已锁定').waitFor();
    assert.ok(await button(box, '合并 2 条').isDisabled());
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
    quiet(page);
  });

  await run('on the phone duplicates are found and merged', async ({ person }) => {
    const stays = await make('leads', { company: '手机合并科技', name: '赵一', mobile: '13911110001' });
    const goes = await make('leads', {
      company: '手机合并科技有限公司',
      name: '赵一',
      mobile: '13911110002',
      email: 'zhao@example.com',
      duplicate_reason: '不同部门',
    });
    const page = await at(person, `/leads/${stays}`, { isPhone: true });
    await button(page, '更多操作').click();
    await page.getByText('查找并合并重复').click();
    const hits = dialog(page, '查找并合并重复');
    await hits.locator('label', { hasText: '手机合并科技有限公司' }).click();
    await button(hits, '下一步').click();
    const box = dialog(page, '合并 2 条线索');
    await box.locator('.merge-heads').waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await button(box, '合并 2 条').click();
    await toast(page, '已合并 2 条线索');
    assert.equal((await admin.get(`/leads/${stays}`)).email, 'zhao@example.com');
    assert.equal((await admin.get(`/leads/${goes}`)).id, stays);
    quiet(page);
  });
}
