// What administrators change: people, departments, rights, stages, pools, lists of choices.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { enter, go, settle } from '../lib/browser.mjs';
import { button, choose, dialog, field, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function settingsJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`settings: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const at = (person, section, login = 'admin') => startAt(person, origin, login, `/settings/${section}`);
  const drawer = (page) => page.locator('.ant-drawer');

  await run('sales people are shown no settings', async ({ person }) => {
    const page = await at(person, 'users', 'wang');
    await page.locator('.empty').waitFor();
    assert.equal(await page.locator('.settings-nav').count(), 0);
    assert.equal(await page.locator('.side-bar a', { hasText: '设置' }).count(), 0);
  });

  await run('a new user signs in, is renamed, gets a new password and leaves', async ({ person }) => {
    const page = await at(person, 'users');
    await page.locator('.settings-head .ant-btn-primary').click();
    const form = drawer(page);
    await field(form, '姓名').fill('叶知秋');
    await field(form, '登录名').fill('yezhiqiu');
    await field(form, '初始密码').fill('kurz');
    await choose(
      page,
      form.locator('.field-line', { hasText: '部门' }).locator('.ant-select').first(),
      '华东大区',
    );
    await choose(page, form.locator('.field-line', { hasText: '角色' }).locator('.ant-select'), '销售');
    await page.keyboard.press('Escape');
    await button(form, '保存').click();
    await form.locator('.field-line[data-error]').waitFor();
    assert.equal(await field(form, '姓名').inputValue(), '叶知秋');
    await field(form, '初始密码').fill('Kehai-Neu-2026');
    await button(form, '保存').click();
    await form.waitFor({ state: 'detached' });
    await new Caller(origin).signIn('yezhiqiu', 'Kehai-Neu-2026');
    const row = page.locator('.settings-users tr', { hasText: '叶知秋' });
    await row.waitFor();
    await row.locator('.settings-person').click();
    await field(form, '职务').fill('客户经理');
    await button(form, '保存').click();
    await form.waitFor({ state: 'detached' });
    await row.getByText('客户经理').waitFor();
    await row.locator('.icon-button').click();
    await page.getByRole('menuitem', { name: '重置密码' }).click();
    await page.locator('.ant-modal input').fill('Kehai-Anders-2026');
    await page.locator('.ant-modal .ant-btn-primary').click();
    await toast(page, '密码已重置');
    await new Caller(origin).signIn('yezhiqiu', 'Kehai-Anders-2026');
    await row.locator('.icon-button').click();
    await page.getByRole('menuitem', { name: /停用/ }).click();
    // The dialog is fetched when it is first needed.
    await dialog(page, '停用').locator('.ant-btn-primary').last().click();
    await row.waitFor({ state: 'detached' });
    await assert.rejects(() => new Caller(origin).signIn('yezhiqiu', 'Kehai-Anders-2026'), /401/);
    quiet(page, { refused: true });
  });

  await run('a department is made below another and taken away again', async ({ person }) => {
    const page = await at(person, 'departments');
    const parent = page.locator('.settings-node', { hasText: '华东大区' }).first();
    await parent.locator('.icon-button').last().click();
    await page.getByRole('menuitem', { name: '新建下级部门' }).click();
    await field(drawer(page), '部门名称').fill('苏南办事处');
    await button(drawer(page), '保存').click();
    const made = page.locator('.settings-node', { hasText: '苏南办事处' });
    await made.waitFor();
    const [row] = await admin.rows('departments', {
      filter: "name eq '苏南办事处'",
      expand: 'parent($select=name)',
    });
    assert.equal(row.parent.name, '华东大区');
    await made.locator('.icon-button').last().click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await made.waitFor({ state: 'detached' });
    quiet(page);
  });

  await run('a territory is made, answers for its places, and its people are members of a pool', async ({ person }) => {
    const page = await at(person, 'territories');
    const parent = page.locator('.settings-node', { hasText: '华东区' }).first();
    await parent.locator('.icon-button').last().click();
    await page.getByRole('menuitem', { name: '新建下级区域' }).click();
    const form = drawer(page);
    await field(form, '区域名称').fill('苏州区');
    // A province is opened and a city in it chosen; a province alone stands for all of it.
    const regions = form.locator('.field-line', { hasText: '包含的地区' });
    await regions.locator('.ant-select').click();
    await page.keyboard.type('苏州市');
    await page.locator('.ant-cascader-dropdown .ant-cascader-menu-item', { hasText: '苏州市' }).first().click();
    await page.keyboard.press('Escape');
    await choose(page, form.locator('.field-line', { hasText: '区域负责人' }).first().locator('.ant-select'), '吴晓彤');
    await button(form, '保存').click();
    await form.waitFor({ state: 'detached' });
    const made = page.locator('.settings-node', { hasText: '苏州区' });
    await made.getByText('苏州市').waitFor();
    const [row] = await admin.rows('territories', { filter: "name eq '苏州区'" });
    assert.deepEqual(row.region_ids, [320500]);

    await page.locator('.settings-place .ant-select').click();
    await page.keyboard.type('姑苏区');
    await page.locator('.ant-cascader-dropdown .ant-cascader-menu-item', { hasText: '姑苏区' }).last().click();
    await page.locator('.settings-place output', { hasText: '属于苏州区' }).waitFor();

    await go(page, origin, '/settings/pools');
    await page.locator('.settings-head .ant-btn-primary').first().click();
    await field(form, '名称').fill('苏州线索池');
    await choose(page, form.locator('.field-line', { has: page.getByText('成员区域', { exact: true }) }).locator('.ant-select'), '苏州区');
    await page.keyboard.press('Escape');
    await button(form, '保存').click();
    await form.waitFor({ state: 'detached' });
    await page.locator('.settings-card', { hasText: '苏州线索池' }).getByText('苏州区').waitFor();
    const [pool] = await admin.rows('pools', { filter: "name eq '苏州线索池'" });
    const lead = await admin.send('POST', '/leads', { company: '苏州丝绸', mobile: '13751230001', pool_id: pool.id });
    const wu = await new Caller(origin).signIn('wu');
    const wang = await new Caller(origin).signIn('wang');
    await assert.rejects(() => wang.get(`/leads/${lead.id}`), /404/);
    assert.equal((await wu.get(`/leads/${lead.id}`)).pool_id, pool.id);

    await go(page, origin, '/settings/territories');
    await made.locator('.icon-button').last().click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await toast(page, '还有其他记录在使用它');
    await made.waitFor();
    await wu.send('POST', `/leads/${lead.id}/claim`, {});
    await admin.send('DELETE', `/pools/${pool.id}`, undefined, { 'If-Match': '*' });
    await admin.send('DELETE', `/territories/${row.id}`, undefined, { 'If-Match': '*' });
    quiet(page, { refused: true });
  });

  await run('more than fits takes a right and a reason, which stays in the history', async ({ person }) => {
    const [zhou] = await admin.rows('users', { filter: "login eq 'zhou'" });
    const [{ id: pool }] = await admin.rows('pools', { filter: "kind eq 'lead' and is_default eq true" });
    const rule = await admin.send('POST', '/capacity_rules', { kind: 'lead', subject: 'user', subject_id: zhou.id, capacity: 0 });
    const lead = await admin.send('POST', '/leads', { company: '满额试验', name: '钱女士', mobile: '13751230002', pool_id: pool });
    const page = await person();
    await enter(page, origin, 'zhou');
    await go(page, origin, `/leads/${lead.id}`);
    await button(page.locator('.record-actions'), '领取').click();
    const ask = dialog(page, '需要说明原因');
    await ask.getByText('最多 0').waitFor();
    await button(ask, '仍要继续').click();
    await ask.getByText('请填写原因').waitFor();
    await ask.locator('input').fill('老客户介绍');
    await button(ask, '仍要继续').click();
    await ask.waitFor({ state: 'detached' });
    await until(
      () => admin.get(`/leads/${lead.id}`),
      (record) => record.owner_id === zhou.id,
    );
    await page.locator('.timeline', { hasText: '老客户介绍' }).waitFor();

    // A new lead as well: what was typed goes on with the reason.
    await go(page, origin, '/leads');
    await page.locator('.page-bar .ant-btn-primary').click();
    const fresh = dialog(page, '新建线索');
    await field(fresh, '公司').fill('满额再试');
    await field(fresh, '手机').fill('13751230003');
    await button(fresh, '保存').click();
    await ask.locator('input').fill('展会名片');
    await button(ask, '仍要继续').click();
    await fresh.waitFor({ state: 'detached' });
    const [made] = await admin.rows('leads', { filter: "company eq '满额再试'" });
    assert.equal(made.owner_id, zhou.id);
    await admin.send('DELETE', `/capacity_rules/${rule.id}`, undefined, { 'If-Match': '*' });
    quiet(page, { refused: true });
  });

  await run('rights of a new role take effect', async ({ person }) => {
    const page = await at(person, 'roles');
    await page.locator('.settings-head .ant-btn-primary').click();
    await field(drawer(page), '角色名称').fill('线索观察员');
    await field(drawer(page), '标识').fill('lead_watcher');
    await button(drawer(page), '保存').click();
    await page.locator('.settings-role h3', { hasText: '线索观察员' }).waitFor();
    await settle(page);
    const row = page.locator('.rights tbody tr', { hasText: '线索' }).first();
    await row.locator('input[type=checkbox]').nth(0).check();
    await choose(page, row.locator('.rights-scope .ant-select').first(), '全部');
    await row.locator('.ant-btn').click();
    const rules = page.locator('.ant-modal');
    await choose(page, rules.locator('tr', { hasText: '手机号' }).locator('.ant-select'), '隐藏');
    await rules.locator('.ant-btn-primary').click();
    await rules.waitFor({ state: 'detached' });
    await page.locator('.settings-save .ant-btn-primary').click();
    await toast(page, '权限已保存');
    const [role] = await admin.rows('roles', { filter: "name eq 'lead_watcher'" });
    const { objects } = await admin.get(`/roles/${role.id}/rights`);
    assert.deepEqual(
      objects.map(({ object, actions, scope }) => [object, actions, scope]),
      [['lead', ['read'], 'all']],
    );
    assert.deepEqual(objects[0].fields, [{ field: 'mobile', rule: 'hidden', mask: false }]);
    await admin.send('POST', '/users', {
      login: 'guancha',
      name: '观察员',
      password: 'Kehai-Sehen-2026',
      role_ids: [role.id],
    });
    const watcher = await new Caller(origin).signIn('guancha', 'Kehai-Sehen-2026');
    const [lead] = await watcher.rows('leads', { top: 1 });
    assert.ok(lead && !('mobile' in lead));
    await assert.rejects(() => watcher.rows('accounts', { top: 1 }), /40[34]/);
    quiet(page);
  });

  await run('stages change their order and a new one comes in between', async ({ person }) => {
    const page = await at(person, 'pipelines');
    const names = async () =>
      Promise.all((await page.locator('.stages .stage-name').all()).map((each) => each.inputValue()));
    const before = await names();
    await page.locator('.stages .sortable-handle').nth(0).focus();
    await page.keyboard.press('ArrowDown');
    assert.deepEqual(await names(), [before[1], before[0], ...before.slice(2)]);
    await page.locator('.stages .sortable-handle').nth(1).dragTo(page.locator('.stages tbody tr').nth(0));
    assert.deepEqual(await names(), before);
    await page.locator('.stages .sortable-handle').nth(2).focus();
    await page.keyboard.press('ArrowUp');
    await page.locator('.settings-add .link-button').first().click();
    await page.locator('.settings-faults').waitFor();
    assert.ok(await page.locator('.settings-save .ant-btn-primary').isDisabled());
    const open = await page.locator('.stages .sortable-handle').count();
    await page
      .locator('.stages .stage-name')
      .nth(open - 1)
      .fill('等待付款');
    await page.locator('.settings-save .ant-btn-primary').click();
    await toast(page, '阶段已保存');
    await settle(page);
    const [pipeline] = await admin.rows('pipelines', { filter: 'is_default eq true' });
    const stages = await admin.rows('stages', {
      filter: `pipeline_id eq ${pipeline.id}`,
      orderby: 'position',
    });
    assert.deepEqual(
      stages.map((each) => each.name),
      await names(),
    );
    assert.equal(stages[1].name, before[2]);
    const chances = stages.filter((each) => each.kind === 'open').map((each) => each.probability);
    assert.deepEqual(
      chances,
      chances.toSorted((a, b) => a - b),
    );
    quiet(page, { refused: true });
  });

  await run('a stage that opportunities stand in is removed, and they go on in another one', async ({ person }) => {
    const pipeline = await admin.send('POST', '/pipelines', { name: '替换流程' });
    const own = await admin.rows('stages', {
      filter: `pipeline_id eq ${pipeline.id}`,
      orderby: 'position',
    });
    assert.deepEqual(
      own.map((each) => each.kind),
      ['open', 'won', 'lost', 'invalid'],
    );
    const stages = [own[0]];
    for (const [at, [name, kind, probability]] of [
      ['方案', 'open', 50],
      ['签约', 'open', 80],
    ].entries()) {
      stages.push(
        await admin.send('POST', '/stages', {
          pipeline_id: pipeline.id,
          name,
          kind,
          probability,
          position: at + 10,
        }),
      );
    }
    const [account] = await admin.rows('accounts', { filter: 'owner_id ne null', top: 1 });
    const deal = await admin.send('POST', '/opportunities', {
      name: '阶段替换测试',
      account_id: account.id,
      pipeline_id: pipeline.id,
      stage_id: stages[1].id,
      amount: 1000,
      expected_close_date: '2031-05-31',
    });
    const page = await at(person, 'pipelines');
    await page.locator('.settings-choices').getByRole('button', { name: '替换流程' }).click();
    await page.getByRole('button', { name: '删除 方案' }).click();
    const ask = page.locator('.ant-modal');
    await choose(page, ask.locator('.ant-select'), '签约');
    await ask.locator('.ant-btn-primary').click();
    await page.locator('.settings-save .ant-btn-primary').click();
    await toast(page, '阶段已保存');
    assert.equal((await admin.get(`/opportunities/${deal.id}`)).stage_id, stages[2].id);
    assert.deepEqual(
      (
        await admin.rows('stages', { filter: `pipeline_id eq ${pipeline.id}`, orderby: 'position' })
      ).map((each) => each.name),
      ['初步接触', '赢单', '输单', '无效', '签约'],
    );
    quiet(page);
  });

  await run('a pool and a limit', async ({ person }) => {
    const page = await at(person, 'pools');
    await page.locator('.settings-head .ant-btn-primary').first().click();
    await field(drawer(page), '名称').fill('华北线索池');
    await field(drawer(page), '每人每日领取上限').fill('5');
    await choose(
      page,
      drawer(page).locator('.field-line', { hasText: '领取前隐藏' }).locator('.ant-select'),
      '手机号',
    );
    await page.keyboard.press('Escape');
    await button(drawer(page), '保存').click();
    await page.locator('.settings-cards article', { hasText: '华北线索池' }).waitFor();
    const [pool] = await admin.rows('pools', { filter: "name eq '华北线索池'" });
    assert.deepEqual([pool.kind, pool.daily_limit, pool.hidden_fields], ['lead', 5, ['mobile']]);
    await go(page, origin, '/settings/capacity');
    await page.locator('.settings-head .ant-btn-primary').click();
    await drawer(page).locator('.settings-choices button', { hasText: '角色' }).click();
    await choose(
      page,
      drawer(page).locator('.field-line', { hasText: '角色' }).locator('.ant-select'),
      '销售',
    );
    await field(drawer(page), '上限').fill('200');
    await button(drawer(page), '保存').click();
    await page.locator('.settings-table tbody tr', { hasText: '角色' }).waitFor();
    const rules = await admin.rows('capacity_rules', { filter: "subject eq 'role'" });
    assert.deepEqual(rules.map((rule) => rule.capacity), [200]);
    quiet(page);
  });

  await run('a new choice appears in forms', async ({ person }) => {
    const page = await at(person, 'picklists');
    await page.locator('.settings-choices button', { hasText: '线索来源' }).click();
    await page.locator('.settings-add .link-button').click();
    await page.locator('.picklist tbody tr').last().locator('input').first().fill('行业协会');
    await page.locator('.settings-save .ant-btn-primary').click();
    await toast(page, '选项已保存');
    const meta = await admin.get('/meta');
    assert.ok(meta.picklists.lead_source.some((option) => option.label === '行业协会'));
    await go(page, origin, '/leads');
    await page.keyboard.press('c');
    await page.locator('.field-form .field-line', { hasText: '来源' }).locator('.ant-select').click();
    // Long lists show a part of what they have; typing narrows them.
    await page.keyboard.type('行业');
    await page.locator('.ant-select-item-option', { hasText: '行业协会' }).click();
    quiet(page);
  });

  await run('tags get a colour and a new name', async ({ person }) => {
    const page = await at(person, 'tags');
    await page.locator('.settings-head .ant-btn-primary').click();
    await field(drawer(page), '名称').fill('需重点维护');
    await choose(
      page,
      drawer(page).locator('.field-line', { hasText: '颜色' }).locator('.ant-select'),
      '橙色',
    );
    await button(drawer(page), '保存').click();
    const row = page.locator('.settings-table tr', { hasText: '需重点维护' });
    await row.waitFor();
    await row.locator('.icon-button').first().click();
    await field(drawer(page), '名称').fill('重点维护');
    await button(drawer(page), '保存').click();
    await page.locator('.settings-table tr', { hasText: '重点维护' }).first().waitFor();
    await until(
      () => admin.rows('tags', { filter: "name eq '重点维护'" }),
      (rows) => rows.length === 1 && rows[0].color === 'orange',
    );
    quiet(page);
  });

  await run('the organisation gets a new name', async ({ person }) => {
    const page = await at(person, 'organisation');
    await page.locator('.settings-form input').first().fill('海川智造集团（测试）');
    await button(page, '保存').click();
    await toast(page, '已保存');
    assert.equal((await admin.get('/organisation')).name, '海川智造集团（测试）');
    quiet(page);
  });
}
