#!/usr/bin/env node
// What the browser loads before somebody sees the workbench, and how long that takes: the demo company, a browser that knows
// nothing of the program, Chromium over loopback. The number of bytes is also held by the end-to-end tests (journeys/access.mjs).
//
//   KEHAI_BINARY=build/release/src/app/kehai node bench/first_screen.mjs [--runs 9]
//
// The program must have its web UI. Exit status 1 when something is over its budget.
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { enter, launch, newContext, newPage } from '../tests/e2e/lib/browser.mjs'
import { bytesOf, firstPageBytes, loadFirstPage } from '../tests/e2e/lib/firstPage.mjs'
import { binary, startProgram } from '../tests/e2e/lib/program.mjs'

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '9' } } })
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

async function visit(browser, origin) {
  const context = await newContext(browser)
  const page = await newPage(context)
  await enter(page, origin, 'wang')
  const begun = performance.now()
  const files = await loadFirstPage(page, origin)
  const whole = performance.now() - begun
  const bytes = await bytesOf(files)
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  await context.close()
  return { bytes, paint, whole }
}

const program = await startProgram('demo')
const browser = await launch()
const visits = []
try {
  for (let i = 0; i < Number(options.runs); ++i) visits.push(await visit(browser, program.origin))
} finally {
  await browser.close()
  await program.stop()
}
const rows = [
  ['first screen, KB as it travels', median(visits.map((each) => each.bytes)) / 1024, firstPageBytes / 1024],
  ['first contentful paint, ms', median(visits.map((each) => each.paint)), 1000],
  ['workbench complete and at rest, ms', median(visits.map((each) => each.whole))],
  ['program with web UI, MB', statSync(binary()).size / 1e6, 64],
]
for (const [name, value, budget] of rows) {
  const over = value > budget
  console.log(`${name.padEnd(36)} ${value.toFixed(value < 100 ? 1 : 0).padStart(7)}${budget ? `   <= ${budget}` : ''}${over ? '   OVER' : ''}`)
  if (over) process.exitCode = 1
}
