// The ends of an opportunity in the browser: reopening, and pipelines with several lost stages.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { go } from '../lib/browser.mjs';
import { button, choose, dialog, field, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function dealJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`deals: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const wang = await new Caller(origin).signIn('wang');
  const at = (person, path, login = 'wang') => startAt(person, origin, login, path);
  const make = async (name, more = {}) => {
    const [account] = await wang.rows('accounts', { filter: 'owner_id eq @me', top: 1 });
    return wang.send('POST', '/opportunities', {
      name,
      account_id: account.id,
      amount: 50_000,
      expected_close_date: '2031-05-31',
      ...more,
    });
  };
  const stagesOf = (deal) =>
    admin.rows('stages', { filter: `pipeline_id eq ${deal.pipeline_id}`, orderby: 'position' });

  await run('a lost opportunity is reopened where it stood', async ({ person }) => {
    const deal = await make('重新打开的商机');
    const [, second] = await stagesOf(deal);
    await wang.send('POST', `/opportunities/${deal.id}/move_stage`, { stage_id: second.id });
    await wang.send('POST', `/opportunities/${deal.id}/lose`, { reason: 'price' });
    const page = await at(person, `/opportunities/${deal.id}`, 'zhou');
    await button(page, '重新打开').click();
    const form = dialog(page, '重新打开');
    await field(form, '原因').fill('客户追加了预算');
    await form.locator('.ant-btn-primary').click();
    await toast(page, '重新打开');
    await page.locator('.stage-bar button[aria-current=step]', { hasText: second.name }).waitFor();
    const open = await wang.get(`/opportunities/${deal.id}`);
    assert.deepEqual(
      [open.status, open.stage_id, open.furthest_stage_id, open.probability],
      ['open', second.id, second.id, second.probability],
    );
    quiet(page);
  });

  await run('winning says what the stages that were left out ask for', async ({ person }) => {
    const deal = await make('直接赢单的商机');
    const [, second] = await stagesOf(deal);
    await admin.change('stages', second.id, { required_fields: ['need'] });
    try {
      const page = await at(person, `/opportunities/${deal.id}`);
      await button(page.locator('.record-header'), '赢单').click();
      const form = dialog(page, '赢单');
      await form.locator('.ant-btn-primary').click();
      await form.getByText('需求与痛点').waitFor();
      await wang.change('opportunities', deal.id, { need: '一条产线' });
      await form.locator('.ant-btn-primary').click();
      await until(
        () => wang.get(`/opportunities/${deal.id}`),
        (row) => row.status === 'won',
      );
      quiet(page, { refused: true });
    } finally {
      await admin.change('stages', second.id, { required_fields: [] });
    }
  });

  await run('losing asks for the stage where there are several, a column says it', async ({ person }) => {
    const asked = await make('选择输单阶段');
    const dragged = await make('拖到输单列');
    const [lost] = (await stagesOf(asked)).filter((stage) => stage.kind === 'lost');
    const lose = async (page) => {
      await button(page.locator('.record-header'), '更多操作').click();
      await page.getByRole('menuitem', { name: '输单' }).click();
      const form = dialog(page, '输单');
      await field(form, '说明').waitFor();
      return form;
    };
    const page = await at(person, `/opportunities/${asked.id}`);
    let form = await lose(page);
    assert.equal(await form.locator('.field-line', { hasText: '输单阶段' }).count(), 0);
    const shelved = await admin.send('POST', '/stages', {
      pipeline_id: asked.pipeline_id,
      name: '搁置不谈',
      kind: 'lost',
      position: 900,
    });
    try {
      await go(page, origin, `/opportunities/${asked.id}`);
      form = await lose(page);
      await choose(page, form.locator('.field-line', { hasText: '原因' }).locator('.ant-select'), '价格');
      await choose(page, form.locator('.field-line', { hasText: '输单阶段' }).locator('.ant-select'), '搁置不谈');
      await form.locator('.ant-btn-primary').click();
      await toast(page, '输单');
      assert.equal((await wang.get(`/opportunities/${asked.id}`)).stage_id, shelved.id);

      await page.setViewportSize({ width: 2200, height: 900 });
      await go(page, origin, `/opportunities?q=${dragged.name}`);
      await page.getByLabel('显示输单和无效').check();
      const card = page.locator('.board-card', { hasText: dragged.name });
      await card.dragTo(page.locator('.board-column', { hasText: '搁置不谈' }));
      form = dialog(page, '输单');
      await choose(page, form.locator('.ant-select').first(), '价格');
      assert.equal(await form.locator('.field-line', { hasText: '输单阶段' }).count(), 0);
      await form.locator('.ant-btn-primary').click();
      await until(
        () => wang.get(`/opportunities/${dragged.id}`),
        (row) => row.stage_id === shelved.id,
      );
    } finally {
      await admin.send('POST', `/stages/${shelved.id}/replace`, { replacement_id: lost.id });
    }
    quiet(page);
  });
}
