// What cannot start says why in one sentence and ends with a code of its own.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client, databases, newFolder, newPlace, run, runWell, Server } from './support.mjs'

const packaged = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../packaging/kehai.toml')
const serve = (place, ...more) => run(['serve', ...place.flags, '--listen', '127.0.0.1:0', ...more], { timeout: 30_000 })

// One line for people; a second one in brackets may carry the system's own words.
function refused(result, sentence) {
  assert.equal(result.code, 3, result.err)
  const lines = result.err.trimEnd().split('\n').filter((line) => line.startsWith('kehai: '))
  assert.equal(lines.length, 1, result.err)
  assert.match(lines[0], sentence)
}

test('the port is taken', async () => {
  const other = net.createServer()
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve))
  const place = newPlace('sqlite')
  refused(run(['serve', ...place.flags, '--listen', `127.0.0.1:${other.address().port}`]), /Cannot listen|cannot listen/i)
  other.close()
})

test('the address is none', () => {
  refused(run(['serve', ...newPlace('sqlite').flags, '--listen', 'nowhere']), /listen/i)
})

test('the data folder is a file', () => {
  const file = path.join(newFolder(), 'file')
  writeFileSync(file, '')
  refused(run(['serve', '--data', path.join(file, 'data')]), /cannot be created/)
  refused(run(['serve', '--data', file]), /cannot be created/)
})

test('the data folder is used by another process', async () => {
  const place = newPlace('sqlite')
  const server = await Server.start(place)
  refused(serve(place), new RegExp(`used by another process \\(${server.pid}\\)`))
  for (const command of [['user', 'reset', ...place.flags, '--login', 'x', '--password-stdin'], ['seed', ...place.flags, '--accounts', '1', '--opportunities', '0']]) {
    const result = run(command)
    assert.equal(result.code, 1)
    assert.match(result.err, /used by another process/)
  }
  runWell(['check', ...place.flags])
  await server.kill()
  // The lock dies with its owner.
  const again = await Server.start(place)
  assert.equal((await again.stop()).code, 0)
})

test('the database is damaged', () => {
  const place = newPlace('sqlite')
  mkdirSync(place.data)
  writeFileSync(path.join(place.data, 'kehai.db'), 'this is no database at all, it only looks like one'.repeat(100))
  refused(serve(place), /^kehai: The database cannot be opened: The database is damaged/)
})

test('the database is newer than the program', () => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '1', '--opportunities', '0'])
  const changed = spawnSync('sqlite3', [path.join(place.data, 'kehai.db'),
    "UPDATE schema_meta SET value = '999' WHERE key = 'schema_version'"])
  assert.equal(changed.status, 0, `sqlite3 (bin/setup installs it): ${changed.error ?? changed.stderr}`)
  refused(serve(place), /newer version \(999\)/)
})

test('PostgreSQL is newer than the program', { skip: !databases.includes('postgres') }, () => {
  const place = newPlace('postgres')
  runWell(['seed', ...place.flags, '--accounts', '1', '--opportunities', '0'])
  const changed = spawnSync('psql', [place.database, '-qc', "UPDATE schema_meta SET value = '999' WHERE key = 'schema_version'"])
  assert.equal(changed.status, 0)
  refused(serve(place), /newer version \(999\)/)
})

test('the database is named by a flag, by the environment or by the file', { skip: !databases.includes('postgres') }, () => {
  const place = newPlace('postgres')
  runWell(['seed', ...place.flags, '--accounts', '3', '--opportunities', '0'])
  const accounts = (...more) => runWell(['export', '--data', place.data, 'account', '--format', 'csv', '--columns', 'name', ...more[0]], more[1])
    .trimEnd().split('\n').length - 1
  assert.equal(accounts(['--database', place.database]), 3)
  assert.equal(accounts([], { environment: { KEHAI_DATABASE: place.database } }), 3)
  const file = path.join(newFolder(), 'kehai.toml')
  writeFileSync(file, `data = "${place.data}"\ndatabase = "${place.database}"\n`)
  assert.equal(accounts(['--config', file]), 3)
  assert.equal(existsSync(path.join(place.data, 'kehai.db')), false, 'no embedded database was made')
  // What the environment says beats the file, a flag beats both.
  const nowhere = 'postgres://nobody:x@127.0.0.1:1/none'
  assert.equal(run(['check', '--config', file], { environment: { KEHAI_DATABASE: nowhere } }).code, 1)
  runWell(['check', '--config', file, '--database', place.database], { environment: { KEHAI_DATABASE: nowhere } })
})

test('PostgreSQL cannot be reached', () => {
  const place = newPlace('sqlite')
  const begun = performance.now()
  refused(serve(place, '--database', 'postgres://nobody:x@127.0.0.1:1/none'), /database/i)
  assert.ok(performance.now() - begun < 10_000)
})

test('wrong usage ends with 2, help and version with 0', () => {
  assert.equal(run([]).code, 2)
  assert.equal(run(['serve']).code, 2)
  assert.equal(run(['serve', '--data', '/x', '--nonsense']).code, 2)
  const version = run(['--version'])
  assert.equal(version.code, 0)
  assert.match(version.out, /^\d+\.\d+\.\d+$/m)
  for (const command of [[], ['serve'], ['demo'], ['user'], ['user', 'add'], ['user', 'reset'], ['import'], ['export'], ['seed'],
    ['backup'], ['restore'], ['check']]) {
    const help = run([...command, '--help'])
    assert.equal(help.code, 0, command.join(' '))
    assert.match(help.out, /Usage:/)
  }
})

test('the configuration file, the environment and flags', async (context) => {
  const folder = newFolder()
  const file = path.join(folder, 'kehai.toml')
  const data = path.join(folder, 'from file')
  writeFileSync(file, `data = "${data}"\nlisten = "127.0.0.1:0"\nhost-name = ["crm.example.cn", "localhost"]\n`)
  await context.test('the file is used by every command', () => {
    runWell(['seed', '--accounts', '1', '--opportunities', '0', '--config', file])
    runWell(['check', '--config', file])
    runWell(['check'], { environment: { KEHAI_CONFIG: file } })
    assert.ok(existsSync(path.join(data, 'kehai.db')))
  })
  await context.test('the server takes its lists from the file, also when KEHAI_CONFIG names it', async () => {
    for (const [more, environment] of [[['--config', file], {}], [[], { KEHAI_CONFIG: file }]]) {
      const server = await Server.start({ flags: [] }, more, { environment, listen: null })
      const status = async (host) => (await new Client(server.origin).request('GET', '/healthz', undefined, { Host: host })).status
      assert.deepEqual([await status('crm.example.cn'), await status('localhost'), await status('other.example.cn')], [200, 200, 421])
      assert.equal((await server.stop()).code, 0)
    }
  })
  await context.test('the file of the package is valid', () => {
    const result = run(['check', '--data', path.join(folder, 'nothing'), '--config', packaged])
    assert.equal(result.code, 1, result.err)
    assert.match(result.err, /There is no company/)
  })
  await context.test('the environment beats the file, a flag beats both', () => {
    const other = path.join(folder, 'from environment')
    const missing = run(['check', '--config', file], { environment: { KEHAI_DATA: other } })
    assert.equal(missing.code, 1)
    assert.match(missing.err, /from environment/)
    runWell(['check', '--config', file, '--data', data], { environment: { KEHAI_DATA: other } })
  })
  await context.test('a key that does not exist is refused', () => {
    writeFileSync(file, `data = "${data}"\nlissten = "127.0.0.1:0"\n`)
    const result = run(['check', '--config', file])
    assert.equal(result.code, 2)
    assert.match(result.err, /lissten/)
  })
  await context.test('a missing file is refused', () => {
    assert.equal(run(['check', '--config', path.join(folder, 'none.toml')]).code, 2)
  })
})
