// The program in a browser: journeys on each database, then pictures of every page.

import { accessJourneys } from './journeys/access.mjs';
import { importJourneys } from './journeys/import.mjs';
import { salesJourneys } from './journeys/sales.mjs';
import { settingsJourneys } from './journeys/settings.mjs';
import { launch } from './lib/browser.mjs';
import { startProgram } from './lib/program.mjs';
import { Runner } from './lib/runner.mjs';
import { takePictures } from './pictures.mjs';

const runner = new Runner(process.argv.slice(2));
const databases = ['sqlite'];
if (process.env.KEHAI_TEST_POSTGRES) databases.push('postgres');
else console.log('SKIPPED: journeys on PostgreSQL (KEHAI_TEST_POSTGRES is not set)');

const browser = await launch();
try {
  for (const kind of databases) {
    const program = await startProgram('demo', kind);
    const empty = await startProgram('serve', kind);
    try {
      const world = { runner, browser, program, empty, kind };
      // Pictures come first: they show the demo company as it is.
      if (kind === 'sqlite') await takePictures(world);
      await accessJourneys(world);
      await salesJourneys(world);
      await importJourneys(world);
      await settingsJourneys(world);
    } catch (error) {
      runner.failed++;
      console.log(`FAILED  on ${kind}\n${error.stack ?? error}`);
    } finally {
      await program.stop();
      await empty.stop();
    }
  }
} finally {
  await browser.close();
}
runner.finish();
