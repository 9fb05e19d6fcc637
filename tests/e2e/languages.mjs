// The main pages in the other languages, on the desktop and on the phone: no label cut off or left in another language,
// the rules of accessibility, a silent console. Their pictures stand in build/screenshots/<language>.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Caller } from './lib/api.mjs';
import { enter, go, newContext, newPage, settle } from './lib/browser.mjs';
import { root, startProgram } from './lib/program.mjs';
import { faultsOf, settingsSections } from './pictures.mjs';

const languages = ['zh-TW', 'en'];
const devices = ['desktop', 'phone'];

/** Names with their addresses, by whose they are. `then` opens what has no address. */
const pagesOf = ({ account, contact, opportunity, task }, isPhone) => ({
  wang: [
    ['workbench', '/'],
    ['data-quality', '/data_quality'],
    ['leads', '/leads'],
    [
      'lead-create',
      null,
      async (page) => {
        await page.locator(isPhone ? '.phone-add' : '.page-bar .ant-btn-primary').click();
        await page.locator('.field-form input').first().waitFor();
      },
      async (page) => {
        await page.keyboard.press('Escape');
        await page.locator('.field-form').waitFor({ state: 'detached' });
      },
    ],
    ['lead-pool', '/leads?view=pool'],
    ['accounts', '/accounts'],
    ['account', `/accounts/${account.id}`],
    ['contact', `/contacts/${contact.id}`],
    ['opportunities', '/opportunities'],
    ['opportunity-list', '/opportunities?mode=list'],
    ['opportunity', `/opportunities/${opportunity.id}`],
    ['tasks', '/tasks'],
    ['task', `/tasks/${task.id}`],
    ['activities', '/activities'],
    ['disputes', '/arbitrations'],
    ['search', '/search?q=科技'],
    ['notifications', '/notifications'],
    ['profile', '/profile'],
    ['import', '/import?object=lead'],
    ['not-found', '/nowhere'],
    ...(isPhone ? [['more', '/more']] : []),
  ],
  admin: [
    ...(isPhone ? [['settings', '/settings']] : []),
    ...settingsSections.map((section) => [`settings-${section}`, `/settings/${section}`]),
  ],
});

/** What is wrong with the words of the page: labels that are cut off, labels of another language. */
function labelFaults(page, language) {
  // What stands in lists and cards is what people have written.
  const written = '[role=gridcell], td, li, tbody, article, .board, .record-header, .profile-head';
  return page.evaluate(([language, written]) => {
    const labels = [
      ...document.querySelectorAll(
        'nav a span, .ant-btn, .tabs > button, [role=columnheader], th, legend, label, dt, h2, .related h3',
      ),
    ].filter((each) => each.checkVisibility() && !each.closest(written));
    const others = language === 'en' ? /[\u3400-\u9fff]/ : /[们这为个来时对会后发学经过进动电应关实现长产业务员图书开门车东户线]/;
    return labels.flatMap((label) => {
      const text = label.innerText.trim().replace(/\s+/g, ' ');
      const cut = ['hidden', 'clip'].includes(getComputedStyle(label).overflowX) && label.scrollWidth > label.clientWidth + 1;
      return [...(cut ? [`cut off: ${text}`] : []), ...(others.test(text) ? [`another language: ${text}`] : [])];
    });
  }, [language, written]);
}

/** Goes on inside of the page that is open, which is quicker than to load the program again. */
async function goInside(page, path) {
  await page.evaluate((path) => history.pushState({}, '', path), encodeURI(path));
  await settle(page);
}

async function walk(browser, origin, language, device, world) {
  const isPhone = device === 'phone';
  const folder = join(root, 'build/screenshots', language, device);
  mkdirSync(folder, { recursive: true });
  const faults = [];
  for (const [login, pages] of Object.entries(pagesOf(world, isPhone))) {
    const context = await newContext(browser, { isPhone, language });
    const page = await newPage(context);
    await enter(page, origin, login);
    await go(page, origin, '/');
    for (const [name, path, open, close] of pages) {
      if (path) await goInside(page, path);
      await open?.(page);
      await settle(page);
      await page.screenshot({ path: join(folder, `${name}.png`) });
      const found = [...(await faultsOf(page)), ...(await labelFaults(page, language))];
      faults.push(...found.map((text) => `${name}: ${text}`));
      await close?.(page);
    }
    faults.push(...page.complaints().map((text) => `console: ${text}`));
    await context.close();
  }
  if (faults.length > 0) throw new Error(faults.slice(0, 30).join('\n'));
}

export async function walkLanguages({ runner, browser }) {
  const labelOf = (language, device) => `language ${language} ${device}`;
  if (!languages.some((each) => devices.some((device) => runner.wants(labelOf(each, device))))) return;
  const program = await startProgram('demo');
  try {
    const { origin } = program;
    const callers = [await new Caller(origin).signIn('wang'), await new Caller(origin).signIn('admin')];
    const [caller] = callers;
    const first = async (collection, filter) => (await caller.rows(collection, { filter, top: 1 }))[0];
    const world = {
      account: await first('accounts', 'owner_id eq @me'),
      contact: await first('contacts', 'owner_id eq @me'),
      opportunity: await first('opportunities', "owner_id eq @me and status eq 'open'"),
      task: await first('tasks', 'owner_id eq @me'),
    };
    for (const language of languages) {
      for (const each of callers) await each.send('PATCH', '/session', { language });
      await Promise.all(
        devices.map((device) =>
          runner.run(labelOf(language, device), browser, () => walk(browser, origin, language, device, world)),
        ),
      );
    }
  } finally {
    await program.stop();
  }
}
