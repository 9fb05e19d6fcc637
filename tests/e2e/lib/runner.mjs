// Runs journeys one after the other, keeps a picture of the page where one failed, and adds up.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { borrowContext, newPage, overlays } from './browser.mjs';
import { root } from './program.mjs';

export class Skip extends Error {}

export class Runner {
  /** Words choose journeys by their names; a word with a minus before it leaves them out. */
  constructor(words) {
    this.wanted = words.filter((word) => !word.startsWith('-'));
    this.unwanted = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
    this.passed = 0;
    this.failed = 0;
  }

  wants(name) {
    if (this.unwanted.some((word) => name.includes(word))) return false;
    return this.wanted.length === 0 || this.wanted.some((word) => name.includes(word));
  }

  /**
   * Runs one journey; `work` gets a `person()` that opens a browser of its own, and a `watch(page)` for pages that it opens
   * itself: a failure is reported with what was on them.
   */
  async run(name, browser, work) {
    if (!this.wants(name)) return;
    const started = Date.now();
    const contexts = [];
    const pages = [];
    const person = async (options) => {
      const context = await borrowContext(browser, options);
      contexts.push(context);
      const page = await newPage(context);
      pages.push(page);
      return page;
    };
    const watch = (page) => pages.push(page);
    let isGood = false;
    const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
    try {
      await work({ person, watch });
      isGood = true;
      this.passed++;
      console.log(`ok      ${name} (${seconds()} s)`);
    } catch (error) {
      if (error instanceof Skip) {
        console.log(`SKIPPED: ${name}: ${error.message}`);
        return;
      }
      this.failed++;
      console.log(
        `FAILED  ${name} (${seconds()} s)\n${String(error.stack ?? error).replace(/^/gm, '        ')}`,
      );
      const folder = join(root, 'build/e2e');
      mkdirSync(folder, { recursive: true });
      for (const [at, page] of pages.entries()) {
        const file = join(folder, `${name.replace(/[^\w]+/g, '-')}-${at}.png`);
        await page.screenshot({ path: file }).then(
          () => console.log(`        picture: ${file}`),
          () => {},
        );
        for (const text of page.complaints().slice(0, 5)) console.log(`        console: ${text}`);
        for (const text of await overlays(page).catch(() => [])) console.log(`        open: ${text}`);
        for (const text of page.recentRequests()) console.log(`        request: ${text}`);
      }
    } finally {
      // What a failed journey leaves behind is nobody's business.
      for (const context of contexts) {
        await (isGood ? context.giveBack() : context.close()).catch(() => context.close().catch(() => {}));
      }
    }
  }

  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed > 0 ? 1 : 0;
  }
}
