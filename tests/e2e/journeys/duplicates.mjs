// The rules of the duplicate check: an administrator changes one, a sales person meets the effect.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { go } from '../lib/browser.mjs';
import { button, choose, dialog, field, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function duplicateJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`duplicates: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const wang = await new Caller(origin).signIn('wang');
  const at = (person, login, path) => startAt(person, origin, login, path);
  const ruleOf = async (object, other, by) =>
    (
      await admin.rows('duplicate_rules', {
        filter: `object eq '${object}' and other eq '${other}' and kind eq '${by}'`,
      })
    )[0];
  const rowOf = (page, ...words) =>
    words.reduce(
      (rows, word) => rows.filter({ hasText: word }),
      page.locator('.duplicate-rules tbody tr'),
    );
  const create = async (page, label) => {
    await page.keyboard.press('c');
    return dialog(page, label);
  };

  await run('a rule is changed in the settings and holds at once', async ({ person }) => {
    const [known] = await wang.rows('accounts', { filter: 'owner_id eq @me', top: 1, orderby: 'id' });
    const office = await at(person, 'admin', '/settings/duplicates');
    const page = await at(person, 'wang', '/accounts');
    let form = await create(page, '新建客户');
    await field(form, '客户名称').fill(known.name);
    await form.locator('.hits[data-verdict=block]').waitFor();
    assert.ok(await button(form, '保存').isDisabled());
    await page.keyboard.press('Escape');

    const row = rowOf(office, '客户 → 客户', '公司名称', '完全相同');
    await choose(office, row.locator('.ant-select').first(), '需填写原因');
    await toast(office, '已保存');
    assert.equal((await ruleOf('account', 'account', 'company')).manual_exact, 'warn');
    await go(page, origin, '/accounts');
    form = await create(page, '新建客户');
    await field(form, '客户名称').fill(`${known.name} `);
    await form.locator('.hits[data-verdict=warn]').waitFor();
    await form.locator('#duplicate-reason').fill('同名的另一家');
    await button(form, '仍要新建').click();
    await toast(page, '客户已新建');
    const made = await wang.rows('accounts', { filter: `name eq '${known.name}'`, orderby: 'id desc' });
    assert.equal(made.length, 2);
    await wang.send('DELETE', `/accounts/${made[0].id}`, undefined, { 'If-Match': '*' }).catch(() =>
      admin.send('DELETE', `/accounts/${made[0].id}`, undefined, { 'If-Match': '*' }),
    );
    await choose(office, row.locator('.ant-select').first(), '禁止');
    await until(
      () => ruleOf('account', 'account', 'company'),
      (rule) => rule.manual_exact === 'block',
    );
    quiet(office);
    quiet(page);
  });

  await run('a branch is told of its head office and takes it over with one click', async ({ person }) => {
    const head = await wang.send('POST', '/accounts', { name: '瓯越分支测试股份有限公司' });
    const page = await at(person, 'wang', '/accounts');
    const form = await create(page, '新建客户');
    await field(form, '客户名称').fill('瓯越分支测试股份有限公司台州分公司');
    const hit = form.locator('.hit', { hasText: '分支机构：总公司已在客户中' });
    await button(hit, '填为上级集团').click();
    await hit.waitFor({ state: 'detached' });
    await form.locator('.field-line', { hasText: '上级集团' }).getByText(head.name).waitFor();
    await button(form, '保存').click();
    await toast(page, '客户已新建');
    const [branch] = await wang.rows('accounts', { filter: "name eq '瓯越分支测试股份有限公司台州分公司'" });
    assert.equal(branch.parent_account_id, head.id);
    quiet(page);
  });

  await run('a hidden duplicate names its owner when the company wants it', async ({ person }) => {
    const [theirs] = await wang.rows('accounts', { filter: 'owner_id eq @me', top: 1, orderby: 'id' });
    const office = await at(person, 'admin', '/settings/duplicates');
    const owner = office.getByRole('switch', { name: '查重时显示他人记录的负责人' });
    const look = async () => {
      const page = await at(person, 'li', '/accounts');
      const form = await create(page, '新建客户');
      await field(form, '客户名称').fill(theirs.name);
      await form.locator('.hit').first().waitFor();
      quiet(page);
      return form.locator('.hit').first().innerText();
    };
    const [me] = await admin.rows('users', { filter: "login eq 'wang'" });
    const veiled = await look();
    assert.ok(veiled.includes('已有负责人') && !veiled.includes(me.name), veiled);
    await owner.click();
    await toast(office, '已保存');
    const named = await look();
    assert.ok(named.includes(me.name) && !named.includes(theirs.name), named);
    await owner.click();
    await until(
      () => admin.get('/switches'),
      ({ value }) => !value.find(({ name }) => name === 'duplicate.shows_owner').is_on,
    );
    quiet(office);
  });

  await run('a code with O and I is put right with one click', async ({ person }) => {
    const page = await at(person, 'wang', '/accounts');
    const form = await create(page, '新建客户');
    await field(form, '客户名称').fill('字母代码仪表有限公司');
    await form.locator('.more-fields').click();
    await field(form, '统一社会信用代码').fill('9I34OIO4MA8NE3M66N');
    await form.locator('.value-hints', { hasText: '91340104MA8NE3M66N' }).waitFor();
    await button(form.locator('.value-hints'), '采用').click();
    assert.equal(await field(form, '统一社会信用代码').inputValue(), '91340104MA8NE3M66N');
    await form.locator('.value-hints').waitFor({ state: 'detached' });
    await button(form, '保存').click();
    await toast(page, '客户已新建');
    quiet(page);
  });

  await run('a number that many share is marked on the record', async ({ person }) => {
    const made = [];
    for (const name of ['总机一厂', '总机二厂', '总机三厂', '总机四厂'])
      made.push(await wang.send('POST', '/accounts', { name, phone: '0571-85670000' }));
    const page = await at(person, 'wang', `/accounts/${made[0].id}`);
    await page.locator('.field-value', { hasText: '0571-85670000' }).getByText('公共号码').waitFor();
    quiet(page);
  });

  await run('another name of a customer needs a reason that is asked for on the spot', async ({ person }) => {
    const kept = await wang.send('POST', '/accounts', { name: '改名在先仪表有限公司' });
    const other = await wang.send('POST', '/accounts', { name: '改名在后仪表有限公司' });
    const page = await at(person, 'wang', `/accounts/${other.id}`);
    await page.getByRole('button', { name: '编辑客户名称' }).click();
    const cell = page.locator('.field-value[data-editing] input');
    await cell.fill('改名在先仪表股份有限公司');
    await cell.press('Enter');
    const ask = dialog(page, '可能已有相同的记录');
    await ask.locator('.hit', { hasText: kept.name }).waitFor();
    await ask.locator('#second-reason').fill('查过工商，是两家');
    await button(ask, '仍要继续').click();
    await ask.waitFor({ state: 'detached' });
    assert.equal((await wang.get(`/accounts/${other.id}`)).name, '改名在先仪表股份有限公司');
    quiet(page, { refused: true });
  });

  await run('a reason that an action needs is asked for on the spot', async ({ person }) => {
    const rule = await ruleOf('lead', 'account', 'company');
    const [known] = await wang.rows('accounts', { filter: 'owner_id eq @me', top: 1, orderby: 'id' });
    const lead = await wang.send('POST', '/leads', {
      company: known.name,
      name: '蒋先生',
      mobile: '13655557777',
      duplicate_reason: '另一部门',
    });
    const [colleague] = await admin.rows('users', { filter: "login eq 'li'" });
    await admin.change('duplicate_rules', rule.id, { transfer_exact: 'warn' });
    const page = await at(person, 'admin', `/leads/${lead.id}`);
    await button(page.locator('.record-actions'), '转移')
      .click({ timeout: 5_000 })
      .catch(async () => {
        await page.locator('.record-actions button').last().click();
        await page.getByRole('menuitem', { name: '转移' }).click();
      });
    const form = dialog(page, '转移');
    await choose(page, form.locator('.ant-select').first(), colleague.name);
    await button(form, '转移').click();
    const ask = dialog(page, '可能已有相同的记录');
    await ask.locator('.hit', { hasText: known.name }).first().waitFor();
    await button(ask, '仍要继续').click();
    await ask.locator('.notice[data-kind=error]').waitFor();
    await ask.locator('#second-reason').fill('他跟进另一部门');
    await button(ask, '仍要继续').click();
    await until(
      () => admin.get(`/leads/${lead.id}`),
      (record) => record.owner_id === colleague.id,
    );
    await ask.waitFor({ state: 'detached' });
    await admin.change('duplicate_rules', rule.id, { transfer_exact: 'ignore' });
    quiet(page, { refused: true });
  });
}
