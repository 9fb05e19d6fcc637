// The reader of test logs, with pieces of what the test programs really write.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, failures, failureText, linesOf, slowest } from './test_log.mjs'

const names = (text) => failures(linesOf(text)).map((one) => one.name)

const tap = `TAP version 13
# Subtest: what may not be seen
    # Subtest: ann
    ok 1 - ann
      ---
      duration_ms: 1500
      ...
    # Subtest: bob
    not ok 2 - bob
      ---
      duration_ms: 25000.5
      failureType: 'testCodeFailure'
      error: |-
        2 leaks
        + actual - expected
      ...
    1..2
not ok 1 - what may not be seen
  ---
  duration_ms: 27000
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# Subtest: too late
not ok 2 - too late
  ---
  duration_ms: 900
  failureType: 'testTimeoutFailure'
  error: 'test timed out after 50ms'
  ...
# pass 1
# fail 2
# cancelled 1
`
test('node: the innermost test that failed, with its error; the one around it says nothing new', () => {
  assert.deepEqual(names(tap), ['what may not be seen > bob', 'too late'])
  assert.match(failureText(linesOf(tap)), /--- what may not be seen > bob[^]*2 leaks[^]*\+ actual[^]*--- too late[^]*after 50ms/)
  assert.deepEqual(count(linesOf(tap)), { passed: 1, failed: 3 })
  assert.equal(slowest(linesOf(tap), 2), '      25.0 s  bob\n       1.5 s  ann')
})

// Two programs at once: ctest puts the number of each before its lines.
const ctest = `12: [doctest] doctest version is "2.4.9"
5: ===============================================================================
5: src/record/write_test.cc:40:
12: ===============================================================================
5: TEST CASE:  writing: a version that is too old
12: src/app/merge_test.cc:8:
12: TEST CASE:  merging
5:   inside
12: 2.500000 s: merging
5: 
5: src/record/write_test.cc:44: ERROR: CHECK( a == b ) is NOT correct!
12: ===============================================================================
12: [doctest] test cases:   7 |   7 passed | 0 failed | 0 skipped
5:   values: CHECK( 1 == 2 )
5:   logged: PostgreSQL
5: 
5: 0.250000 s: writing: a version that is too old
5: ===============================================================================
5: [doctest] test cases:  31 |  30 passed | 1 failed | 0 skipped
28: FAILED tests/scenarios/lead/pool.scenario:14 (SQLite) a lead is claimed once
28:     expected 200, got 409: {"error":1}
28: 9 passed, 1 failed
 2/3 Test #5: record_test ......................***Failed  143.38 sec
 3/3 Test #6: http_test ........................***Exception: SegFault  6.46 sec
`
test('ctest: doctest, scenarios, and a program that breaks off', () => {
  assert.deepEqual(names(ctest), ['writing: a version that is too old', 'tests/scenarios/lead/pool.scenario:14 (SQLite) a lead is claimed once',
    'http_test (Exception: SegFault 6.46 sec)'])
  assert.match(failureText(linesOf(ctest)), /write_test\.cc:44: ERROR: CHECK\( a == b \)[^]*logged: PostgreSQL/)
  assert.match(failureText(linesOf(ctest)), /expected 200, got 409/)
  assert.deepEqual(count(linesOf(ctest)), { passed: 46, failed: 2 })
  assert.match(slowest(linesOf(ctest)), /143\.4 s {2}all of record_test[^]*2\.5 s {2}merging/)
})

const journeys = `ok      picture leads phone (8.9 s)
FAILED  sales: a card is dragged (sqlite) (41.2 s)
        locator.waitFor: Timeout 30000ms exceeded.

            at sales.mjs:497:20
        request: 2.954 s → GET /api/v1/session
ok      sales: a card is dragged (postgres) (4.2 s)
225 passed, 1 failed
`
test('journeys: name, error and last requests, and nothing of the next journey', () => {
  assert.deepEqual(names(journeys), ['sales: a card is dragged (sqlite)'])
  const said = failureText(linesOf(journeys))
  assert.match(said, /Timeout 30000ms[^]*497:20[^]*GET \/api\/v1\/session/)
  assert.doesNotMatch(said, /postgres/)
  assert.equal(slowest(linesOf(journeys), 1), '      41.2 s  sales: a card is dragged (sqlite)')
})

test('vitest and ninja', () => {
  assert.deepEqual(names(' FAIL  src/ui/keyboard.test.tsx > keys > walks\nAssertionError: no\n\n Test Files  1 failed (1)\n      Tests  1 failed | 4 passed (5)\n'),
    ['src/ui/keyboard.test.tsx > keys > walks'])
  const ninja = linesOf('[1/3] a\nFAILED: src/a.cc.o\n/usr/bin/c++ a.cc\na.cc:3:1: error: expected\n[2/3] b\nninja: build stopped\n')
  assert.match(failureText(ninja), /a\.cc:3:1: error: expected/)
  assert.doesNotMatch(failureText(ninja), /\[2\/3\]/)
})

test('a log that names no test shows its end', () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`)
  assert.match(failureText(lines), /^line 40\n[^]*line 99$/)
})
