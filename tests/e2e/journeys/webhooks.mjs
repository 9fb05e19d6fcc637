// Other systems are told of changes: an administrator sets a webhook up in the browser, and its receiver checks what comes.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, settle } from '../lib/browser.mjs';
import { signatureOf, startPeer } from '../lib/peer.mjs';
import { button, choose, dialog, field, quiet, startAt, toast, until } from '../lib/steps.mjs';

export async function webhookJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const admin = await new Caller(origin).signIn('admin');
  const run = (name, work) =>
    runner.run(`webhooks: ${name} (${kind})`, browser, async (world) => {
      const peer = await startPeer();
      try {
        await work({ ...world, peer });
        // A receiver that is gone would be tried for as long as the program runs.
        for (const { id } of await admin.rows('webhooks')) await take(id);
      } finally {
        await peer.stop();
      }
    });
  const take = (id) => admin.send('DELETE', `/webhooks/${id}`, undefined, { 'If-Match': '*' });
  const at = (person) => startAt(person, origin, 'admin', '/settings/webhooks');
  const cardOf = (page, name) => page.getByRole('article', { name, exact: true });
  const deliveries = (page) => page.locator('.ant-drawer', { has: page.locator('.webhook-deliveries') });
  const closeDrawer = async (page) => {
    await deliveries(page).locator('.ant-drawer-close').click();
    await deliveries(page).waitFor({ state: 'detached' });
  };
  const [{ id: user_id }] = await admin.rows('users', { filter: "login eq 'admin'" });
  const make = (peer, name) =>
    admin.send('POST', '/webhooks', {
      name,
      url: peer.url,
      objects: ['account'],
      events: ['created', 'updated', 'deleted', 'restored'],
      user_id,
    });
  const messagesAbout = (peer, id) => peer.messages.filter(({ body }) => body.record_id === id);
  const changeAccount = async (id, description) => {
    const { '@odata.etag': etag } = await admin.change('accounts', id, { description });
    return Number(/"(\d+)"/.exec(etag)[1]);
  };

  await run('one is made and tested, and the receiver can check what comes', async ({ person, peer }) => {
    const page = await at(person);
    await page.getByText('还没有数据推送').waitFor();
    await button(page, '新建推送').click();
    const form = page.locator('.ant-drawer');
    await field(form, '名称').fill('ERP 同步');
    await field(form, '接收地址').fill('erp.example');
    await choose(page, form.locator('.field-line', { hasText: '对象' }).first().locator('.ant-select'), '客户');
    await page.keyboard.press('Escape');
    await button(form, '保存').click();
    await form.locator('.field-line[data-error]', { hasText: '接收地址' }).waitFor();
    await field(form, '接收地址').fill(peer.url);
    await button(form, '保存').click();
    const keys = dialog(page, 'ERP 同步 的签名密钥');
    await keys.getByText('推送已新建').waitFor();
    const box = keys.getByLabel('签名密钥', { exact: true });
    const secret = await box.inputValue();
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    await settle(page);
    assert.deepEqual(await axeBreaks(page), []);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await button(keys, '复制').click();
    await toast(page, '密钥已复制');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await button(keys.locator('.ant-modal-footer'), '关闭').click();
    await keys.waitFor({ state: 'detached' });

    const card = cardOf(page, 'ERP 同步');
    await card.getByText('尚未推送').waitFor();
    await button(card, '发送测试消息').click();
    await deliveries(page).getByText('测试消息已送达（').waitFor();
    const [test] = peer.messages;
    assert.equal(test.body.type, 'webhook.test');
    assert.equal(test.headers['webhook-signature'], signatureOf(secret, test));
    await settle(page);
    assert.deepEqual(await axeBreaks(page), []);
    await closeDrawer(page);
    await card.getByText('正常').waitFor();

    const [account] = await admin.rows('accounts', { top: 1 });
    const version = await changeAccount(account.id, '换了新的采购负责人');
    await until(
      () => messagesAbout(peer, account.id).length,
      (count) => count === 1,
    );
    const [message] = messagesAbout(peer, account.id);
    assert.equal(message.method, 'POST');
    assert.equal(message.headers['content-type'], 'application/json');
    assert.equal(message.headers['webhook-signature'], signatureOf(secret, message));
    assert.equal(message.headers['webhook-id'], message.body.id);
    assert.ok(Math.abs(Number(message.headers['webhook-timestamp']) - Date.now() / 1000) < 300);
    assert.deepEqual([message.body.type, message.body.object, message.body.version], ['account.updated', 'account', version]);
    assert.equal(message.body.record.name, account.name);
    assert.equal(message.body.record.description, '换了新的采购负责人');

    // The same message once more has the same id, so that the receiver knows it.
    await button(card, '推送记录').click();
    const row = deliveries(page).locator('.webhook-delivery', { hasText: '客户 · 修改' });
    await row.getByText('已送达').waitFor();
    assert.equal(await row.locator('a').getAttribute('href'), `/accounts/${account.id}`);
    await row.getByRole('button', { name: /再次发送/ }).click();
    await until(
      () => messagesAbout(peer, account.id).map(({ body }) => body.id),
      (ids) => ids.length === 2 && ids[0] === ids[1],
    );
    await closeDrawer(page);

    // A new key holds at once.
    await button(card, '签名密钥').click();
    await button(keys, '更换').click();
    const sure = dialog(page, '更换签名密钥？');
    await sure.getByText('旧密钥立即失效').waitFor();
    await button(sure, '更换').click();
    await toast(page, '密钥已更换');
    const renewed = await until(
      () => box.inputValue(),
      (value) => value !== secret,
    );
    await button(keys.locator('.ant-modal-footer'), '关闭').click();
    await keys.waitFor({ state: 'detached' });
    await button(card, '发送测试消息').click();
    await deliveries(page).getByText('测试消息已送达（').waitFor();
    const last = peer.messages.at(-1);
    assert.equal(last.body.type, 'webhook.test');
    assert.equal(last.headers['webhook-signature'], signatureOf(renewed, last));
    quiet(page, { refused: true });
  });

  await run('a receiver that fails is tried again on demand, and nothing is lost', async ({ person, peer }) => {
    peer.status = 500;
    const { id } = await make(peer, '呼叫中心');
    const [account] = await admin.rows('accounts', { top: 1 });
    await changeAccount(account.id, '对方停机时的修改');
    // Until it rests for minutes: what comes after that was asked for.
    await until(
      async () => {
        const webhook = await admin.get(`/webhooks/${id}`);
        if (webhook.failures < 4) await admin.send('POST', `/webhooks/${id}/resume`, {});
        return webhook;
      },
      ({ failures, rests_until }) => failures >= 4 && rests_until !== null,
    );
    const page = await at(person);
    const card = cardOf(page, '呼叫中心');
    await card.getByText('重试中').waitFor();
    await card.getByText('接收方没有返回成功（2xx）').waitFor();
    await settle(page);
    assert.deepEqual(await axeBreaks(page), []);
    await button(card, '推送记录').click();
    await button(deliveries(page), '等待中').click();
    const row = deliveries(page).locator('.webhook-delivery', { hasText: '客户 · 修改' });
    await row.getByText('HTTP 500').waitFor();
    await deliveries(page).getByText(/^1 条消息等待发送 · 下次 /).waitFor();
    await button(deliveries(page), '失败').click();
    await deliveries(page).getByText('没有这种状态的消息').waitFor();
    await closeDrawer(page);

    peer.status = 200;
    const refused = messagesAbout(peer, account.id);
    await button(card, '立即重试').click();
    await card.getByText('正常').waitFor();
    const all = messagesAbout(peer, account.id);
    assert.equal(all.length, refused.length + 1);
    assert.deepEqual([...new Set(all.map(({ body }) => body.id))], [refused[0].body.id]);
    assert.equal(all.at(-1).body.record.description, '对方停机时的修改');
    quiet(page, { refused: true });
  });

  await run('one is switched off and on, taken away and brought back', async ({ person, peer }) => {
    await make(peer, '数据仓库');
    const page = await at(person);
    const card = cardOf(page, '数据仓库');
    await card.getByRole('button', { name: '编辑 数据仓库' }).click();
    const form = page.locator('.ant-drawer');
    await settle(page); // what still slides in is not where it was pressed
    await form.locator('.field-line', { hasText: '启用' }).last().locator('input[type=checkbox]').click();
    await button(form, '保存').click();
    await form.waitFor({ state: 'detached' });
    await card.getByText('已停用', { exact: true }).waitFor();
    assert.equal(await button(card, '发送测试消息').isDisabled(), true);
    await button(card, '启用').click();
    await card.getByText('尚未推送').waitFor();
    await card.getByRole('button', { name: '删除 数据仓库' }).click();
    await card.waitFor({ state: 'detached' });
    await page.locator('.toast', { hasText: '已删除' }).getByRole('button', { name: '撤销' }).click();
    await card.waitFor();
    await button(card, '发送测试消息').click();
    await deliveries(page).getByText('测试消息已送达（').waitFor();
    quiet(page, { refused: true });
  });

  await run('what tells of one leads to the settings', async ({ person }) => {
    const page = await person();
    await page.route('**/api/v1/notifications?*', (route) =>
      route.fulfill({
        contentType: 'application/json',
        body: JSON.stringify({
          value: [
            {
              id: 1,
              kind: 'webhook_paused',
              text: '数据推送“ERP 同步”已停用',
              object: 'webhook',
              record_id: 7,
              read_at: '2026-03-01T00:00:00Z',
              created_at: '2026-03-01T00:00:00Z',
            },
          ],
        }),
      }),
    );
    await startAt(async () => page, origin, 'admin', '/notifications');
    await page.getByRole('link', { name: '数据推送“ERP 同步”已停用' }).click();
    await page.waitForURL(/settings\/webhooks$/);
    await page.getByRole('heading', { name: '数据推送', exact: true }).waitFor();
    quiet(page);
  });
}
