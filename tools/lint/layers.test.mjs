// The lint of layers finds what it is there for: small trees with one mistake each, and one without.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const lint = fileURLToPath(new URL('layers.mjs', import.meta.url))

/** What the lint says of a tree with these files. */
function lintOf(files) {
  const folder = mkdtempSync(join(tmpdir(), 'kehai_layers_'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [lint], { cwd: folder, encoding: 'utf8' })
    return { status, text: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const fine = {
  'src/base/time.h': '#pragma once\n#include <string>\n',
  'src/record/engine.cc': '#include "base/time.h"\n#include "query/parser.h"\n',
  'src/modules/lead/module.cc': '#include "modules/account/module.h"\n#include "platform/access/access.h"\n',
}

test('a tree that keeps the rules is fine', () => {
  assert.deepEqual(lintOf(fine), { status: 0, text: 'layers: fine\n' })
})

const mistakes = [
  ['a lower layer knows a higher one', 'src/base/bad.cc', '#include "record/engine.h"\n', 'src/base/bad.cc:1: base/ may not include record/engine.h'],
  ['the store knows a module', 'src/record/bad.cc', '\n#include "modules/lead/module.h"\n', 'src/record/bad.cc:2: record/ may not include modules/lead/module.h'],
  ['a module knows the HTTP layer', 'src/modules/lead/bad.h', '#include "api/routes.h"\n', 'modules/ may not include api/routes.h'],
  ['only the client of the HTTP layer is for the platform', 'src/platform/bad.cc', '#include "http/client.h"\n#include "http/server.h"\n', 'src/platform/bad.cc:2: platform/ may not include http/server.h'],
  ['an earlier module knows a later one', 'src/modules/account/bad.cc', '#include "modules/task/module.h"\n', 'module account may not know the later module task'],
  ['a module has no place in the order', 'src/modules/novelty/bad.cc', '#include "modules/account/module.h"\n', 'module novelty has no place in the order'],
  ['what all modules share knows one of them', 'src/modules/shared.h', '#include "modules/task/module.h"\n', 'may not know the later module task'],
  ['SQL outside of its places', 'src/modules/lead/bad.cc', 'auto text = "SELECT id FROM lead";\n', 'SQL text outside'],
  ['a database driver outside of db/', 'src/api/bad.cc', '#include <sqlite3.h>\n', 'database drivers stay in db/'],
  ['a heavy header in a header', 'src/base/bad.h', '#include <regex>\n', 'heavy header in a header'],
  ['an unfinished mark', 'src/base/bad.cc', `// TO${''}DO: later\n`, 'unfinished mark'],
]
for (const [name, path, text, expected] of mistakes) {
  test(name, () => {
    const { status, text: said } = lintOf({ ...fine, [path]: text })
    assert.equal(status, 1, said)
    assert.ok(said.includes(expected), said)
    assert.ok(said.includes('layers: 1 problems'), said)
  })
}
