// Takes pictures of the main screens and runs axe on them.
// `node test/look.mjs OUTPUT_FOLDER [--dark] [--language zh-CN] [name …]`
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { axe, newPage, open, settle } from './browser.mjs';

const [folder, ...rest] = process.argv.slice(2);
if (!folder)
  throw new Error('usage: node test/look.mjs OUTPUT_FOLDER [--dark] [--language L] [name …]');
const dark = rest.includes('--dark');
const at = rest.indexOf('--language');
const language = at < 0 ? 'zh-CN' : rest[at + 1];
const wanted = rest.filter(
  (argument, index) =>
    (!argument.startsWith('--') && index !== at + 1) || (at < 0 && !argument.startsWith('--')),
);
mkdirSync(folder, { recursive: true });

const click = (selector) => async (page) => {
  await page.locator(selector).first().click();
};
const screens = [
  { name: 'workbench', path: '/' },
  { name: 'leads', path: '/leads' },
  { name: 'leads-panel', path: '/leads', steps: [click('.record-link')] },
  {
    name: 'leads-pool',
    path: '/leads?view=pool',
    steps: [
      async (page) => {
        for (const n of [0, 1, 2]) await page.locator('.grid-row input').nth(n).click();
      },
    ],
  },
  {
    name: 'leads-filter',
    path: "/leads?filter=status in ('pending','following') and contains(company,'科技')",
    steps: [
      click(
        '.list-tools button:has-text("筛选"), .list-tools button:has-text("篩選"), .list-tools button:has-text("Filter")',
      ),
    ],
  },
  { name: 'accounts', path: '/accounts' },
  { name: 'nothing-matches', path: '/accounts?q=zzzzzz' },
  { name: 'missing', path: '/accounts/99999999' },
  { name: 'search', path: '/search?q=科技' },
  { name: 'tasks', path: '/tasks' },
  { name: 'board', path: '/opportunities' },
  {
    name: 'opportunity',
    path: '/opportunities',
    steps: [
      click('.board-card .card-title'),
      async (page) => {
        await page.waitForSelector('.record-panel h2');
        await page
          .locator(
            '.record-panel [aria-label="打开完整页面"], .record-panel [aria-label="開啟完整頁面"], .record-panel [aria-label="Open the full page"]',
          )
          .click();
      },
    ],
  },
  { name: 'board-panel', path: '/opportunities', steps: [click('.board-card .card-title')] },
  {
    name: 'create',
    path: '/leads',
    steps: [
      async (page) => {
        await page.locator('.page-bar .ant-btn-primary').click();
        await page.waitForSelector('.field-form input');
        const company = await page.evaluate(() =>
          fetch('/api/v1/accounts?$top=1&$skiptoken=3')
            .then((r) => r.json())
            .then((r) => r.value[0].name),
        );
        await page
          .locator('.field-form input')
          .first()
          .fill(company.replace('有限公司', '股份有限公司'));
        await page.waitForSelector('.hits');
      },
    ],
  },
  {
    name: 'palette',
    path: '/leads',
    steps: [
      async (page) => {
        await page.keyboard.press('Control+k');
        await page.waitForSelector('[cmdk-input]');
        await page.keyboard.type('kh');
        await page.waitForTimeout(600);
      },
    ],
  },
  { name: 'notifications', path: '/leads', steps: [click('.bell')] },
  { name: 'columns', path: '/leads', steps: [click('.list-tools .icon-button:last-of-type')] },
  { name: 'profile', path: '/profile' },
  {
    name: 'keys',
    path: '/leads',
    steps: [
      async (page) => {
        await page.keyboard.press('?');
        await page.waitForSelector('.key-help');
      },
    ],
  },
  {
    name: 'convert',
    path: "/leads?filter=status eq 'following'",
    steps: [click('.record-link'), click('.record-actions .soft-button')],
  },
  { name: 'sign-in', path: '/', options: { signedIn: false } },
  { name: 'set-up', path: '/', options: { signedIn: false, setup: true } },
  { name: 'phone-workbench', path: '/', phone: true },
  { name: 'phone-leads', path: '/leads', phone: true },
  { name: 'phone-pool', path: '/leads?view=pool', phone: true },
  { name: 'phone-record', path: '/leads', phone: true, steps: [click('.phone-card-link')] },
  {
    name: 'phone-fields',
    path: '/accounts',
    phone: true,
    steps: [click('.phone-card-link'), click('.phone-record .tabs button:nth-child(2)')],
  },
  {
    name: 'phone-composer',
    path: '/leads',
    phone: true,
    steps: [click('.phone-card-link'), click('.phone-actions .ant-btn-primary')],
  },
  { name: 'phone-create', path: '/leads', phone: true, steps: [click('.phone-add')] },
  { name: 'phone-more', path: '/more', phone: true },
  { name: 'phone-sign-in', path: '/', phone: true, options: { signedIn: false } },
];

let failures = 0;
for (const screen of screens) {
  if (wanted.length > 0 && !wanted.includes(screen.name)) continue;
  const { stub, origin, browser, close } = await open(screen.options);
  stub.state.theme = dark ? 'dark' : 'light';
  stub.state.language = language;
  const page = await newPage(browser, { phone: screen.phone, language });
  if (dark) await page.addInitScript(() => localStorage.setItem('kehai.theme', 'dark'));
  await page.addInitScript((value) => localStorage.setItem('kehai.language', value), language);
  try {
    await page.goto(origin + encodeURI(screen.path));
    await settle(page);
    for (const step of screen.steps ?? []) {
      await step(page);
      await settle(page);
    }
    await page.waitForTimeout(250);
  } catch (error) {
    console.log(`${screen.name}: ${error.message.split('\n')[0]}`);
    failures++;
  }
  await page.screenshot({ path: join(folder, `${screen.name}.png`) });
  const violations = await axe(page);
  failures += violations.length;
  console.log(`${screen.name}: axe ${violations.length}, console ${page.problems.length}`);
  for (const violation of violations)
    console.log(
      `  ${violation.id} (${violation.impact}) ${violation.nodes.length}\n    ${violation.nodes.slice(0, 4).join('\n    ')}`,
    );
  for (const problem of [...new Set(page.problems)].slice(0, 4))
    console.log(`  console: ${problem.slice(0, 300)}`);
  await close();
}
process.exitCode = failures > 0 ? 1 : 0;
