// kill -9 in the middle of an upgrade: the next start finishes it, and every row is as it was.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { binary, databases, look, newPlace, pause, runWell, Server } from './support.mjs'

// As a program would have left it that knew no websites of competitors, no repeated requests and none of these indexes.
const column = 'website'
function makeOlder(place) {
  const tool = place.kind === 'sqlite' ? (sql) => spawnSync('sqlite3', [path.join(place.data, 'kehai.db'), sql], { encoding: 'utf8' })
    : (sql) => spawnSync('psql', [place.database, '-qAtc', sql], { encoding: 'utf8' })
  const ask = (sql) => {
    const result = tool(sql)
    assert.equal(result.status, 0, String(result.error ?? result.stderr))
    return result.stdout.trim()
  }
  const indexes = ask(place.kind === 'sqlite'
    ? "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('account', 'opportunity') AND sql IS NOT NULL"
    : "SELECT indexname FROM pg_indexes WHERE tablename IN ('account', 'opportunity') AND indexname NOT LIKE '%pkey'").split('\n')
  assert.ok(indexes.length > 10, indexes.join())
  ask([...indexes.map((name) => `DROP INDEX "${name}";`), `ALTER TABLE competitor DROP COLUMN "${column}";`, 'DROP TABLE idempotency;',
    `DELETE FROM schema_column WHERE object = 'competitor' AND name = '${column}';`,
    "UPDATE schema_meta SET value = 'of an older program' WHERE key = 'fingerprint';"].join(' '))
  return { ask, indexes }
}

for (const kind of databases) {
  test(`killed while it upgrades, on ${kind}`, { timeout: 600_000 }, async () => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', '20000', '--opportunities', '20000'])
    // What no job of the server touches.
    const kept = ['account', 'opportunity', 'stage_change', 'ownership', 'dedupe_key', 'user', 'department', 'stage']
    const counted = (tables) => Object.fromEntries(kept.map((name) => [name, tables[name].length]))
    const before = look(place)
    const { ask, indexes } = makeOlder(place)
    const isCurrent = () => ask("SELECT value FROM schema_meta WHERE key = 'fingerprint'") !== 'of an older program' &&
      ask("SELECT value FROM schema_meta WHERE key = 'fingerprint'") !== ''
    const wasCopied = () => readdirSync(place.data).some((name) => name.startsWith('before-upgrade-') && !name.endsWith('.part'))

    // Each round is killed a little later after the tables of before were put aside, until one gets through.
    let interrupted = 0
    for (let wait = 0; ; wait += 150) {
      const child = spawn(binary, ['serve', ...place.flags, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
      let out = ''
      child.stdout.on('data', (bytes) => { out += bytes })
      const ended = new Promise((resolve) => child.on('close', resolve))
      while (!wasCopied() && child.exitCode === null) await pause(2)
      await pause(wait)
      const wasReady = /ready at/.test(out)
      child.kill('SIGKILL')
      await ended
      if (wasReady) break
      if (!isCurrent()) interrupted += 1
      assert.ok(wait < 60_000, 'it never gets through')
    }
    assert.ok(interrupted > 0, 'no round was killed in the middle')

    const server = await Server.start(place)
    assert.equal((await server.stop()).code, 0)
    assert.match(runWell(['check', ...place.flags]), /sound/)
    const names = ask(kind === 'sqlite' ? "SELECT name FROM sqlite_master WHERE type = 'index'" : 'SELECT indexname FROM pg_indexes').split('\n')
    for (const name of indexes) assert.ok(names.includes(name), `${name} is missing`)
    const after = look(place)
    assert.deepEqual(counted(after), counted(before))
    const whole = (tables) => tables.account.map((row) => JSON.stringify(row)).sort()
    assert.deepEqual(whole(after), whole(before))
  })
}
