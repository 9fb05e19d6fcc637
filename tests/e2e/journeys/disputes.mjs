// Whose is it: a hidden duplicate is disputed and decided or withdrawn, a lead too; a pool hit is claimed, a colleague who reads asks for more.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { enter, go, settle, standBetween } from '../lib/browser.mjs';
import { button, choose, dialog, field, quiet, startAt, toast } from '../lib/steps.mjs';

export async function disputeJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`disputes: ${name} (${kind})`, browser, work);
  const wang = await new Caller(origin).signIn('wang');
  const li = await new Caller(origin).signIn('li');
  const at = (person, login, path, options) => startAt(person, origin, login, path, options);
  const make = async (caller, name) => (await caller.send('POST', '/accounts', { name })).id;
  const sees = async (caller, id) => (await caller.rows('accounts', { filter: `id eq ${id}` })).length === 1;
  /** The form for a new customer with the hit that its name brings up. */
  const hitOf = async (page, name) => {
    await page.keyboard.press('c');
    const form = dialog(page, '新建客户');
    await field(form, '客户名称').fill(name);
    const hit = form.locator('.hit').first();
    await hit.waitFor();
    return hit;
  };
  const raise = async (page, evidence) => {
    const box = dialog(page, '撞单仲裁');
    await box.getByLabel('依据').fill(evidence);
    await button(box, '提交仲裁').click();
    await toast(page, '已提交撞单仲裁');
  };
  const decide = async (page, decision, note) => {
    const box = dialog(page, '裁决');
    await box.locator('.scales').waitFor();
    await box.locator('.decision label', { hasText: decision }).click();
    if (decision === '双方共享') await box.getByRole('slider').fill('30');
    await box.getByLabel('裁决说明').fill(note);
    await button(box, '裁决').click();
    await toast(page, '裁决成功');
  };

  await run('a hidden customer is disputed, frozen, and given to the claimant', async ({ person }) => {
    const name = '仲裁甲精密仪器有限公司';
    const id = await make(wang, name);
    const claimant = await at(person, 'li', '/accounts');
    const hit = await hitOf(claimant, name);
    assert.ok(!(await hit.innerText()).includes(name));
    await button(hit, '撞单仲裁').click();
    await raise(claimant, '三月展会上就认识了他们的采购总监，一直在跟');
    await button(hit, '已提交仲裁').waitFor();

    // The owner is told on the page of the record, and cannot give it away.
    const owner = await at(person, 'wang', `/accounts/${id}`);
    await owner.locator('.dispute-notice', { hasText: '李嘉豪' }).waitFor();
    await button(owner.locator('.record-header'), '更多操作').click();
    await owner.getByRole('menuitem', { name: '退回' }).click();
    const back = dialog(owner, '退回');
    await back.locator('.field-line').first().locator('.ant-select').click();
    await owner.locator('.ant-select-item-option').first().click();
    await button(back, '退回').click();
    await back.locator('.notice[data-kind=error]', { hasText: '仲裁' }).waitFor();

    const manager = await at(person, 'zhou', '/arbitrations');
    await manager.locator('.grid-row', { hasText: name }).locator('.record-link').click();
    await button(manager.locator('.record-panel'), '裁决').click();
    await decide(manager, '转给申请人', '申请人先有有效跟进');
    await manager.locator('.record-panel').getByText('申请人先有有效跟进').first().waitFor();

    await go(claimant, origin, `/accounts/${id}`);
    await claimant.locator('.record-header', { hasText: '李嘉豪' }).waitFor();
    assert.equal((await li.get(`/accounts/${id}`)).owner_id, (await li.get('/session')).user.id);
    await claimant.locator('.dispute-notice').waitFor({ state: 'detached' });
    quiet(claimant);
    quiet(owner, { refused: true });
    quiet(manager);
  });

  await run('a customer is shared from its own page', async ({ person }) => {
    const id = await make(wang, '仲裁乙自动化设备有限公司');
    const form = await hitOf(await at(person, 'li', '/accounts'), '仲裁乙自动化设备有限公司');
    await button(form, '撞单仲裁').click();
    await raise(form.page(), '我们分头找到了同一家客户');
    const manager = await at(person, 'zhou', `/accounts/${id}`);
    await button(manager.locator('.dispute-notice'), '裁决').click();
    await decide(manager, '双方共享', '各有贡献');
    await manager.locator('.dispute-notice').waitFor({ state: 'detached' });
    const [dispute] = await li.rows('arbitrations', { filter: "status eq 'shared'", top: 1 });
    assert.equal(dispute.share, 30);
    assert.ok(await sees(li, id));
    quiet(manager);
  });

  await run('a lead is disputed and given to the claimant; its former owner goes on reading it', async ({ person }) => {
    const company = '仲裁丁激光设备有限公司';
    const { id } = await wang.send('POST', '/leads', { company, name: '庄先生', mobile: '13754320001' });
    const claimant = await at(person, 'li', '/leads');
    await claimant.keyboard.press('c');
    const form = dialog(claimant, '新建线索');
    await field(form, '公司名称').fill(company);
    const hit = form.locator('.hit').first();
    await hit.waitFor();
    await button(hit, '撞单仲裁').click();
    await raise(claimant, '上个月就加了他们老板的微信，一直在谈');
    await button(hit, '已提交仲裁').waitFor();

    // Who decides reads the real name in the list; the claimant only the masked one.
    const raised = await at(person, 'li', '/arbitrations?view=raised_by_me');
    await raised.locator('.grid-row', { hasText: '＊' }).first().waitFor();
    assert.equal(await raised.locator('.grid-row', { hasText: company }).count(), 0);
    const manager = await at(person, 'zhou', '/arbitrations');
    await manager.locator('.grid-row .record-link', { hasText: company }).waitFor();
    await go(manager, origin, `/leads/${id}`);
    await button(manager.locator('.dispute-notice'), '裁决').click();
    const box = dialog(manager, '裁决');
    await box.locator('.scales').waitFor();
    await box.locator('.decision label', { hasText: '转给申请人' }).click();
    await choose(manager, field(box, '原负责人'), '留在团队，只读');
    await decide(manager, '转给申请人', '以首次有效跟进为准');
    await manager.locator('.dispute-notice').waitFor({ state: 'detached' });

    await go(claimant, origin, `/leads/${id}`);
    await claimant.locator('.record-header', { hasText: '李嘉豪' }).waitFor();
    await claimant.locator('.team-row', { hasText: '王雨桐' }).locator('text=只读').waitFor();
    assert.equal((await wang.rows('leads', { filter: `id eq ${id}` })).length, 1);
    quiet(claimant);
    quiet(raised);
    quiet(manager);
  });

  await run('a dispute is withdrawn by who raised it', async ({ person }) => {
    const name = '仲裁戊光学仪器有限公司';
    const id = await make(wang, name);
    const claimant = await at(person, 'li', '/accounts');
    const hit = await hitOf(claimant, name);
    await button(hit, '撞单仲裁').click();
    await raise(claimant, '弄错了，这条会撤回');
    const owner = await at(person, 'wang', `/accounts/${id}`);
    await owner.locator('.dispute-notice', { hasText: '李嘉豪' }).waitFor();

    await go(claimant, origin, "/arbitrations?view=raised_by_me&filter=status eq 'open'");
    await claimant.locator('.grid-row .record-link').first().click();
    await button(claimant.locator('.record-panel'), '撤回').click();
    await button(claimant.getByRole('dialog').last(), '撤回').click();
    await toast(claimant, '撤回成功');
    await claimant.locator('.record-panel').getByText('已撤回').first().waitFor();
    await owner.locator('.dispute-notice').waitFor({ state: 'detached' });
    const account = await wang.get(`/accounts/${id}`);
    assert.equal(account.is_disputed, false);
    assert.equal(account.owner_id, (await wang.get('/session')).user.id);
    quiet(claimant);
    quiet(owner);
  });

  await run('who only reads a customer asks for more, and disputes it, beside its team', async ({ person }) => {
    const id = await make(wang, '仲裁己轨道交通有限公司');
    const { user } = await li.get('/session');
    await wang.send('POST', `/accounts/${id}/add_members`, { user_ids: [user.id], access: 'read' }, { 'If-Match': '*' });
    const mate = await at(person, 'li', `/accounts/${id}`);
    const verbs = mate.locator('.team-foreign');
    await button(verbs, '申请加入团队').click();
    const ask = dialog(mate, '申请加入团队');
    await ask.getByRole('radio', { name: '可编辑' }).check();
    await ask.getByLabel('说明（可选）').fill('我来做技术方案');
    await button(ask, '发送申请').click();
    await button(verbs, '已发送申请').waitFor();

    const owner = await at(person, 'wang', `/accounts/${id}`);
    const asked = owner.locator('.team-request', { hasText: '李嘉豪' });
    await asked.getByText('我来做技术方案').waitFor();
    await button(asked, '同意，可编辑').click();
    await mate.locator('.team-row', { hasText: '李嘉豪' }).locator('text=可编辑').waitFor();

    await button(verbs, '撞单仲裁').click();
    await raise(mate, '方案和报价都是我做的');
    await mate.locator('.dispute-notice', { hasText: '您对这条记录提出了撞单仲裁' }).waitFor();
    const manager = await at(person, 'zhou', `/accounts/${id}`);
    await button(manager.locator('.dispute-notice'), '裁决').click();
    await decide(manager, '维持原负责人', '客户是负责人开发的');
    await mate.locator('.dispute-notice').waitFor({ state: 'detached' });
    assert.equal((await wang.get(`/accounts/${id}`)).owner_id, (await wang.get('/session')).user.id);
    quiet(mate);
    quiet(owner);
    quiet(manager);
  });

  await run('a record that cannot be refreshed stays, and says so', async ({ person }) => {
    const id = await make(wang, '离线甲测量技术有限公司');
    const page = await person();
    const gate = await standBetween(page, new RegExp(`/api/v1/accounts/${id}\\?`));
    await enter(page, origin, 'wang');
    await go(page, origin, `/accounts/${id}`);
    gate.decide = (route) => route.abort('internetdisconnected');
    await wang.change('accounts', id, { phone: '0571-88880000' });
    const notice = page.locator('.record-stale');
    await notice.waitFor();
    await page.locator('.record-header', { hasText: '离线甲测量技术有限公司' }).waitFor();
    assert.equal(await page.locator('.empty').count(), 0);
    gate.decide = null;
    await button(notice, '重试').click();
    await notice.waitFor({ state: 'detached' });
    await page.locator('.field-value', { hasText: '0571-88880000' }).waitFor();
    quiet(page, { refused: true });
  });

  await run('a colleague who is mentioned is let in', async ({ person }) => {
    const id = await make(wang, '提到丙化工有限公司');
    assert.ok(!(await sees(li, id)));
    const page = await at(person, 'wang', `/accounts/${id}`);
    const area = page.locator('.composer textarea').first();
    await area.fill('请');
    await area.press('End');
    await page.keyboard.type('@李嘉');
    await page.getByRole('option', { name: '李嘉豪' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('看看这家的报价');
    assert.equal(await area.inputValue(), '请@李嘉豪 看看这家的报价');
    await page.keyboard.press('Control+Enter');
    const notice = page.locator('.unseeing', { hasText: '李嘉豪' });
    await button(notice, '添加为只读成员').click();
    await notice.waitFor({ state: 'detached' });
    await page.locator('.team-row', { hasText: '李嘉豪' }).waitFor();
    const mate = await at(person, 'li', `/accounts/${id}`);
    await mate.locator('.entry', { hasText: '请@李嘉豪 看看这家的报价' }).waitFor();

    // Who only reads it can ask for more, or say that it is his.
    await button(mate.locator('.team-foreign'), '申请加入团队').waitFor();
    await button(mate.locator('.team-foreign'), '撞单仲裁').waitFor();

    // Reading it is not having it: a lead that is converted into it is refused, with a way on.
    const { id: lead } = await li.send('POST', '/leads', { company: '仓前控制技术', name: '周工', mobile: '13712340001' });
    await li.send('POST', '/activities', { lead_id: lead, method: 'phone', content: '电话里确认了需求和预算范围' });
    await go(mate, origin, `/leads/${lead}`);
    await button(mate.locator('.record-actions'), '转换').click();
    const form = dialog(mate, '转换线索');
    await button(form, '已有客户').click();
    await choose(mate, form.getByRole('combobox', { name: '已有客户' }), '提到丙化工有限公司');
    await form.getByLabel('同时新建商机').uncheck();
    await button(form, '转换').click();
    const refusal = form.locator('.convert-foreign', { hasText: '他人负责' });
    await button(refusal, '撞单仲裁').click();
    const box = dialog(mate, '提交仲裁');
    await box.getByText('仓前控制技术', { exact: true }).waitFor(); // the lead that is being converted
    await raise(mate, '这条线索本来就是我的');
    await button(refusal, '已提交仲裁').waitFor();
    quiet(page);
    quiet(mate, { refused: true });
  });

  await run('a customer of the pool is claimed from the hit', async ({ person }) => {
    const [known] = await li.rows('accounts', { filter: 'pool_id ne null', top: 1 });
    const page = await at(person, 'li', '/accounts', { isPhone: true });
    await page.locator('.phone-add').click();
    const form = dialog(page, '新建客户');
    await field(form, '客户名称').fill(known.name);
    const hit = form.locator('.hit', { hasText: known.name }).first();
    await button(hit, '领取').click();
    await button(hit, '已领取').waitFor();
    await settle(page);
    assert.equal((await li.get(`/accounts/${known.id}`)).owner_id, (await li.get('/session')).user.id);
    quiet(page);
  });
}
