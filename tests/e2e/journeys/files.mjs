// Files: one is attached to a follow-up, seen in the timeline, fetched again; who does not see the customer does not get it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Caller } from '../lib/api.mjs';
import { axeBreaks, settle } from '../lib/browser.mjs';
import { button, quiet, startAt, toast, until } from '../lib/steps.mjs';

/** A picture of one pixel. */
export const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

export async function fileJourneys({ runner, browser, program, kind }) {
  const { origin } = program;
  const run = (name, work) => runner.run(`files: ${name} (${kind})`, browser, work);
  const admin = await new Caller(origin).signIn('admin');
  const wang = await new Caller(origin).signIn('wang');
  const [mine] = await wang.rows('accounts', { filter: 'owner_id eq @me', orderby: 'id desc', top: 1 });
  const stranger = await (async () => {
    for (const each of await admin.rows('users', { filter: "status eq 'active'" })) {
      const caller = await new Caller(origin).signIn(each.login).catch(() => null);
      if (caller && (await caller.rows('accounts', { filter: `id eq ${mine.id}` })).length === 0) return caller;
    }
    throw new Error('everybody sees everything');
  })();
  const at = (person, path) => startAt(person, origin, 'wang', path);
  const composer = (page) => page.locator('.composer').first();

  await run('attached to a follow-up, seen, fetched, and nobody else gets it', async ({ person }) => {
    const page = await at(person, `/accounts/${mine.id}`);
    const form = composer(page);
    await form.locator('textarea').fill('拜访客户，会议纪要和名片见附件');
    await form.locator('input[type=file]').setInputFiles([
      { name: '会议纪要.txt', mimeType: 'text/plain', buffer: Buffer.from('纪要：下周报价') },
      { name: '名片.png', mimeType: 'image/png', buffer: picture },
    ]);
    await form.locator('.file', { hasText: '会议纪要.txt' }).waitFor();
    await form.locator('.file', { hasText: '名片.png' }).locator('img').waitFor();
    assert.deepEqual(await axeBreaks(page), []);
    await button(form, '保存跟进').click();
    await toast(page, '跟进已保存');
    const entry = page.locator('.entry', { hasText: '会议纪要和名片见附件' }).first();
    const link = entry.getByRole('link', { name: '会议纪要.txt' });
    await link.waitFor();
    const download = page.waitForEvent('download');
    await link.click();
    const file = await download;
    assert.equal(file.suggestedFilename(), '会议纪要.txt');
    assert.equal(readFileSync(await file.path(), 'utf8'), '纪要：下周报价');
    // The thumbnail is the server's now.
    const shown = entry.locator('.file', { hasText: '名片.png' }).locator('img');
    await shown.scrollIntoViewIfNeeded();
    await until(
      () => shown.evaluate((image) => image.naturalWidth),
      (width) => width === 1,
    );
    const href = await link.getAttribute('href');
    assert.equal((await fetch(origin + href)).status, 401);
    const denied = await fetch(origin + href, { headers: { Cookie: stranger.cookie } });
    assert.equal(denied.status, 404);
    quiet(page);
  });

  await run('dropped and pasted on the record, taken off and put back', async ({ person }) => {
    const page = await at(person, `/accounts/${mine.id}`);
    const files = page.locator('.field-value', { has: page.locator('dt', { hasText: '附件' }) });
    const drop = (event, name, type, content) =>
      files.locator('.file-field').evaluate(
        (target, given) => {
          const data = new DataTransfer();
          const bytes = Uint8Array.from(atob(given.content), (c) => c.charCodeAt(0));
          data.items.add(new File([bytes], given.name, { type: given.type }));
          const options = { bubbles: true, cancelable: true };
          target.dispatchEvent(
            given.event === 'paste'
              ? new ClipboardEvent('paste', { ...options, clipboardData: data })
              : new DragEvent('drop', { ...options, dataTransfer: data }),
          );
        },
        { event, name, type, content: content.toString('base64') },
      );
    await files.locator('.file-field').waitFor();
    await drop('drop', '报价单.csv', 'text/csv', Buffer.from('名称,价格\n泵,1\n'));
    await files.getByRole('link', { name: '报价单.csv' }).waitFor();
    await drop('paste', 'image.png', 'image/png', picture);
    await until(
      () => files.locator('.file').count(),
      (count) => count === 2,
    );
    const saved = await until(
      () => wang.get(`/accounts/${mine.id}`),
      (record) => record.attachments.length === 2,
    );
    assert.match(saved.attachments[1].name, /^\d{8}-\d{6}\.png$/);
    await button(files, '移除 报价单.csv').click();
    await until(
      () => wang.get(`/accounts/${mine.id}`),
      (record) => record.attachments.length === 1,
    );
    await settle(page); // the server knows before the page offers to undo
    await page.locator('.toast').last().getByRole('button', { name: '撤销' }).click();
    await until(
      () => wang.get(`/accounts/${mine.id}`),
      (record) => record.attachments.length === 2,
    );
    await files.getByRole('link', { name: '报价单.csv' }).waitFor();
    quiet(page);
  });

  await run('an empty file is refused in words, and the text stays', async ({ person }) => {
    const page = await at(person, `/accounts/${mine.id}`);
    const form = composer(page);
    await form.locator('textarea').fill('附件是空的');
    await form
      .locator('input[type=file]')
      .setInputFiles({ name: '空.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
    await form.locator('.file', { hasText: '文件是空的' }).waitFor();
    await button(form, '取消 空.txt').click();
    assert.equal(await form.locator('.file').count(), 0);
    assert.equal(await form.locator('textarea').inputValue(), '附件是空的');
    quiet(page, { refused: true });
  });
}
