// Adds up the tests that a log reports: doctest, vitest, node:test and plain "N passed, N failed" lines. Prints "PASSED FAILED".
import { readFileSync } from 'node:fs'

const text = readFileSync(process.argv[2], 'utf8').replace(/\u001b\[[0-9;]*m/g, '')
let passed = 0
let failed = 0
for (const line of text.split('\n')) {
  const doctest = /test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(line)
  const plain = /^\s*(?:\d+: )?(?:\w+: )?(\d+) passed, (\d+) failed/.exec(line)
  const vitest = /^\s*Tests\s+(?:(\d+) failed \| )?(\d+) passed/.exec(line)
  const nodePass = /^(?:#|ℹ) pass (\d+)/.exec(line)
  const nodeFail = /^(?:#|ℹ) fail (\d+)/.exec(line)
  if (doctest) { passed += Number(doctest[1]); failed += Number(doctest[2]) }
  else if (plain) { passed += Number(plain[1]); failed += Number(plain[2]) }
  else if (vitest) { passed += Number(vitest[2]); failed += Number(vitest[1] ?? 0) }
  else if (nodePass) passed += Number(nodePass[1])
  else if (nodeFail) failed += Number(nodeFail[1])
}
console.log(`${passed} ${failed}`)
