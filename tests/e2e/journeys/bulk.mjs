// One action on many records: some fail and say why, some go on with a reason, and more than one request takes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, enter, go, settle } from '../lib/browser.mjs';
import { button, choose, dialog, quiet, toast, until } from '../lib/steps.mjs';

const contact = (number) => ({ name: '蒋先生', mobile: `1365551${String(number).padStart(4, '0')}` });

export async function bulkJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`bulk: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const wang = await new Caller(origin).signIn('wang');
  const listOf = async (person, login, words) => {
    const page = await person();
    await enter(page, origin, login);
    await go(page, origin, `/leads?filter=contains(company,'${words}')`);
    return page;
  };
  const everything = (page) => page.locator('.grid-head input[type=checkbox]');

  await run('what a rule stops goes on with one reason, the rest is done already', async ({ person }) => {
    const [colleague] = await admin.rows('users', { filter: "login eq 'li'" });
    const [rule] = await admin.rows('duplicate_rules', {
      filter: "object eq 'lead' and other eq 'account' and kind eq 'company'",
    });
    const made = [];
    const companies = ['甲', '乙', '丙'].map((name) => `成批${name}仪表有限公司`);
    for (const [at, company] of companies.entries()) {
      if (at < 2) await wang.send('POST', '/accounts', { name: company });
      made.push(await wang.send('POST', '/leads', { company, ...contact(at), duplicate_reason: '另一部门' }));
    }
    await admin.change('duplicate_rules', rule.id, { transfer_exact: 'warn' });
    const page = await listOf(person, 'admin', '成批');
    await everything(page).click();
    await button(page.locator('.bulk-bar'), '转移').click();
    const form = dialog(page, '转移');
    await choose(page, form.locator('.ant-select').first(), colleague.name);
    await button(form, '转移').click();
    const result = dialog(page, '转移：结果');
    await result.getByText('1 条成功，2 条未成功').waitFor();
    assert.equal(await result.locator('tbody tr').count(), 2);
    const link = page.getByRole('link', { name: '成批甲仪表有限公司', exact: true });
    const row = result.locator('tbody tr').filter({ has: link });
    assert.match(await row.locator('a').getAttribute('href'), new RegExp(`/leads/${made[0].id}$`));
    assert.match(await row.innerText(), /填写原因[^]*客户 · 成批甲仪表有限公司/);
    await settle(page);
    assert.deepEqual(await axeBreaks(page), []);
    const [file] = await Promise.all([page.waitForEvent('download'), button(result, '导出').click()]);
    const text = readFileSync(await file.path(), 'utf8');
    assert.ok(text.startsWith('\ufeff线索,原因,地址\r\n') && text.includes(`/leads/${made[1].id}\r\n`), text);
    await button(result, '填写后再试 2 条').click();
    await result.locator('[data-error]').getByText('请填写原因').waitFor();
    await result.locator('form input').fill('他跟进另一部门');
    await button(result, '填写后再试 2 条').click();
    await toast(page, '共 3 条');
    await result.waitFor({ state: 'detached' });
    for (const { id } of made) assert.equal((await admin.get(`/leads/${id}`)).owner_id, colleague.id);
    const { value } = await admin.get(`/leads/${made[0].id}/timeline`);
    assert.ok(value.some(({ reason }) => reason === '他跟进另一部门'));
    await admin.change('duplicate_rules', rule.id, { transfer_exact: 'ignore' });
    quiet(page);
  });

  await run('more than one request takes are deleted, and come back', async ({ person }) => {
    const count = 130;
    for (let at = 0; at < count; at += 65) {
      const requests = Array.from({ length: 65 }, (_, each) => ({
        id: String(each),
        method: 'POST',
        url: 'leads',
        body: {
          company: `批量删除样本${String.fromCodePoint(0x4e00 + (at + each) * 11)}公司`,
          ...contact(200 + at + each),
        },
      }));
      const { responses } = await wang.send('POST', '/$batch', { requests });
      assert.deepEqual(responses.filter(({ status }) => status !== 201), []);
    }
    const page = await listOf(person, 'admin', '批量删除样本');
    await page.locator('.grid').focus();
    await page.keyboard.press('Control+End');
    await settle(page);
    await page.keyboard.press('Control+End'); // of the rows that have come meanwhile
    await page.locator(`.grid-row[aria-rowindex="${count + 1}"]`).waitFor();
    await everything(page).click();
    await page.getByText(`已选 ${count} 条`).waitFor();
    await button(page.locator('.bulk-bar'), '删除').click();
    await button(dialog(page, `删除 ${count} 条`), '删除').click();
    await page.locator('.toast', { hasText: `已删除 ${count} 条` }).getByRole('button', { name: '撤销' }).click();
    const left = () => admin.rows('leads', { filter: "contains(company,'批量删除样本')", top: 200, select: 'id' });
    await until(left, (rows) => rows.length === count);
    await page.locator('.grid-row').first().waitFor();
    quiet(page);
  });
}
