// The browser, and what every page has to keep to: no message on the console, no broken rule of accessibility.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { Caller, password } from './api.mjs';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
// The shell is the same browser without windows of its own, whose frames and menus cost a quarter of the time.
const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
export const chromiumPath =
  process.env.KEHAI_CHROMIUM ?? browsers.find((path) => existsSync(path)) ?? browsers[0];

export function launch() {
  if (!existsSync(chromiumPath)) throw new Error(`no browser at ${chromiumPath}`);
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

const desktop = { viewport: { width: 1440, height: 900 } };
const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
};

/**
 * A person's own browser: cookies and storage of nobody else. It asks for little motion: on a busy machine a button that
 * still moves can be pressed at one place and let go at another, which is no click. `moving`: with all of it.
 */
export async function newContext(
  browser,
  { isPhone = false, dark = false, moving = false, language = 'zh-CN' } = {},
) {
  const context = await browser.newContext({
    ...(isPhone ? phone : desktop),
    locale: language,
    timezoneId: 'Asia/Shanghai',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: moving ? 'no-preference' : 'reduce',
    acceptDownloads: true,
  });
  context.setDefaultTimeout(60_000); // a ceiling for a machine that does other things as well
  return context;
}

/** What the browser itself reports of a refused request is expected where a journey provokes it. */
const refusals = /status of (4\d\d|5\d\d)|ERR_INTERNET_DISCONNECTED|ERR_FAILED/;

/** The last requests to the API with their times and answers, for the report of a journey that failed. */
function keepRequests(page) {
  const kept = [];
  const started = Date.now();
  const note = (request, answer) => {
    const { pathname, search } = new URL(request.url());
    if (!pathname.startsWith('/api/')) return;
    const at = ((Date.now() - started) / 1000).toFixed(3);
    kept.push(`${at} s ${answer} ${request.method()} ${(pathname + search).slice(0, 120)}`);
    if (kept.length > 60) kept.shift();
  };
  page.on('request', (request) => note(request, '→'));
  page.on('response', (response) => note(response.request(), response.status()));
  page.on('requestfailed', (request) => note(request, request.failure()?.errorText));
  return () => kept;
}

/**
 * Lets a journey stand between a page and the server: `gate.decide` gets the routes of the requests to `path`, once it is
 * set. To be called before the page is opened: when Chromium begins to hold requests of a page that is open already, one
 * that leaves at that moment slips by, although Playwright has said that it is ready (1 of 40 under load).
 */
export async function standBetween(page, path) {
  const gate = { decide: null };
  await page.route(path, (route) => (gate.decide ? gate.decide(route) : route.continue()));
  return gate;
}

export async function newPage(context) {
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.recentRequests = keepRequests(page);
  page.complaints = ({ refused = false } = {}) =>
    problems.filter((text) => !(refused && refusals.test(text)));
  return page;
}

/** Waits until nothing is loading and nothing moves any more. */
export async function settle(page) {
  let calm = 0;
  for (let round = 0; round < 250 && calm < 3; round++) {
    const busy = await page.evaluate(
      () =>
        !document.querySelector('h1') ||
        document.querySelector('.bone, .splash, [aria-busy="true"], .ant-btn-loading, .ant-spin-spinning') !==
          null ||
        document
          .getAnimations()
          .some((each) => each.playState === 'running' && each.effect?.getTiming().iterations !== Infinity),
    );
    calm = busy ? 0 : calm + 1;
    await page.waitForTimeout(60);
  }
}

export async function go(page, origin, path) {
  await page.goto(origin + encodeURI(path));
  await settle(page);
}

export async function signIn(page, origin, login, secret = password) {
  await page.goto(origin);
  await page.locator('input[name=username]').fill(login);
  await page.locator('input[name=password]').fill(secret);
  await page.locator('button[type=submit]').click();
  await page.locator('#content h1').waitFor();
  await settle(page);
}

const sessions = new Map();

/** Lets a page in without the form: one session for each person and program. */
export async function enter(page, origin, login) {
  const key = `${origin} ${login}`;
  if (!sessions.has(key)) sessions.set(key, new Caller(origin).signIn(login));
  const { cookie } = await sessions.get(key);
  await page.context().addCookies(
    cookie.split('; ').map((each) => {
      const at = each.indexOf('=');
      return { name: each.slice(0, at), value: each.slice(at + 1), url: origin };
    }),
  );
}

const axeRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** The rules of WCAG 2.1 A and AA and the proven practices; one line for each break. */
export async function axeBreaks(page, rules = axeRules) {
  // The policy of the server forbids scripts from elsewhere; evaluation by the debugger is not bound by it.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    (runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] }),
    rules,
  );
  return violations.flatMap((rule) =>
    rule.nodes.map(
      (node) =>
        `${rule.id} (${rule.impact}): ${node.target.join(' ')} — ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`,
    ),
  );
}
