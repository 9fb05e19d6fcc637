// Follow-ups: who took part, comments with mentions, changing a saved one; tasks with several reminders; tags in groups; pipelines
// of other departments.
import assert from 'node:assert/strict';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, go } from '../lib/browser.mjs';
import { button, choose, field, quiet, startAt, toast, until } from '../lib/steps.mjs';
import { picture } from './files.mjs';

export async function followUpJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`follow-ups: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const wang = await new Caller(origin).signIn('wang');
  const zhou = await new Caller(origin).signIn('zhou'); // Wang's superior
  const mine = await wang.send('POST', '/accounts', { name: '华北轴承评论客户有限公司' });
  for (const name of ['评论周总', '评论孙工'])
    await wang.send('POST', '/contacts', { name, account_id: mine.id });
  const at = (person, login, path) => startAt(person, origin, login, path);
  const entryOf = (page, text) => page.locator('.entry', { hasText: text }).first();
  const options = (page) => page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden)');

  await run('written with contacts, feedback and next steps, which stay open for the next one', async ({ person }) => {
    const page = await at(person, 'wang', `/accounts/${mine.id}`);
    const composer = page.locator('.composer').first();
    await composer.locator('textarea').first().click();
    assert.equal(await composer.locator('.composer-more').count(), 0);
    await button(composer, '更多').click();
    await composer.locator('textarea').first().fill('上门介绍了 **新轴承**\n- 样品已留下');
    const contacts = composer.locator('.composer-more .ant-select');
    await contacts.click();
    await options(page).getByText('本客户的联系人').waitFor();
    await options(page).getByText('评论周总').click();
    await options(page).getByText('评论孙工').click();
    await page.keyboard.press('Escape');
    await options(page).waitFor({ state: 'hidden' });
    await composer.getByLabel('客户反馈').fill('价格可以，交期太长');
    await composer.getByLabel('下一步计划').fill('周三前给新的交期');
    assert.deepEqual(await axeBreaks(page), []);
    await button(composer, '保存跟进').click();
    await toast(page, '跟进已保存');
    const entry = entryOf(page, '新轴承');
    await entry.locator('strong', { hasText: '新轴承' }).waitFor();
    await entry.getByText('价格可以，交期太长').waitFor();
    await entry.getByText('周三前给新的交期').waitFor();
    const way = entry.getByRole('link', { name: '评论周总' });
    assert.match(await way.getAttribute('href'), /\/contacts\/\d+$/);
    // The first note with marks fetches code: what was just written stays in sight.
    await until(
      () =>
        entry.evaluate((element) => {
          const { top } = element.getBoundingClientRect();
          return top >= 0 && top < window.innerHeight;
        }),
      (inSight) => inSight,
    );
    await go(page, origin, `/accounts/${mine.id}`);
    await composer.locator('textarea').first().click();
    await composer.getByLabel('客户反馈').waitFor();
    quiet(page);
  });

  await run('a long timeline shows what was just written', async ({ person }) => {
    for (let i = 0; i < 15; i++) {
      await wang.send('POST', '/activities', { account_id: mine.id, content: `先前的第 ${i} 次跟进，谈了一些事情` });
    }
    const page = await at(person, 'wang', `/accounts/${mine.id}`);
    const composer = page.locator('.composer').first();
    await composer.locator('textarea').first().fill('## 刚写下的纪要\n1. **第一点**\n2. 第二点');
    // As far down as somebody may have read, with the composer still in sight.
    await composer.getByRole('button', { name: '保存跟进' }).evaluate((element) => element.scrollIntoView({ block: 'start' }));
    await button(composer, '保存跟进').click();
    const entry = entryOf(page, '刚写下的纪要');
    await entry.locator('.markdown').waitFor();
    await until(
      () =>
        entry.evaluate((element) => {
          const box = element.getBoundingClientRect();
          const over = document.elementFromPoint(box.left + box.width / 2, box.top + 8);
          return box.top >= 0 && box.top < window.innerHeight && element.contains(over);
        }),
      (inSight) => inSight,
    );
    quiet(page);
  });

  await run('the superior asks with a mention, the author answers, and takes it back', async ({ person }) => {
    const page = await at(person, 'zhou', `/accounts/${mine.id}`);
    const entry = entryOf(page, '新轴承');
    await entry.locator('.comments-toggle').click();
    await entry.getByText('还没有评论').waitFor();
    const input = entry.locator('.comment-composer textarea');
    await input.fill('样品什么时候取回？');
    await input.press('Control+Enter');
    await entry.locator('.comment', { hasText: '样品什么时候取回' }).waitFor();
    await input.pressSequentially('请 @李');
    await entry.locator('.mention-list [role=option]').first().waitFor();
    await input.press('Enter');
    await input.pressSequentially('也看看');
    await input.press('Control+Enter');
    await entry.locator('.comment', { hasText: '也看看' }).waitFor();
    await until(
      () => zhou.rows('activity_comments', { filter: `account_id eq ${mine.id}`, orderby: 'created_at' }),
      (rows) => rows.length === 2 && rows[1].mention_ids.length === 1,
    );
    assert.deepEqual(await axeBreaks(page), []);
    const told = await wang.rows('notifications', { filter: "kind eq 'commented'", top: 5 });
    assert.ok(told.length > 0);

    const author = await at(person, 'wang', `/accounts/${mine.id}`);
    const theirs = entryOf(author, '新轴承');
    await theirs.getByRole('button', { name: '评论 2' }).click();
    await theirs.locator('.comment', { hasText: '样品什么时候取回' }).waitFor();
    assert.equal(await theirs.getByRole('button', { name: '删除评论' }).count(), 0);
    await theirs.locator('.comment-composer textarea').fill('下周二');
    await button(theirs, '发送').click();
    await button(theirs, '评论 3').waitFor();
    await button(theirs, '删除评论').click();
    await button(theirs, '评论 2').waitFor();
    assert.equal(await theirs.locator('.comment').count(), 2);
    quiet(page);
    quiet(author);
  });

  await run('a saved follow-up is changed: text, contacts, files', async ({ person }) => {
    const page = await at(person, 'wang', `/accounts/${mine.id}`);
    const composer = page.locator('.composer').first();
    await composer.locator('textarea').first().fill('先记下，稍后补充附件');
    await composer.locator('input[type=file]').setInputFiles({ name: '旧名片.png', mimeType: 'image/png', buffer: picture });
    await composer.locator('.file', { hasText: '旧名片.png' }).locator('img').waitFor();
    await button(composer, '保存跟进').click();
    const before = entryOf(page, '先记下');
    await before.getByRole('link', { name: '旧名片.png' }).waitFor();
    const { id } = (await wang.rows('activities', { filter: `account_id eq ${mine.id}`, orderby: 'id desc', top: 1 }))[0];
    const entry = page.locator(`.entry[data-activity="${id}"]`);
    await button(entry, '编辑').click();
    await entry.locator('textarea').first().fill('补充：见了周总，附件已换');
    await entry.locator('.ant-select').click();
    await options(page).getByText('评论周总').click();
    await page.keyboard.press('Escape');
    await entry.locator('textarea').first().click(); // closes the list
    await button(entry, '移除 旧名片.png').click();
    await entry.locator('input[type=file]').setInputFiles({ name: '补充纪要.txt', mimeType: 'text/plain', buffer: Buffer.from('纪要') });
    await entry.locator('.file', { hasText: '补充纪要.txt' }).locator('button').waitFor();
    await button(entry, '保存').click();
    await entry.getByRole('link', { name: '补充纪要.txt' }).waitFor();
    await entry.getByRole('link', { name: '评论周总' }).waitFor();
    const saved = await wang.get(`/activities/${id}`);
    assert.equal(saved.content, '补充：见了周总，附件已换');
    assert.deepEqual(saved.attachments.map(({ name }) => name), ['补充纪要.txt']);
    assert.equal(saved.contact_ids.length, 1);
    quiet(page);
  });

  await run('a task with two reminders', async ({ person }) => {
    const page = await at(person, 'wang', '/tasks');
    await page.keyboard.press('c');
    const form = page.locator('[role=dialog]').last();
    await field(form, '任务').fill('两次提醒的任务');
    await field(form, '截止时间').fill('2031-03-05 10:00');
    await page.keyboard.press('Enter');
    const reminders = form.locator('.field-line', { hasText: '提醒' }).first().locator('.ant-select').first();
    await reminders.getByText('准时').waitFor();
    await choose(page, reminders, '提前 1 小时');
    await page.keyboard.press('Escape');
    await form.locator('.ant-btn-primary').last().click();
    const [made] = await until(
      () => wang.rows('tasks', { filter: "title eq '两次提醒的任务'" }),
      (rows) => rows.length === 1,
    );
    assert.deepEqual([...made.remind_before].sort(), ['0', '60']);
    assert.equal(made.remind_at, '2031-03-05T01:00:00Z');
    quiet(page);
  });

  await run('tags stand in their groups, and only those that fit are offered', async ({ person }) => {
    const page = await at(person, 'admin', '/settings/tags');
    for (const [name, kinds] of [['意向高', null], ['只给线索', '线索']]) {
      await page.locator('.settings-head .ant-btn-primary').click();
      const drawer = page.locator('.ant-drawer');
      await field(drawer, '名称').fill(name);
      await field(drawer, '标签组').fill('购买意向');
      await field(drawer, '名称').click(); // closes the list
      if (kinds) {
        await choose(page, drawer.locator('.field-line', { hasText: '可用于' }).locator('.ant-select'), kinds);
        await field(drawer, '名称').click();
      }
      await button(drawer, '保存').click();
      await drawer.waitFor({ state: 'detached' });
      await page.locator('.settings-table tr', { hasText: name }).first().waitFor();
    }
    assert.equal(await page.locator('.settings-group', { hasText: '购买意向' }).count(), 1);
    assert.deepEqual(await axeBreaks(page), []);

    const seller = await at(person, 'wang', `/accounts/${mine.id}`);
    const value = seller.locator('.field-value', { has: seller.locator('dt', { hasText: '标签' }) }).first();
    await value.locator('.edit-button').click();
    const list = options(seller);
    await list.getByText('购买意向').waitFor();
    await list.getByText('意向高').waitFor();
    assert.equal(await list.getByText('只给线索').count(), 0);
    quiet(page);
    quiet(seller);
  });

  await run('a rule puts its tag on what is there and on what is new', async ({ person }) => {
    const there = await wang.send('POST', '/accounts', { name: '绍兴自动标签纺织有限公司' });
    const page = await at(person, 'admin', '/settings/tags');
    await page.locator('.settings-head .ant-btn-primary').click();
    const drawer = page.locator('.ant-drawer');
    await field(drawer, '名称').fill('纺织行业');
    await drawer.getByText('先选择自动打标签的对象').waitFor();
    await choose(page, drawer.locator('.field-line', { hasText: '自动打标签' }).first().locator('.ant-select'), '客户');
    await button(drawer, '设置规则').click();
    const builder = page.locator('.ant-popover .filter-builder');
    await builder.locator('.filter-value input').fill('纺织');
    assert.deepEqual(await axeBreaks(page), []);
    await button(builder, '应用').click();
    await button(drawer, '规则：1 个条件').waitFor();
    await button(drawer, '保存').click();
    await drawer.waitFor({ state: 'detached' });
    const [tag] = await admin.rows('tags', { filter: "name eq '纺织行业'" });
    assert.equal(tag.rule_object, 'account');
    await until(() => wang.get(`/accounts/${there.id}`), ({ tag_ids }) => tag_ids.includes(tag.id));
    const made = await wang.send('POST', '/accounts', { name: '湖州自动标签纺织有限公司' });
    assert.deepEqual(made.tag_ids, [tag.id]);
    const seller = await at(person, 'wang', `/accounts/${made.id}`);
    await seller.locator('.field-value', { hasText: '标签' }).getByText('纺织行业').waitFor();
    // Nobody chooses it by hand.
    await go(seller, origin, `/accounts/${mine.id}`);
    const value = seller.locator('.field-value', { has: seller.locator('dt', { hasText: '标签' }) }).first();
    await value.locator('.edit-button').click();
    await options(seller).getByText('意向高').waitFor();
    assert.equal(await options(seller).getByText('纺织行业').count(), 0);
    quiet(page);
    quiet(seller);
  });

  await run('a pipeline of another department is not offered', async ({ person }) => {
    const { user } = await wang.get('/session');
    const other = await admin.send('POST', '/departments', { name: '另一个事业部' });
    await admin.send('POST', '/pipelines', { name: '事业部专用流程', department_ids: [other.id] });
    await admin.send('POST', '/pipelines', { name: '本部门专用流程', department_ids: [user.department.id] });
    const page = await at(person, 'wang', '/opportunities');
    await page.keyboard.press('c');
    const form = page.locator('[role=dialog]').last();
    await form.getByText('显示全部字段').click();
    await form.locator('.field-line', { hasText: '销售流程' }).locator('.ant-select').click();
    await options(page).getByText('本部门专用流程').waitFor();
    assert.equal(await options(page).getByText('事业部专用流程').count(), 0);
    quiet(page);
  });
}
