// Pictures of every page: light and dark, on the desktop and on the phone. Each page also has to keep the rules of
// accessibility and to be silent on the console.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { picture as card } from './journeys/files.mjs';
import { Caller } from './lib/api.mjs';
import { axeBreaks, enter, go, goInside, newContext, newPage, settle } from './lib/browser.mjs';
import { leadFile } from './lib/files.mjs';
import { root, startProgram } from './lib/program.mjs';
import { field } from './lib/steps.mjs';

const click = (selector) => async (page) => {
  await page.locator(selector).first().click();
  await settle(page);
};
const openRecord = (collection, which) => async (page, world) =>
  go(page, world.origin, `/${collection}/${world[which]}`);
const press = (key, wanted) => async (page) => {
  await page.keyboard.press(key);
  if (wanted) await page.locator(wanted).first().waitFor();
};

export const settingsSections = [
  'organisation',
  'users',
  'departments',
  'roles',
  'pipelines',
  'territories',
  'pools',
  'capacity',
  'duplicates',
  'stewards',
  'switches',
  'picklists',
  'tags',
  'competitors',
  'campaigns',
  'webhooks',
];

/** Brings an import to the step that the picture shows. */
const importAt = (step) => async (page) => {
  await page.locator('input[type=file]').setInputFiles(leadFile());
  await page.locator('.import-preview').waitFor();
  await settle(page);
  if (step === 'preview') return;
  await page.locator('.import-buttons .ant-btn-primary').click();
  await page.locator('.import-mapping').waitFor();
  await settle(page);
  if (step === 'mapping') return;
  await page.locator('.import-buttons .ant-btn-primary').click();
  await page.locator('.import-tabs').waitFor();
  await settle(page);
  if (step === 'check') return;
  await page.locator('.import-buttons .ant-btn-primary').click();
  await page.locator('.import-end').waitFor();
};

/** `on` says where the page exists: on both kinds of device when absent. `as` is whose page it is. */
const pages = [
  { name: 'sign-in', as: null, path: '/' },
  { name: 'set-up', as: 'nobody', path: '/setup?token=beispiel' },
  { name: 'workbench', path: '/' },
  { name: 'workbench-team', as: 'zhou', path: '/' },
  { name: 'data-quality', as: 'zhou', path: '/data_quality' },
  {
    name: 'data-quality-owners',
    as: 'zhou',
    path: '/data_quality',
    on: 'desktop',
    steps: [click('.quality-tile:nth-of-type(3)'), click('.quality-half .tabs > button:nth-child(2)')],
  },
  { name: 'leads', path: '/leads' },
  { name: 'lead-pool', path: '/leads?view=pool' },
  {
    name: 'lead-bulk',
    path: '/leads?view=pool',
    on: 'desktop',
    steps: [
      async (page) => {
        for (const at of [0, 1, 2]) await page.locator('.grid-row input').nth(at).click();
      },
    ],
  },
  {
    name: 'lead-refused',
    path: '/leads?view=mine',
    on: 'desktop',
    refused: true,
    steps: [
      async (page) => {
        await page.locator('.grid-row').first().locator('[role=gridcell]').nth(3).dblclick();
        await page.locator('.grid-editor input').fill('12ab');
        await page.locator('.grid-row').nth(3).locator('[role=gridcell]').nth(2).click();
        await page.locator('.grid-cell[data-refused]').hover();
        await page.locator('.grid-cell[data-refused] .grid-editor-error').waitFor();
      },
    ],
  },
  {
    name: 'lead-paste',
    path: '/leads?view=mine',
    on: 'desktop',
    refused: true,
    steps: [
      async (page) => {
        await page.locator('.grid-row').first().locator('[role=gridcell]').nth(2).click();
        await page.evaluate((text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text/plain', text);
          document
            .querySelector('.grid')
            .dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }, '王小明\t1.38E+10\t跟进中\t微信\t下周三\n李雷\t13800001111\t跟进中\t小红书\t2031-03-01 14:30\n韩梅梅\t021');
        await page.getByText('没有写入').first().waitFor();
      },
    ],
  },
  { name: 'lead-panel', path: '/leads', on: 'desktop', steps: [click('.record-link')] },
  { name: 'lead-record', path: '/leads', on: 'phone', steps: [click('.phone-card-link')] },
  {
    name: 'lead-follow-up',
    path: '/leads',
    on: 'phone',
    steps: [click('.phone-card-link'), click('.phone-actions .ant-btn-primary')],
  },
  {
    name: 'lead-create',
    path: '/leads',
    steps: [
      async (page, { isPhone }) => {
        await page.locator(isPhone ? '.phone-add' : '.page-bar .ant-btn-primary').click();
        await page.locator('.field-form input').first().waitFor();
      },
    ],
  },
  {
    name: 'lead-duplicate',
    path: '/leads',
    on: 'desktop',
    steps: [
      async (page, { known }) => {
        await page.locator('.page-bar .ant-btn-primary').click();
        await field(page, '公司名称').fill(known.replace('有限公司', '股份有限公司'));
        await page.locator('.hits').waitFor();
      },
    ],
  },
  {
    name: 'lead-filter',
    path: "/leads?filter=status in ('pending','following') and contains(company,'科技')",
    on: 'desktop',
    steps: [click('.list-tools button:has-text("筛选")')],
  },
  {
    name: 'lead-columns',
    path: '/leads',
    on: 'desktop',
    steps: [click('.list-tools [aria-label="列设置"], .list-tools .icon-button:last-of-type')],
  },
  {
    name: 'lead-convert',
    path: "/leads?filter=status eq 'following'",
    on: 'desktop',
    steps: [
      click('.record-link'),
      click('.record-actions button:has-text("转换"), .record-header button:has-text("转换")'),
      async (page) => page.locator('.ant-modal').waitFor(),
    ],
  },
  { name: 'accounts', path: '/accounts' },
  { name: 'account-pool', path: '/accounts?view=pool' },
  {
    name: 'account',
    path: '/accounts',
    steps: [openRecord('accounts', 'accountId')],
  },
  {
    name: 'account-files',
    path: '/accounts',
    steps: [
      async (page, { accountId, origin, isPhone }) => {
        await go(page, origin, `/accounts/${accountId}`);
        if (isPhone) await page.locator('.phone-actions .ant-btn-primary').first().click();
        const composer = page.locator('.composer').last();
        await composer.locator('textarea').fill('拜访客户，纪要和名片见附件');
        await composer.locator('input[type=file]').setInputFiles([
          { name: '会议纪要-华东区重点客户拜访-第三季度汇总.txt', mimeType: 'text/plain', buffer: Buffer.from('纪要') },
          { name: '名片.png', mimeType: 'image/png', buffer: card },
        ]);
        await composer.locator('.file img').waitFor();
      },
    ],
  },
  {
    name: 'account-comments',
    path: '/accounts',
    steps: [
      async (page, { commentedId, origin }) => {
        await go(page, origin, `/accounts/${commentedId}`);
        await page.locator('.comments-toggle').first().click();
        await page.locator('.comment').first().waitFor();
      },
    ],
  },
  {
    name: 'account-disputed',
    as: 'zhou',
    path: '/accounts',
    steps: [
      async (page, { disputedId, origin }) => {
        await go(page, origin, `/accounts/${disputedId}`);
        await page.locator('.dispute-notice').waitFor();
      },
    ],
  },
  {
    name: 'dispute-raise',
    as: 'li',
    path: '/accounts',
    steps: [
      async (page, { isPhone, known }) => {
        await page.locator(isPhone ? '.phone-add' : '.page-bar .ant-btn-primary').click();
        await field(page, '客户名称').fill(known);
        await page.locator('.hit button:has-text("撞单仲裁")').click();
        await page.locator('.ant-modal textarea').waitFor();
      },
    ],
  },
  { name: 'disputes', as: 'zhou', path: '/arbitrations' },
  { name: 'disputes-none', as: 'wang', path: '/arbitrations' },
  {
    name: 'dispute',
    as: 'zhou',
    path: '/arbitrations',
    steps: [openRecord('arbitrations', 'disputeId')],
  },
  {
    name: 'dispute-claimant',
    as: 'li',
    path: '/arbitrations?view=raised_by_me',
    steps: [openRecord('arbitrations', 'disputeId')],
  },
  {
    name: 'dispute-decide',
    as: 'zhou',
    path: '/arbitrations',
    steps: [
      async (page, { disputeId, origin }) => {
        await go(page, origin, `/arbitrations/${disputeId}`);
        await page.locator('.record-actions button:has-text("裁决")').click();
        await page.locator('.ant-modal .scales').waitFor();
        await page.locator('.decision label:has-text("双方共享")').click();
      },
    ],
  },
  { name: 'account-panel', path: '/accounts', on: 'desktop', steps: [click('.record-link')] },
  { name: 'contacts', path: '/contacts' },
  { name: 'contact-panel', path: '/contacts', on: 'desktop', steps: [click('.record-link')] },
  { name: 'contact', path: '/contacts', steps: [openRecord('contacts', 'contactId')] },
  { name: 'opportunity-board', path: '/opportunities' },
  { name: 'opportunity-list', path: '/opportunities?mode=list' },
  {
    name: 'opportunity-panel',
    path: '/opportunities?mode=list',
    on: 'desktop',
    steps: [click('.record-link')],
  },
  {
    name: 'opportunity',
    path: '/opportunities',
    steps: [openRecord('opportunities', 'opportunityId')],
  },
  { name: 'tasks', path: '/tasks' },
  { name: 'task', path: '/tasks', steps: [openRecord('tasks', 'taskId')] },
  { name: 'not-found', path: '/nowhere' },
  { name: 'activities', path: '/activities' },
  { name: 'search', path: '/search?q=科技' },
  {
    name: 'palette',
    path: '/leads',
    on: 'desktop',
    steps: [
      press('Control+k', '[cmdk-input]'),
      async (page) => {
        await page.keyboard.type('kh');
        await page.waitForTimeout(700);
      },
    ],
  },
  { name: 'keys', path: '/leads', on: 'desktop', steps: [press('?', '.key-help')] },
  { name: 'notifications', path: '/notifications' },
  { name: 'more', path: '/more', on: 'phone' },
  { name: 'recycle-bin', as: 'admin', path: '/recycle_bin' },
  { name: 'recycle-bin-empty', as: 'huang', path: '/recycle_bin' },
  { name: 'profile', path: '/profile' },
  { name: 'import-file', path: '/import?object=lead' },
  { name: 'import-preview', path: '/import?object=lead', steps: [importAt('preview')] },
  { name: 'import-mapping', path: '/import?object=lead', steps: [importAt('mapping')] },
  { name: 'import-check', path: '/import?object=lead', steps: [importAt('check')] },
  { name: 'import-done', path: '/import?object=lead', steps: [importAt('done')] },
  {
    name: 'export',
    path: '/leads',
    as: 'admin',
    on: 'desktop',
    steps: [click('.page-bar button:has-text("导出")')],
  },
  ...settingsSections.map((section) => ({
    name: `settings-${section}`,
    as: 'admin',
    path: `/settings/${section}`,
  })),
  { name: 'settings', as: 'admin', path: '/settings', on: 'phone' },
  {
    name: 'settings-user-new',
    as: 'admin',
    path: '/settings/users',
    steps: [click('.settings-head .ant-btn-primary')],
  },
  {
    name: 'settings-field-rules',
    as: 'admin',
    path: '/settings/roles',
    on: 'desktop',
    steps: [click('.rights tbody .ant-btn')],
  },
  {
    name: 'settings-stage',
    as: 'admin',
    path: '/settings/pipelines',
    on: 'desktop',
    steps: [click('.stages tbody [aria-label$="的详细设置"]')],
  },
  ...[
    ['capacity', 'capacity'],
    ['tag', 'tags'],
    ['territory', 'territories'],
    ['department', 'departments'],
  ].map(([name, section]) => ({
    name: `settings-${name}-new`,
    as: 'admin',
    path: `/settings/${section}`,
    on: 'desktop',
    steps: [click('.settings-head .ant-btn-primary')],
  })),
  ...[
    ['messages', 1],
    ['secret', 3],
  ].map(([name, at]) => ({
    name: `settings-webhook-${name}`,
    as: 'admin',
    path: '/settings/webhooks',
    steps: [click(`.webhook-buttons .ant-btn:nth-child(${at})`)],
  })),
  {
    name: 'settings-pool-edit',
    as: 'admin',
    path: '/settings/pools',
    steps: [click('.settings-cards .icon-button')],
  },
];

/** Two customers of one colleague that another claims; the first pages to show are about the one of them. */
async function raiseDisputes(origin, owner) {
  const claimant = await new Caller(origin).signIn('li');
  const accounts = await owner.rows('accounts', { filter: 'owner_id eq @me', orderby: 'id desc', top: 2 });
  const [lead] = await claimant.rows('leads', { filter: "owner_id eq @me and status eq 'following'", top: 1 });
  const disputes = [];
  for (const { name } of accounts) {
    const { hits } = await claimant.send('POST', '/duplicates', { object: 'account', values: { name }, id: null });
    const { ticket } = hits.find(({ actions }) => actions.includes('arbitrate'));
    disputes.push(
      await claimant.send('POST', '/duplicates/arbitrate', {
        ticket,
        evidence: '三月的工业展上加了他们采购总监的微信，之后报过两次价。\n四月八日在杭州见过面，会议纪要在跟进里。',
        lead_id: lead.id,
      }),
    );
  }
  return { disputedId: accounts[0].id, disputeId: disputes[0].id };
}

/** Webhooks in different states, none of which reaches anybody: the network of the first is not allowed. */
export async function makeWebhooks(admin) {
  if ((await admin.rows('webhooks', { top: 1 })).length > 0) return;
  const [{ id: user_id }] = await admin.rows('users', { filter: "login eq 'admin'" });
  const make = (name, url, objects, more = {}) =>
    admin.send('POST', '/webhooks', { name, url, objects, events: ['created', 'updated'], user_id, ...more });
  const { id } = await make('呼叫中心', 'http://10.20.0.15:8080/crm', ['lead', 'contact']);
  await make('金蝶 ERP', 'https://erp.example.com.cn/open/api/v2/customers/receive?tenant=huadong-0001', ['account'], { is_active: false });
  for (const _ of [1, 2, 3]) await admin.send('POST', `/webhooks/${id}/send_test`, {});
}

/** A dispute that `head` has to decide: one there is, or one that is raised. */
export async function openDispute(origin, owner, head) {
  const known = () => head.rows('arbitrations', { filter: "status eq 'open'", orderby: 'id', top: 1 });
  let [dispute] = await known();
  if (!dispute) {
    await raiseDisputes(origin, owner);
    [dispute] = await known();
  }
  return dispute;
}

/** Everything that is wrong with the page as it stands; `rules` are those of axe, `isDialog`: only what lies on top. */
export async function faultsOf(page, rules, isDialog) {
  const faults = await axeBreaks(page, rules, isDialog);
  const { wide, tall, raw, drawn } = await page.evaluate(() => ({
    // Words in a drawing have no scrolling to tell that they stick out of it, and may lie over each other.
    drawn: [...document.querySelectorAll('svg')].filter((each) => each.checkVisibility()).flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      const boxes = [...svg.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
      return boxes.flatMap(([text, box], at) => {
        const out = box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
        const over = boxes.slice(at + 1).filter(([, other]) =>
          Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1 &&
          Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 4);
        return [...(out ? [`cut off: ${text}`] : []), ...over.map(([other]) => `over each other: ${text}, ${other}`)];
      });
    }),
    wide: document.documentElement.scrollWidth > window.innerWidth,
    tall:
      document.querySelector('#content') !== null &&
      document.documentElement.scrollHeight > window.innerHeight,
    // What was not translated shows its name, or the hole that should have been filled.
    raw: document.body.innerText.match(/\{\{\w*\}\}|\b(?:undefined|NaN)\b|\[object \w+\]|\b[a-z]+_[a-z_]+\b/g) ?? [],
  }));
  if (wide) faults.push('the page is wider than the window');
  if (tall) faults.push('the frame itself scrolls');
  return [...faults, ...drawn, ...raw.map((text) => `raw text: ${text}`)];
}

async function picture(page, name, device, prepare, { refused }) {
  const save = async (theme) => {
    const folder = join(root, 'build/screenshots', theme, device);
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  };
  try {
    await prepare();
    await settle(page);
    await save('light');
    const faults = await faultsOf(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await settle(page);
    await save('dark');
    faults.push(...(await faultsOf(page, ['color-contrast'])).map((text) => `dark: ${text}`));
    await page.emulateMedia({ colorScheme: 'light' });
    faults.push(...page.complaints({ refused }).map((text) => `console: ${text}`));
    if (faults.length > 0) throw new Error(faults.slice(0, 8).join('\n'));
  } catch (error) {
    await save('failed').catch(() => {});
    throw error;
  }
}

/** A follow-up with everything that one can say, and talk below it. */
async function discuss(origin, caller) {
  const account = await caller.send('POST', '/accounts', { name: '苏州恒力精密轴承有限公司' });
  const contact_ids = [];
  for (const name of ['周志远', '孙敏'])
    contact_ids.push((await caller.send('POST', '/contacts', { name, account_id: account.id })).id);
  const { id: activity_id } = await caller.send('POST', '/activities', {
    account_id: account.id, contact_ids, method: 'visit', outcome: 'interested', content: '上门介绍了 **新轴承**：\n- 样品已留下\n- 两条产线年内更换',
    feedback: '价格可以，交期太长；希望先供一条线。', next_plan: '周三前给新的交期，带上物流方案。',
  });
  const superior = await new Caller(origin).signIn('zhou');
  await superior.send('POST', '/activity_comments', { activity_id, content: '样品什么时候取回？' });
  await caller.send('POST', '/activity_comments', { activity_id, content: '下周二去取，顺便带新的报价。' });
  return account.id;
}

export async function takePictures({ runner, browser, program }) {
  const labelOf = (name, device) => `picture ${name} ${device}`;
  const wanted = (device) =>
    pages.filter(({ name, on }) => (!on || on === device) && runner.wants(labelOf(name, device)));
  if (wanted('desktop').length + wanted('phone').length === 0) return;
  const empty = await startProgram('serve');
  try {
    const { origin } = await program();
    const caller = await new Caller(origin).signIn('wang');
    const [account] = await caller.rows('accounts', { filter: 'owner_id eq @me', top: 1 });
    const [opportunity] = await caller.rows('opportunities', {
      filter: "owner_id eq @me and status eq 'open'",
      top: 1,
    });
    const admin = await new Caller(origin).signIn('admin');
    for (const collection of ['leads', 'opportunities', 'tasks', 'contacts']) {
      for (const { id } of await admin.rows(collection, { filter: 'owner_id ne null', orderby: 'created_at asc', top: 3 })) {
        await admin.send('DELETE', `/${collection}/${id}`, undefined, { 'If-Match': '*' }).catch(() => {});
      }
    }
    await makeWebhooks(admin);
    const [contact] = await caller.rows('contacts', { filter: 'owner_id eq @me', top: 1 });
    const [task] = await caller.rows('tasks', { filter: "owner_id eq @me and status eq 'todo'", top: 1 });
    const { disputedId, disputeId } = await raiseDisputes(origin, caller);
    const commentedId = await discuss(origin, caller);
    const world = { commentedId, disputedId, disputeId, known: account.name, accountId: account.id, opportunityId: opportunity.id, contactId: contact.id, taskId: task.id, origin };
    const device = async (isPhone) => {
      const kind = isPhone ? 'phone' : 'desktop';
      const contexts = new Map();
      const pages = new Map(); // of each person the one page that is open
      for (const { name, as = 'wang', path, steps = [], refused = false } of wanted(kind)) {
        await runner.run(labelOf(name, kind), browser, async ({ watch }) => {
          const stranger = as === null || as === 'nobody';
          // One browser for each person: what it has kept makes the next page faster.
          if (!contexts.has(as)) contexts.set(as, await newContext(browser, { isPhone }));
          const kept = pages.get(as);
          pages.delete(as); // until this one has gone well
          const page = kept ?? (await newPage(contexts.get(as)));
          watch(page);
          page.forgetComplaints();
          if (!stranger && !kept) await enter(page, origin, as);
          const prepare = async () => {
            // Steps leave dialogs and choices behind, which a new start of the program does not know.
            if (kept?.isPlain) await goInside(page, path);
            else await go(page, as === 'nobody' ? empty.origin : origin, path);
            for (const step of steps) {
              await step(page, { ...world, isPhone });
              await settle(page);
            }
          };
          await picture(page, name, kind, prepare, { refused: stranger || refused });
          page.isPlain = steps.length === 0 && !stranger;
          pages.set(as, page);
        });
      }
      for (const context of contexts.values()) await context.close();
    };
    await Promise.all([device(false), device(true)]);
  } finally {
    await empty.stop();
  }
}
