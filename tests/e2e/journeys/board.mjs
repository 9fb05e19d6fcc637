// The board with more cards than an answer holds, and the dialogs of actions, which lose nothing.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { go, settle } from '../lib/browser.mjs';
import { button, dialog, field, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function boardJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`board: ${name} (${kind})`, browser, work);
  const wang = await new Caller(origin).signIn('wang');
  const at = (person, path, login = 'wang') => startAt(person, origin, login, path);

  await run('a long column is walked to its last card, and a card from there is moved', async ({ person }) => {
    const [account] = await wang.rows('accounts', { filter: 'owner_id eq @me', top: 1 });
    const titles = Array.from({ length: 65 }, (_, number) => `长列商机${number}`);
    for (let at = 0; at < titles.length; at += 13) {
      await Promise.all(
        titles.slice(at, at + 13).map((name) =>
          wang.send('POST', '/opportunities', { name, account_id: account.id, amount: 1000, expected_close_date: '2031-05-31' }),
        ),
      );
    }
    const page = await at(person, "/opportunities?filter=startswith(name,'长列商机')");
    const column = page.locator('.board-column').first();
    const cards = column.locator('.board-card');
    assert.equal(await column.locator('.board-head .muted').first().innerText(), '65');
    assert.equal(await cards.count(), 30);
    // By scrolling, and by the button for who does not scroll.
    await column.locator('.board-cards').evaluate((list) => list.scrollTo(0, list.scrollHeight));
    await cards.nth(59).waitFor({ state: 'attached' });
    await settle(page);
    if ((await cards.count()) < 65) await column.getByRole('button', { name: '再显示一些' }).click();
    await cards.nth(64).waitFor({ state: 'attached' });
    const shown = await cards.locator('.card-title').allInnerTexts();
    assert.deepEqual(shown.map((text) => text.trim()).toSorted(), titles.toSorted());
    assert.equal(await column.getByRole('button', { name: '再显示一些' }).count(), 0);
    const last = cards.last();
    const title = (await last.locator('.card-title').innerText()).trim();
    await last.locator('.icon-button').click();
    await page.getByRole('menuitem').first().click();
    await toast(page, '已移到');
    await page.locator('.board-column').nth(1).locator('.board-card', { hasText: title }).first().waitFor();
    await settle(page);
    assert.equal(await cards.count(), 64);
    quiet(page);
  });

  await run('the address says what the board shows', async ({ person }) => {
    const page = await at(person, '/opportunities', 'zhou');
    const columns = page.locator('.board-column');
    const open = await columns.count();
    await page.locator('.tabs[aria-label="负责人"] button', { hasText: '我的' }).click();
    await page.getByLabel('显示输单和无效').check();
    await page.waitForURL(/owner=me/);
    await page.waitForURL(/closed=yes/);
    await settle(page);
    assert.ok((await columns.count()) > open, 'the columns of what is decided');
    await page.reload();
    await settle(page);
    assert.equal(await page.locator('.tabs[aria-label="负责人"] button', { hasText: '我的' }).getAttribute('aria-pressed'), 'true');
    assert.ok(await page.getByLabel('显示输单和无效').isChecked());
    assert.ok((await columns.count()) > open);
    const admin = await new Caller(origin).signIn('admin');
    const pipelines = await admin.rows('pipelines', { orderby: 'id' });
    const other = pipelines.at(-1);
    await go(page, origin, `/opportunities?pipeline=${other.id}`);
    await page.locator('.list-tools .ant-select', { hasText: other.name }).waitFor();
    quiet(page);
  });

  await run('a dialog of an action does not close beside it, and what was typed outlives it', async ({ person }) => {
    const [lead] = await wang.rows('leads', { filter: "owner_id eq @me and status eq 'following'", top: 1 });
    const page = await at(person, `/leads/${lead.id}`);
    const open = async () => {
      await button(page.locator('.record-actions').first(), '转换').click();
      const form = dialog(page, '转换线索');
      await form.waitFor();
      await settle(page);
      return form;
    };
    const form = await open();
    await form.getByLabel('新客户名称').fill('草稿保留测试有限公司');
    await page.mouse.click(5, 400);
    assert.equal(await form.count(), 1, 'a click beside it closes nothing');
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    await page.reload();
    await settle(page);
    const again = await open();
    assert.equal(await again.getByLabel('新客户名称').inputValue(), '草稿保留测试有限公司');
    await again.getByText('已恢复上次没有保存的内容').waitFor();
    await button(again, '重新填写').click();
    assert.equal(await again.getByLabel('新客户名称').inputValue(), lead.company);
    await page.keyboard.press('Escape');
    await again.waitFor({ state: 'detached' });
    quiet(page);
  });

  await run('a note that was typed is there again until it has been sent', async ({ person }) => {
    const { id } = await wang.send('POST', '/leads', { company: '草稿退回测试有限公司', mobile: '13766600123' });
    const page = await at(person, `/leads/${id}`);
    const open = async () => {
      await page.locator('.record-actions').getByRole('button', { name: '更多操作' }).click();
      await page.getByRole('menuitem', { name: '退回' }).first().click();
      const form = page.locator('[role=dialog]').last();
      await form.waitFor();
      await settle(page);
      return form;
    };
    const form = await open();
    const note = (box) => field(box, '说明');
    await note(form).fill('客户暂时没有预算');
    await page.mouse.click(5, 400);
    assert.equal(await form.count(), 1);
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    const again = await open();
    assert.equal(await note(again).inputValue(), '客户暂时没有预算');
    await again.locator('.ant-select').first().click();
    await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').first().click();
    await again.locator('.ant-btn-primary').click();
    await again.waitFor({ state: 'detached' });
    await until(
      () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('draft.action'))),
      (keys) => keys.length === 0,
    );
    quiet(page);
  });
}
