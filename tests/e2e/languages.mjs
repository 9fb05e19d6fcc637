// The pages and dialogs in the other languages, on the desktop and on the phone, light and dark: no label cut off or left
// in another language, nothing wider than the window, the rules of accessibility, a silent console. Pictures of what is
// wrong, with KEHAI_PICTURES of everything, stand in build/screenshots/<language>.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectedViews, pagesOf } from './languageViews.mjs';
import { Caller } from './lib/api.mjs';
import { enter, go, goInside, newContext, newPage, settle } from './lib/browser.mjs';
import { root } from './lib/program.mjs';
import { wordsOf } from './lib/words.mjs';
import { faultsOf, makeWebhooks, openDispute } from './pictures.mjs';

const languages = ['zh-TW', 'en'];
const devices = ['desktop', 'phone'];
/** Each language and each device is seen light and dark, and nothing twice. */
const isDark = (language, device) => (language === 'en') === (device === 'desktop');

/** Of the pages, whose markup the pictures have been asked about: what another language can spoil. */
const languageRules = [
  'html-has-lang',
  'html-lang-valid',
  'document-title',
  'button-name',
  'link-name',
  'label',
  'input-button-name',
  'select-name',
  'image-alt',
  'empty-heading',
  'aria-command-name',
  'aria-dialog-name',
  'aria-input-field-name',
  'aria-toggle-field-name',
];

/**
 * Where dialogs are opened as well, which have no pictures: all rules, every second page with its dialogs in the other theme.
 * In the language with the longest words; the other device and the other language, where the themes are the other way round,
 * only in the long form.
 */
const opensDialogs = (where) => where === 'en desktop' || Boolean(process.env.KEHAI_LONG);

/** What is wrong has a picture; with KEHAI_PICTURES everything has one. */
const isPictured = Boolean(process.env.KEHAI_PICTURES);

/** What is wrong with the words of the page: labels that are cut off, labels of another language. */
function labelFaults(page, name, language) {
  // What stands in lists and cards is what people have written; so is the title over something that is being edited.
  const title = /-(edit|stage|messages|secret)$/.test(name) ? ', .ant-drawer-title, .ant-modal-title' : '';
  const people = '[role=gridcell], td, li:not([role=menuitem]), tbody, article, .board, .record-title, .profile-head';
  const written = `${people}, .import-preview${title}`;
  return page.evaluate(([language, written]) => {
    const labels = [
      ...document.querySelectorAll(
        'nav a span, .ant-btn, .tabs > button, [role=columnheader], th, legend, label, dt, h2, .related h3, ' +
          '.ant-modal-title, .ant-drawer-title, [role=menuitem], .field-help, .notice',
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

async function walk(browser, origin, language, device, world) {
  const isPhone = device === 'phone';
  const dark = isDark(language, device);
  const withDialogs = opensDialogs(`${language} ${device}`);
  const folder = join(root, 'build/screenshots', language, device);
  mkdirSync(folder, { recursive: true });
  const faults = [];
  const seen = new Set();
  const look = async (page, name, isDialog) => {
    await settle(page);
    seen.add(name);
    const found = [
      ...(await faultsOf(page, isDialog ? undefined : languageRules, isDialog)),
      ...(await labelFaults(page, name, language)),
    ];
    if (found.length > 0 || isPictured) {
      await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg' });
    }
    faults.push(...found.map((text) => `${name}: ${text}`));
  };
  const tools = { t: wordsOf(language), meta: world.meta, isPhone };
  for (const [login, pages] of Object.entries(pagesOf(world, isPhone))) {
    const context = await newContext(browser, { isPhone, language, dark });
    const page = await newPage(context);
    await enter(page, origin, login);
    await go(page, origin, '/');
    for (const [at, { name, path, views }] of pages.entries()) {
      try {
        await page.emulateMedia({ colorScheme: dark === (at % 2 === 0) ? 'dark' : 'light' });
        await goInside(page, path);
        await look(page, name, false);
        if (!views || !withDialogs) continue;
        for await (const part of views(page, tools)) await look(page, `${name}-${part}`, true);
      } catch (error) {
        await page.screenshot({ path: join(folder, 'failed.jpg'), type: 'jpeg' });
        throw new Error(`${name}: ${error.message}`, { cause: error });
      }
    }
    faults.push(...page.complaints().map((text) => `console: ${text}`));
    await context.close();
  }
  const wanted = { desktop: `${expectedViews.both} ${expectedViews.desktop}`, phone: expectedViews.both }[device];
  const expected = withDialogs ? wanted.split(' ') : [];
  faults.push(...expected.filter((name) => !seen.has(name)).map((name) => `not seen: ${name}`));
  console.log(`        ${language} ${device}: ${seen.size} pages and dialogs`);
  assert.deepEqual(faults.slice(0, 40), []);
}

export async function walkLanguages({ runner, browser, program }) {
  const labelOf = (language, device) => `language ${language} ${device}`;
  if (!languages.some((each) => devices.some((device) => runner.wants(labelOf(each, device))))) return;
  const { origin } = await program();
  const people = ['wang', 'zhou', 'admin'];
  const callers = await Promise.all(people.map((each) => new Caller(origin).signIn(each)));
  const [caller] = callers;
  await makeWebhooks(callers[2]);
  const first = async (collection, filter) => (await caller.rows(collection, { filter, top: 1 }))[0];
  const world = {
    lead: await first('leads', "owner_id eq @me and status eq 'following'"),
    account: await first('accounts', 'owner_id eq @me'),
    contact: await first('contacts', 'owner_id eq @me'),
    opportunity: await first('opportunities', "owner_id eq @me and status eq 'open'"),
    task: await first('tasks', "owner_id eq @me and status eq 'todo'"),
    dispute: await openDispute(origin, caller, callers[1]),
  };
  for (const language of languages) {
    for (const each of callers) await each.send('PATCH', '/session', { language });
    const meta = await callers[2].get('/meta');
    await Promise.all(
      devices.map((device) =>
        runner.run(labelOf(language, device), browser, () =>
          walk(browser, origin, language, device, { ...world, meta }),
        ),
      ),
    );
  }
}
