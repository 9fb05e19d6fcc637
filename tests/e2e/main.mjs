// The program in a browser: journeys on each database, then pictures of every page.

import { accessJourneys } from './journeys/access.mjs';
import { boardJourneys } from './journeys/board.mjs';
import { bulkJourneys } from './journeys/bulk.mjs';
import { dealJourneys } from './journeys/deals.mjs';
import { disputeJourneys } from './journeys/disputes.mjs';
import { duplicateJourneys } from './journeys/duplicates.mjs';
import { editingJourneys } from './journeys/editing.mjs';
import { fileJourneys } from './journeys/files.mjs';
import { followUpJourneys } from './journeys/followups.mjs';
import { gridJourneys } from './journeys/grid.mjs';
import { importJourneys } from './journeys/import.mjs';
import { listJourneys } from './journeys/lists.mjs';
import { mergeJourneys } from './journeys/merge.mjs';
import { qualityJourneys } from './journeys/quality.mjs';
import { salesJourneys } from './journeys/sales.mjs';
import { settingsJourneys } from './journeys/settings.mjs';
import { teamJourneys } from './journeys/team.mjs';
import { webhookJourneys } from './journeys/webhooks.mjs';
import { workbenchJourneys } from './journeys/workbench.mjs';
import { walkLanguages } from './languages.mjs';
import { launch } from './lib/browser.mjs';
import { startProgram } from './lib/program.mjs';
import { Runner } from './lib/runner.mjs';
import { takePictures } from './pictures.mjs';

const runner = new Runner(process.argv.slice(2));
const databases = ['sqlite'];
if (process.env.KEHAI_TEST_POSTGRES) databases.push('postgres');
else console.log('SKIPPED: journeys on PostgreSQL (KEHAI_TEST_POSTGRES is not set)');

const browser = await launch();
const journeys = async (kind) => {
  const program = await startProgram('demo', kind);
  let empty;
  try {
    empty = await startProgram('serve', kind);
    const world = { runner, browser, program, empty, kind };
    await accessJourneys(world);
    await workbenchJourneys(world);
    await salesJourneys(world);
    await boardJourneys(world);
    await listJourneys(world);
    await dealJourneys(world);
    await gridJourneys(world);
    await editingJourneys(world);
    await fileJourneys(world);
    await followUpJourneys(world);
    await mergeJourneys(world);
    await importJourneys(world);
    await settingsJourneys(world);
    await qualityJourneys(world);
    await teamJourneys(world);
    await disputeJourneys(world);
    await duplicateJourneys(world);
    await bulkJourneys(world);
    await webhookJourneys(world);
  } finally {
    await program.stop();
    await empty?.stop();
  }
};
// Each lane has programs of its own, so they do not see what the others do.
const lane = (name, work) =>
  work.catch((error) => {
    runner.failed++;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  });
const pages = async () => {
  let started;
  const program = () => (started ??= startProgram('demo'));
  try {
    await takePictures({ runner, browser, program });
    await walkLanguages({ runner, browser, program });
  } finally {
    await (await started)?.stop();
  }
};
await Promise.all([
  lane('pictures', pages()),
  ...databases.map((kind) => lane(`journeys on ${kind}`, journeys(kind))),
]);
await browser.close();
runner.finish();
