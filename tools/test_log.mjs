// Reads the log of a test step: doctest and scenarios below ctest, node:test (TAP and spec), vitest, the journeys, ninja.
//   node tools/test_log.mjs count LOG      "PASSED FAILED"
//   node tools/test_log.mjs failures LOG   every test that failed with what it said; the end of the log when none is named
//   node tools/test_log.mjs names LOG      the names of the tests that failed, one a line
//   node tools/test_log.mjs slowest LOG    the ten tests that took longest
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const kLinesOfOne = 90  // of one failure; a journey names its last 60 requests
const kLinesOfAll = 600
const kLinesOfEnd = 60

export const linesOf = (text) => text.replace(/\u001b\[[0-9;]*m/g, '').split('\n')
// ctest writes the number of the test program before each line; two programs that run at once take turns.
const withoutNumber = (line) => line.replace(/^\s*\d+: /, '')
const streams = (lines) => {
  const found = new Map()
  for (const line of lines) {
    const key = /^\s*(\d+): /.exec(line)?.[1] ?? ''
    if (!found.has(key)) found.set(key, [])
    found.get(key).push(key === '' ? line : withoutNumber(line))
  }
  return [...found.values()]
}

export function count(lines) {
  let passed = 0
  let failed = 0
  for (const line of lines) {
    const doctest = /test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(line)
    const plain = /^\s*(?:\d+: )?(?:\w+: )?(\d+) passed, (\d+) failed/.exec(line)
    const vitest = /^\s*Tests\s+(?:(\d+) failed \| )?(\d+) passed/.exec(line)
    const nodePass = /^(?:#|ℹ) pass (\d+)/.exec(line)
    const nodeFail = /^(?:#|ℹ) (?:fail|cancelled) (\d+)/.exec(line)  // cancelled: the time was over
    if (doctest) { passed += Number(doctest[1]); failed += Number(doctest[2]) }
    else if (plain) { passed += Number(plain[1]); failed += Number(plain[2]) }
    else if (vitest) { passed += Number(vitest[2]); failed += Number(vitest[1] ?? 0) }
    else if (nodePass) passed += Number(nodePass[1])
    else if (nodeFail) failed += Number(nodeFail[1])
  }
  return { passed, failed }
}

// ---- Failures: each is {name, lines}

const indent = (line) => /^ */.exec(line)[0].length

// `not ok` with the names of the tests around it, and what stands between --- and …
function ofTap(lines) {
  const found = []
  const around = []  // {indent, name}
  lines.forEach((line, at) => {
    const begun = /^( *)# Subtest: (.*)$/.exec(line)
    const ended = /^( *)(not )?ok \d+ - (.*?)(?: # .*)?$/.exec(line)
    if (begun) around.push({ indent: begun[1].length, name: begun[2] })
    if (!ended) return
    while (around.length > 0 && around.at(-1).indent >= ended[1].length) around.pop()
    if (!ended[2] || / # (?:TODO|SKIP)/.test(line)) return
    const name = [...around.map((one) => one.name), ended[3]].join(' > ')
    const said = [line]
    for (let next = at + 1; next < lines.length && indent(lines[next]) > ended[1].length; next += 1) {
      said.push(lines[next])
      if (lines[next].trim() === '...') break
    }
    // Who fails because of a test below says nothing new.
    if (said.some((one) => /failureType: 'subtestsFailed'/.test(one))) return
    found.push({ name, lines: said })
  })
  return found
}

// The part behind "✖ failing tests:" of the spec reporter.
function ofSpec(lines) {
  const from = lines.findIndex((line) => /^✖ failing tests:/.test(line))
  if (from < 0) return []
  const found = []
  for (const line of lines.slice(from + 1)) {
    const begun = /^✖ (.*?)(?: \([\d.]+ms\))?$/.exec(line)
    if (begun) found.push({ name: begun[1], lines: [line] })
    else found.at(-1)?.lines.push(line)
  }
  return found.filter((one) => !/\d+ subtests? failed/.test(one.lines.join('\n')))
}

// Blocks between lines of "=": those with an error, and what a program says that ends too early.
function ofDoctest(lines) {
  const found = []
  let block = []
  const end = () => {
    if (block.some((line) => /^[^ ].*:\d+: (?:FATAL )?ERROR: |^.*FATAL ERROR: |^Failed as didn't/.test(line))) {
      const test = block.find((line) => /^\s*TEST CASE: /.test(line))
      found.push({ name: test?.replace(/^\s*TEST CASE:\s*/, '') ?? block.find((line) => /ERROR: /.test(line)), lines: block })
    }
    block = []
  }
  for (const line of lines) {
    if (/^={20,}$/.test(line) || /^\[doctest\] test cases:/.test(line)) end()
    else block.push(line)
  }
  end()
  return found
}

// "FAILED  name (1.2 s)" with what is indented below: journeys, scenarios. ninja's "FAILED: file" up to its next step.
function ofFailed(lines) {
  const found = []
  lines.forEach((line, at) => {
    const failed = /^FAILED(:?)\s+(.*?)(?: \([\d.]+ s\))?$/.exec(line)
    if (!failed) return
    const said = [line]
    const belongs = failed[1] ? (next) => !/^\[\d+\/\d+\]|^FAILED|^ninja: /.test(next) : (next) => /^(?:\s|$)/.test(next)
    for (let next = at + 1; next < lines.length && belongs(lines[next]); next += 1) said.push(lines[next])
    found.push({ name: failed[2], lines: said })
  })
  return found
}

// Sanitizers, and programs that ctest saw end badly without a word of their own.
function ofPrograms(lines) {
  const found = []
  lines.forEach((line, at) => {
    if (/^(?:==\d+==ERROR: |WARNING: ThreadSanitizer|.*: runtime error: )/.test(line)) {
      found.push({ name: line.slice(0, 160), lines: lines.slice(at, at + kLinesOfOne) })
    }
    const ended = /^\s*\d+\/\d+ Test\s+#\d+: (\S+) \.*\s*\*\*\*(.*)$/.exec(line)
    if (ended) found.push({ name: `${ended[1]} (${ended[2].trim().replace(/\s+/g, ' ')})`, lines: [line] })
  })
  return found
}

function ofVitest(lines) {
  const found = []
  let open = null
  for (const line of lines) {
    const begun = /^\s*FAIL\s+(.*)$/.exec(line)
    if (begun) found.push(open = { name: begun[1], lines: [line] })
    else if (/^\s*Test Files\s/.test(line)) open = null
    else open?.lines.push(line)
  }
  return found
}

export function failures(lines) {
  const found = [...ofTap(lines), ...ofSpec(lines), ...ofVitest(lines)]
  for (const stream of streams(lines)) found.push(...ofDoctest(stream), ...ofFailed(stream), ...ofPrograms(stream))
  // A program of ctest that named the tests which failed need not be named again.
  const named = found.filter((one) => !/\((?:Failed|Exception)/.test(one.name))
  return named.length > 0 ? found.filter((one) => named.includes(one) || !/\(Failed/.test(one.name)) : found
}

export function failureText(lines) {
  const found = failures(lines)
  if (found.length === 0) return lines.slice(-kLinesOfEnd).join('\n')
  const all = found.flatMap(({ name, lines: said }) => {
    const kept = said.slice(0, kLinesOfOne).map((line) => `    ${line.trimEnd()}`)
    if (said.length > kept.length) kept.push(`    … ${said.length - kept.length} more lines`)
    return [`--- ${name}`, ...kept]
  })
  if (all.length <= kLinesOfAll) return all.join('\n')
  return [...all.slice(0, kLinesOfAll), `… ${all.length - kLinesOfAll} more lines; all that failed:`, ...found.map((one) => `--- ${one.name}`)].join('\n')
}

// ---- Times

// {name, seconds} of every test that says how long it took; of nested ones only the innermost.
export function times(lines) {
  const found = []
  const add = (name, seconds) => found.push({ name, seconds: Number(seconds) })
  let depth = 0
  let leaf = null
  for (const each of lines) {
    const line = withoutNumber(each)
    const tap = /^( *)(?:not )?ok \d+ - (.*)$/.exec(line)
    if (tap) {
      leaf = depth > tap[1].length ? null : tap[2]  // after deeper ones it is the one around them
      depth = tap[1].length
    }
    const took = /^\s*duration_ms: ([\d.]+)$/.exec(line)
    if (took && leaf) add(leaf, took[1] / 1000)
    const journey = /^(?:ok|FAILED) {2,}(.*) \(([\d.]+) s\)$/.exec(line)
    if (journey) add(journey[1], journey[2])
    const doctest = /^([\d.]+) s: (.*)$/.exec(line)
    if (doctest) add(doctest[2], doctest[1])
    const program = /^\s*\d+\/\d+ Test\s+#\d+: (\S+) \.*\s*\S.*?([\d.]+) sec/.exec(each)
    if (program) add(`all of ${program[1]}`, program[2])
  }
  return found.sort((a, b) => b.seconds - a.seconds)
}

export const slowest = (lines, many = 10) => times(lines).slice(0, many).map(({ name, seconds }) => `    ${seconds.toFixed(1).padStart(6)} s  ${name}`).join('\n')

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , what, log] = process.argv
  const lines = linesOf(readFileSync(log, 'utf8'))
  const answers = {
    count: () => { const { passed, failed } = count(lines); return `${passed} ${failed}` },
    failures: () => failureText(lines),
    names: () => failures(lines).map((one) => one.name).join('\n'),
    slowest: () => slowest(lines),
  }
  if (!answers[what]) throw new Error(`test_log: ${what}: write count, failures, names or slowest`)
  console.log(answers[what]())
}
