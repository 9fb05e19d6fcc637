// Values edited where they stand, in a list and on the page of a record, and blocks pasted from a spreadsheet.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, go, goInside, settle } from '../lib/browser.mjs';
import { button, cell, dialog, goToCell, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function editingJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`editing: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const at = (person, path, login = 'li') => startAt(person, origin, login, path);
  const titles = (page) => page.locator('.grid-row .record-link').allInnerTexts();
  const paste = (page, text) =>
    page.evaluate((data) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', data);
      document
        .querySelector('.grid')
        .dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);

  await run('a refused value stays in the cell with the field and the rule', async ({ person }) => {
    const page = await at(person, '/leads?view=mine');
    const before = await cell(page, 0, '手机号');
    await goToCell(page, 0, '手机号');
    await page.keyboard.press('F2');
    const editor = page.locator('.grid-editor input');
    await editor.fill('12ab');
    await page.keyboard.press('Enter');
    await page.locator('.grid-editor-error').waitFor();
    assert.equal(await editor.inputValue(), '12ab');
    const error = page.locator('.grid-editor-error');
    assert.match(await error.innerText(), /^手机号: .*\S/);
    assert.ok(
      await error.evaluate((box) => {
        const { left, top, width, height } = box.getBoundingClientRect();
        return box.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      }),
      'nothing lies over the reason',
    );
    await page.keyboard.press('Escape');
    assert.equal(await cell(page, 0, '手机号'), before);
    quiet(page, { refused: true });
  });

  await run('a refused value stays in its cell whatever is clicked next', async ({ person }) => {
    const page = await at(person, '/leads?view=mine');
    const other = await cell(page, 2, '联系人');
    await goToCell(page, 0, '手机号');
    await page.keyboard.press('F2');
    await page.locator('.grid-editor input').fill('12ab');
    // Another cell: the editor goes, the value and the reason stay.
    await page.locator('.grid-row').nth(2).locator('[role=gridcell]').nth(2).click();
    const refused = page.locator('.grid-cell[data-refused]');
    await refused.waitFor();
    assert.match(await refused.innerText(), /12ab/);
    await refused.hover();
    await refused.getByText(/^手机号: .*\S/).waitFor();
    assert.equal(await cell(page, 2, '联系人'), other);
    // The value is there on the page of the record, and after another list was looked at.
    await goInside(page, '/leads?view=all');
    await goInside(page, '/leads?view=mine');
    await refused.click();
    const editor = page.locator('.grid-editor input');
    assert.equal(await editor.inputValue(), '12ab');
    // The search box keeps the focus that it was given.
    await page.locator('.list-search input').click();
    await page.keyboard.type('xe');
    assert.equal(await page.locator('.list-search input').inputValue(), 'xe');
    await page.locator('.list-search input').fill('');
    await settle(page);
    await page.locator('.grid-row').first().locator('.record-link').click();
    await button(page.locator('.record-panel .panel-tabs'), '资料').click();
    const value = page.locator('.record-panel .refused-value');
    await value.getByText('12ab').waitFor();
    await value.getByRole('button').click();
    await page.locator('.record-panel .grid-editor input').press('Escape');
    await value.waitFor({ state: 'detached' });
    await refused.waitFor({ state: 'detached' });
    quiet(page, { refused: true });
  });

  await run('on the page of a record a refused value waits beside the next editor', async ({ person }) => {
    const page = await at(person, '/leads?view=mine');
    await page.locator('.record-link').first().click();
    const panel = page.locator('.record-panel');
    await button(panel.locator('.panel-tabs'), '资料').click();
    const pencil = (label) => panel.getByRole('button', { name: `编辑${label}`, exact: true });
    await pencil('手机号').click();
    await panel.locator('.grid-editor input').fill('12ab');
    await pencil('职务').click();
    const waiting = panel.locator('.refused-value');
    await waiting.getByText('12ab').waitFor();
    await panel.locator('.grid-editor input').fill('主任');
    await panel.locator('.grid-editor input').press('Enter');
    await toast(page, '已保存');
    await waiting.getByRole('button').click();
    assert.equal(await panel.locator('.grid-editor input').inputValue(), '12ab');
    await panel.locator('.grid-editor input').press('Escape');
    await waiting.waitFor({ state: 'detached' });
    quiet(page, { refused: true });
  });

  await run('what is typed stays with its record while others change the list', async ({ person }) => {
    const page = await at(person, '/leads?view=mine&sort=updated_at desc');
    const before = await titles(page);
    const [mine, theirs] = [before[1], before[before.length - 1]];
    await goToCell(page, 1, '联系人');
    await page.keyboard.press('F2');
    const editor = page.locator('.grid-editor input');
    await editor.fill('写到一半');
    const [other] = await admin.rows('leads', { filter: `company eq '${theirs}'`, select: 'id' });
    const again = page.waitForResponse((answer) => /\/leads\?.*select/.test(answer.url()));
    await admin.change('leads', other.id, { name: '别人改的' });
    await again;
    await settle(page);
    assert.equal(await editor.inputValue(), '写到一半');
    assert.deepEqual(await titles(page), before);
    await page.keyboard.type('了');
    await page.keyboard.press('Enter');
    await toast(page, '已保存');
    const [saved] = await admin.rows('leads', { filter: `company eq '${mine}'`, select: 'name' });
    assert.equal(saved.name, '写到一半了');
    // With the editor closed the rows take their places.
    await page.waitForFunction(
      (name) => document.querySelectorAll('.grid-row .record-link')[0]?.textContent === name,
      theirs,
    );
    quiet(page);
  });

  await run('amounts are written as people say them, and nothing that is typed disappears', async ({ person }) => {
    const page = await at(person, '/opportunities?mode=list&view=mine&cols=name,amount,expected_close_date');
    await goToCell(page, 0, '预计金额');
    await page.keyboard.press('F2');
    const editor = page.locator('.grid-editor input');
    await editor.fill('约12万');
    await page.keyboard.press('Enter');
    await page.locator('.grid-editor-error').getByText('请填数字').waitFor();
    assert.equal(await editor.inputValue(), '约12万');
    await editor.fill('12.5万');
    await page.keyboard.press('Enter');
    await toast(page, '已保存');
    assert.equal(await cell(page, 0, '预计金额'), '¥125,000');
    await goToCell(page, 0, '预计成交日期');
    await page.keyboard.press('F2');
    await editor.fill('下个月');
    await page.locator('.list-search input').click();
    await page.locator('.grid-editor-error').getByText('日期格式不对').waitFor();
    assert.equal(await editor.inputValue(), '下个月');
    await editor.fill('2031年3月1日');
    await editor.press('Enter');
    // The word of the first saving may still stand there: only the cell tells.
    await until(() => cell(page, 0, '预计成交日期'), (text) => text === '2031-03-01');
    quiet(page);
  });

  await run('Enter of an input method does not close the editor', async ({ person }) => {
    const page = await at(person, '/leads?view=mine');
    await goToCell(page, 0, '联系人');
    await page.keyboard.press('e');
    const editor = page.locator('.grid-editor input');
    await editor.fill('li');
    await editor.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true });
    assert.equal(await editor.count(), 1);
    await page.keyboard.press('Escape');
    await editor.waitFor({ state: 'detached' });
    quiet(page);
  });

  await run('a block from a spreadsheet is pasted over cells', async ({ person }) => {
    const page = await at(person, '/contacts?view=mine');
    await goToCell(page, 0, '职务');
    await paste(page, '董事长\t13900001111\r\n采购主管\t13900002222\r\n');
    await toast(page, '已粘贴 4 个单元格');
    assert.equal(await cell(page, 0, '职务'), '董事长');
    assert.equal(await cell(page, 1, '手机号'), '13900002222');
    await go(page, origin, '/contacts?view=mine&filter=mobile eq \'13900001111\'');
    assert.equal(await cell(page, 0, '职务'), '董事长');
    quiet(page);
  });

  await run('what a paste could not write is told cell by cell, and all of it is taken back', async ({ person }) => {
    const page = await at(person, '/contacts?view=mine&cols=name,title,mobile');
    const last = Number(await page.locator('.grid').getAttribute('aria-rowcount')) - 1;
    const shown = async (row) => [await cell(page, row, '职务'), await cell(page, row, '手机号')];
    const before = [await shown(0), await shown(1)];
    await goToCell(page, 0, '职务');
    await paste(page, '监事\t12ab\t多出来的\n财务经理\t13900003333');
    const result = dialog(page, '粘贴：结果');
    await result.getByText('已粘贴 3 个单元格，2 个没有写入').waitFor();
    const told = await result.locator('tbody tr').evaluateAll((rows) =>
      rows.map((row) => [...row.cells].map((each) => each.innerText.trim())),
    );
    assert.equal(told.length, 2);
    assert.deepEqual(told.map((each) => each[0]), ['1', '1']);
    assert.deepEqual(told.map((each) => each[2]).sort(), ['右边第 3 列', '手机号'].sort());
    assert.ok(told.some((each) => each[3] === '12ab' && each[4].startsWith('电话号码不对')), JSON.stringify(told));
    assert.ok(told.some((each) => each[3] === '多出来的' && each[4] === '超出了最后一列'));
    await settle(page);
    assert.deepEqual(await axeBreaks(page), []);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await button(result, '复制').click();
    const copied = await until(
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.includes('12ab'),
    );
    assert.match(copied, /^行\t联系人\t列\t值\t原因\n1\t/);
    assert.deepEqual(await shown(0), ['监事', before[0][1]]);
    await button(result, '撤销已粘贴的 3 个').click();
    await toast(page, '已撤销粘贴');
    // They were changed last, so they come first, in whichever order.
    const inOrder = (rows) => JSON.stringify(rows.toSorted());
    await until(
      async () => [await shown(0), await shown(1)],
      (now) => inOrder(now) === inOrder(before),
    );
    // Rows beyond the last one are told as well.
    await goToCell(page, last - 1, '职务');
    await paste(page, '最后\n没有这一行');
    await dialog(page, '粘贴：结果').getByText('超出了最后一行').waitFor();
    await button(dialog(page, '粘贴：结果'), '撤销已粘贴的 1 个').click();
    await toast(page, '已撤销粘贴');
    quiet(page, { refused: true });
  });

  await run('times are pasted, and what somebody else has changed is not overwritten', async ({ person }) => {
    const page = await at(person, '/leads?view=mine&cols=company,next_contact_at,name');
    await goToCell(page, 0, '下次联系时间');
    await paste(page, '2031/3/1 14:30');
    await toast(page, '已粘贴 1 个单元格');
    assert.equal(await cell(page, 0, '下次联系时间'), '2031-03-01 14:30');
    await page.locator('.toast button', { hasText: '撤销' }).last().click();
    await toast(page, '已撤销粘贴');
    // The page does not hear of this change before it writes.
    const name = (await titles(page))[0];
    const [{ id }] = await admin.rows('leads', { filter: `company eq '${name}'`, select: 'id' });
    const gate = page.waitForRequest(/\$batch/);
    await page.route('**/api/v1/$batch', async (route) => {
      await admin.change('leads', id, { name: '别人先改' });
      await route.continue();
    });
    await goToCell(page, 0, '联系人');
    await paste(page, '后来的人');
    await gate;
    await dialog(page, '粘贴：结果').getByText('这条记录刚被别人改过').waitFor();
    assert.equal((await admin.get(`/leads/${id}`)).name, '别人先改');
    await page.unroute('**/api/v1/$batch');
    quiet(page, { refused: true });
  });

  await run('what is copied is what is shown, and can be pasted back', async ({ person }) => {
    const page = await at(person, '/accounts?view=mine&cols=name,level,tag_ids,region_id,industry');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    const [tag] = await admin.rows('tags', { filter: "name eq '续约'" });
    const [{ id }] = await admin.rows('accounts', {
      filter: `name eq '${(await titles(page))[0]}'`,
      select: 'id',
    });
    const [region] = (await admin.get('/regions')).filter((each) => each.name === '苏州市');
    await admin.change('accounts', id, { tag_ids: [tag.id], region_id: region.id });
    await go(page, origin, `/accounts?view=mine&cols=name,level,tag_ids,region_id,industry&filter=id in (${id})`);
    await page.locator('.pill', { hasText: '续约' }).waitFor();
    await page.locator('.grid-row', { hasText: '苏州市' }).waitFor();
    await page.locator('.grid-row input').first().click();
    await page.locator('.grid').focus();
    await page.keyboard.press('Control+c');
    const copied = await until(
      () => page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.includes('\t'),
    );
    const cells = copied.split('\t');
    assert.deepEqual(cells.slice(1, 4), [await cell(page, 0, '客户级别'), '续约', '苏州市']);
    // Back in, other ones: names of tags and of a region.
    await goToCell(page, 0, '标签');
    await paste(page, '重点、转介绍\t杭州市');
    await toast(page, '已粘贴 2 个单元格');
    await page.locator('.pill', { hasText: '转介绍' }).waitFor();
    await page.locator('.grid-row', { hasText: '杭州市' }).waitFor();
    const saved = await admin.get(`/accounts/${id}`);
    assert.equal(saved.tag_ids.length, 2);
    assert.ok(!saved.tag_ids.includes(tag.id) && saved.region_id !== region.id);
    quiet(page);
  });
}
