// Teams: a colleague is asked to help with a customer, is given more, leaves; another finds a hidden customer and asks to be let in.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { button, choose, dialog, field, quiet, startAt, until } from '../lib/steps.mjs';

export async function teamJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`team: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const wang = await new Caller(origin).signIn('wang');
  const { user } = await wang.get('/session');
  const [mine, second] = await wang.rows('accounts', { filter: 'owner_id eq @me', orderby: 'id', top: 2 });
  const sees = async (caller, account) =>
    (await caller.rows('accounts', { filter: `id eq ${account.id}` })).length === 1;

  // Somebody who sees none of it otherwise and enters customers of his own.
  const mate = await (async () => {
    for (const each of await admin.rows('users', { filter: `status eq 'active' and id ne ${user.id}` })) {
      const caller = await new Caller(origin).signIn(each.login).catch(() => null);
      const meta = caller && (await caller.get('/meta')).objects.find(({ name }) => name === 'account');
      if (meta?.rights.includes('create') && !(await sees(caller, mine))) return { ...each, caller };
    }
    throw new Error('nobody works in another department');
  })();
  const teamOf = (page) => page.locator('section.related', { hasText: '团队' }).first();
  const at = (person, login, path) => startAt(person, origin, login, path);

  await run('a colleague joins, gets more and leaves', async ({ person }) => {
    const page = await at(person, 'wang', `/accounts/${mine.id}`);
    const team = teamOf(page);
    await button(team, '添加团队成员').click();
    let form = dialog(page, '添加团队成员');
    await choose(page, field(form, '成员'), mate.name);
    await form.getByText('添加团队成员').first().click(); // closes the list
    await button(form, '添加团队成员').click();
    await team.locator('.team-row', { hasText: mate.name }).locator('text=只读').waitFor();
    assert.ok(await sees(mate.caller, mine));

    await button(team, `修改 ${mate.name} 的权限`).click();
    form = dialog(page, '修改权限');
    await choose(page, field(form, '权限'), '可编辑');
    await button(form, '修改权限').click();
    await team.locator('.team-row', { hasText: mate.name }).locator('text=可编辑').waitFor();

    const other = await at(person, mate.login, `/accounts/${mine.id}`);
    const theirs = teamOf(other);
    await theirs.locator('.team-row', { hasText: mate.name }).waitFor();
    assert.equal(await button(theirs, '添加团队成员').count(), 0);
    await button(theirs, '退出团队').click();
    await other.locator('.ant-popconfirm').getByRole('button', { name: '退出团队' }).click();
    await until(
      () => sees(mate.caller, mine),
      (seen) => !seen,
    );
    await team.getByText('还没有团队成员').waitFor();
    quiet(page);
    quiet(other, { refused: true });
  });

  await run('a hidden duplicate is asked for and let in', async ({ person }) => {
    const page = await at(person, mate.login, '/accounts');
    await page.keyboard.press('c');
    const form = dialog(page, '新建客户');
    await field(form, '客户名称').fill(second.name);
    await form.locator('.hit').getByRole('button', { name: '申请加入团队' }).click();
    const ask = dialog(page, '申请加入团队');
    await ask.getByLabel('说明（可选）').fill('我在跟进他们的分公司');
    await button(ask, '发送申请').click();
    await form.locator('.hit').getByRole('button', { name: '已发送申请' }).waitFor();
    assert.ok(!(await sees(mate.caller, second)));

    const owner = await at(person, 'wang', `/accounts/${second.id}`);
    const asked = teamOf(owner).locator('.team-request', { hasText: mate.name });
    await asked.getByText('我在跟进他们的分公司').waitFor();
    await button(asked, '同意，可编辑').click();
    await teamOf(owner).locator('.team-row', { hasText: mate.name }).locator('text=可编辑').waitFor();
    assert.ok(await sees(mate.caller, second));
    quiet(page);
    quiet(owner);
  });
}
