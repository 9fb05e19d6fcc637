// Starts the stub server over the built UI and a browser on it. Used by the look and budget checks.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createStub } from './stub-server.mjs';

export const dist = fileURLToPath(new URL('../dist', import.meta.url));
const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const chromiumPath = process.env.KEHAI_CHROMIUM ?? '/usr/bin/chromium';
export const canRun = existsSync(dist) && existsSync(chromiumPath);

export async function open(options = {}) {
  const stub = createStub({ dist, signedIn: true, ...options });
  await new Promise((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${stub.server.address().port}`;
  const browser = await chromium.launch({
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
  const close = async () => {
    await browser.close();
    stub.server.closeAllConnections();
    stub.server.close();
  };
  return { stub, origin, browser, close };
}

export async function newPage(
  browser,
  { phone = false, language = 'zh-CN', width = 1440, height = 900 } = {},
) {
  const context = await browser.newContext(
    phone
      ? {
          viewport: { width: 390, height: 844 },
          isMobile: true,
          hasTouch: true,
          deviceScaleFactor: 2,
          locale: language,
          timezoneId: 'Asia/Shanghai',
        }
      : { viewport: { width, height }, locale: language, timezoneId: 'Asia/Shanghai' },
  );
  const page = await context.newPage();
  page.problems = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.problems.push(message.text());
  });
  page.on('pageerror', (error) => page.problems.push(String(error)));
  return page;
}

/** Waits until nothing is loading and nothing moves. */
export async function settle(page) {
  let calm = 0;
  for (let round = 0; round < 150 && calm < 4; round++) {
    const busy = await page.evaluate(
      () =>
        !document.querySelector('h1') ||
        document.querySelector('.bone, .splash, [aria-busy="true"]') !== null ||
        document.getAnimations().some((each) => each.effect?.getTiming().iterations !== Infinity),
    );
    calm = busy ? 0 : calm + 1;
    await page.waitForTimeout(80);
  }
}

export async function axe(page) {
  // The policy of the server forbids injected scripts; evaluation by the debugger is not bound by it.
  await page.evaluate(axeSource);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
    }),
  );
  return result.violations.map((violation) => ({
    id: violation.id,
    impact: violation.impact,
    nodes: violation.nodes.map(
      (node) => `${node.target.join(' ')} — ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`,
    ),
  }));
}
