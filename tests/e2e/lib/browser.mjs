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

const resting = new Map();

/** Like newContext, but it may be one that was given back: it knows the program's
 * files, unless `isNew`, and nothing of who used it. */
export async function borrowContext(browser, { isNew = false, ...options } = {}) {
  const key = JSON.stringify(options);
  const known = isNew ? undefined : resting.get(key)?.pop();
  if (known) return known;
  const context = await newContext(browser, options);
  context.origins = new Set();
  context.giveBack = async () => {
    await Promise.all(context.pages().map((page) => page.close()));
    await context.clearCookies();
    await context.clearPermissions();
    await context.setOffline(false);
    context.used = context.origins;
    context.origins = new Set();
    resting.set(key, [...(resting.get(key) ?? []), context]);
  };
  return context;
}

/** What the browser itself reports of a refused request is expected where a journey provokes it. */
const refusals = /status of (4\d\d|5\d\d)|ERR_INTERNET_DISCONNECTED|ERR_FAILED/;

/** How many requests the report of a failed journey shows. */
const reportedRequests = 25;

/**
 * The last requests to the API, for the report of a journey that failed: when each left, what came back and how long that
 * took. The last one comes last.
 */
function keepRequests(page) {
  const kept = new Map();
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(3);
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (!pathname.startsWith('/api/')) return;
    const what = `${request.method()} ${(pathname + search).slice(0, 120)}`;
    kept.set(request, { what, at: seconds(), answer: 'no answer' });
    if (kept.size > reportedRequests) kept.delete(kept.keys().next().value);
  });
  const note = (request, answer) => {
    const entry = kept.get(request);
    if (entry) entry.answer = answer;
  };
  page.on('response', (response) => {
    const took = Math.round(response.request().timing().responseStart);
    note(response.request(), `${response.status()} after ${took} ms`);
  });
  page.on('requestfailed', (request) => note(request, request.failure()?.errorText));
  return () => [...kept.values()].map(({ at, what, answer }) => `${at} s → ${what}: ${answer}`);
}

/** What lies over the page, for the report of a journey that failed. */
export function overlays(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('[role=dialog], [role=menu], .ant-select-dropdown, .toast')]
      .filter((each) => each.checkVisibility())
      .map((each) => {
        const kind = each.getAttribute('role') ?? each.classList[0];
        return `${kind}: ${each.innerText.trim().replace(/\s+/g, ' ').slice(0, 200)}`;
      }),
  );
}

/** The requests that are on their way, with the time when they left; the stream of events never ends and does not count. */
function keepInFlight(page) {
  const inFlight = new Map();
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') inFlight.set(request, Date.now());
  });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => inFlight.delete(request));
  return inFlight;
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

/** What the one before kept in the browser; only a page can take it away. */
async function forgetStorage(context, page) {
  const origins = context.used ?? [];
  context.used = undefined;
  const debug = await context.newCDPSession(page);
  for (const origin of origins) {
    await debug.send('Storage.clearDataForOrigin', { origin, storageTypes: 'local_storage,indexeddb,cache_storage' });
  }
  await debug.detach();
}

export async function newPage(context) {
  const page = await context.newPage();
  if (context.used) await forgetStorage(context, page);
  const problems = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.recentRequests = keepRequests(page);
  page.inFlight = keepInFlight(page);
  page.on('framenavigated', (frame) => {
    if (frame.url().startsWith('http')) context.origins?.add(new URL(frame.url()).origin);
  });
  page.forgetComplaints = () => problems.splice(0);
  page.complaints = ({ refused = false } = {}) =>
    problems.filter((text) => !(refused && refusals.test(text)));
  return page;
}

/** In the page: true once nothing loads and nothing moves for two looks with an idle moment before each, or false at the end. */
async function becomesCalm(milliseconds) {
  const busy = () =>
    !document.querySelector('h1') ||
    document.querySelector('.bone, .splash, [aria-busy="true"], .ant-btn-loading, .ant-spin-spinning') !== null ||
    document
      .getAnimations()
      .some((each) => each.playState === 'running' && each.effect?.getTiming().iterations !== Infinity);
  const end = performance.now() + milliseconds;
  for (let calm = 0; calm < 2; calm = busy() ? 0 : calm + 1) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1000 }));
  }
  return true;
}

/**
 * Waits until no request is on its way, nothing is loading and nothing moves any more. It gives up after 15 seconds: some
 * pages never rest. A request without an answer for 5 seconds is one that a journey holds on purpose.
 */
export async function settle(page) {
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    const calm = await page.evaluate(becomesCalm, 2000).catch((error) => {
      // The page went on to another address meanwhile.
      if (!/context was destroyed|navigat/i.test(error.message)) throw error;
      return false;
    });
    if (calm && [...page.inFlight.values()].every((since) => Date.now() - since > 5000)) return;
  }
}

/** Goes on inside of the page that is open, which is quicker than to load the program again. */
export async function goInside(page, path) {
  await page.evaluate((path) => history.pushState({}, '', path), encodeURI(path));
  await settle(page);
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

/** No dialog and no list is on its way in or out. */
export function standsStill(page) {
  return page.waitForFunction(
    () => !document.querySelector('[class*="ant-zoom-"], [class*="ant-slide-"]'),
  );
}

/**
 * The rules of WCAG 2.1 A and AA and the proven practices; one line for each break. `isDialog`: of what lies on top of the
 * page only.
 */
export async function axeBreaks(page, rules = axeRules, isDialog = false) {
  // A list that is on its way out is not there for anybody, but it is in the page.
  await standsStill(page);
  // The policy of the server forbids scripts from elsewhere; evaluation by the debugger is not bound by it.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    ([runOnly, isDialog]) => {
      const over = '.ant-modal, .ant-drawer-section, .ant-dropdown, .ant-popover, [role=dialog]';
      const top = [...document.querySelectorAll(over)].filter((each) => each.checkVisibility()).at(-1);
      const what = (isDialog && top) || document;
      return globalThis.axe.run(what, { runOnly, resultTypes: ['violations'] });
    },
    [rules, isDialog],
  );
  return violations.flatMap((rule) =>
    rule.nodes.map(
      (node) =>
        `${rule.id} (${rule.impact}): ${node.target.join(' ')} — ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`,
    ),
  );
}
