// Ctrl-C and SIGTERM on every command that works through something: it ends at once by that signal, leaves nothing half-written and
// says what is in. Long work tells how far it is.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import { binary, databases, look, newFolder, newPlace, pause, run, runWell } from './support.mjs'

const promptly = 5000  // milliseconds

// Starts a command and sends the signal as soon as `when(child, {out, err})` holds.
async function interrupted(args, signal, when) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C' } })
  const said = { out: '', err: '' }
  child.stdout.on('data', (bytes) => { said.out += bytes })
  child.stderr.on('data', (bytes) => { said.err += bytes })
  let isOver = false
  const ended = new Promise((resolve) => child.on('close', (code, by) => {
    isOver = true
    resolve({ code, by })
  }))
  while (!isOver && !when(child, said)) await pause(2)
  assert.ok(!isOver, `it came to its end first:\n${said.err}${said.out}`)
  const sent = performance.now()
  child.kill(signal)
  const end = await ended
  assert.deepEqual(end, { code: null, by: signal }, said.err)
  assert.ok(performance.now() - sent < promptly, `${performance.now() - sent} ms`)
  assert.match(said.err, /kehai: Stopped\n$/)
  return said.err
}

const has = (file) => existsSync(file) && statSync(file).size > 0
// The command has the database open. Its own output may be sockets, too.
function isConnected(child, kind) {
  const folder = `/proc/${child.pid}/fd`
  try {
    return readdirSync(folder).some((name) => {
      if (Number(name) <= 2) return false
      const target = readlinkSync(path.join(folder, name))
      return kind === 'sqlite' ? target.endsWith('/kehai.db') : target.startsWith('socket:')
    })
  } catch {
    return false
  }
}

for (const kind of databases) {
  const signal = kind === 'sqlite' ? 'SIGINT' : 'SIGTERM'

  test(`told to stop, on ${kind}`, { timeout: 600_000 }, async (context) => {
    const full = newPlace(kind)
    const folder = newFolder()
    const archive = path.join(folder, 'company.tar')
    const count = (place, table) => look(place)[table].length
    before(() => {
      runWell(['seed', ...full.flags, '--accounts', '30000', '--opportunities', '30000'])
      runWell(['backup', ...full.flags, archive])
    })

    await context.test('backup leaves no archive and no copy', async () => {
      const place = path.join(newFolder(), 'half.tar')
      await interrupted(['backup', ...full.flags, place], signal, () => has(`${place}.part`) || has(`${place}.snapshot.part`))
      assert.deepEqual(readdirSync(path.dirname(place)), [])
    })

    await context.test('restore leaves nothing, and can be begun again', async () => {
      const place = newPlace(kind)
      await interrupted(['restore', ...place.flags, archive], signal, () => existsSync(path.join(place.data, 'restoring', 'files')))
      assert.equal(existsSync(place.data), false)
      runWell(['restore', ...place.flags, archive])
      assert.equal(count(place, 'account'), 30_000)
    })

    await context.test('check ends at once', async () => {
      await interrupted(['check', ...full.flags], signal, (child) => isConnected(child, kind))
    })

    await context.test('export leaves no half table', async () => {
      for (const name of ['out.csv', 'out.xlsx']) {
        const file = path.join(newFolder(), name)
        await interrupted(['export', ...full.flags, 'account', '--output', file], signal, () => existsSync(path.join(`${file}.part`, name)))
        assert.deepEqual(readdirSync(path.dirname(file)), [])
      }
    })

    await context.test('import says what is in, and goes on with the rest', async () => {
      const file = path.join(newFolder(), 'leads.csv')
      const rows = kind === 'sqlite' ? 80_000 : 30_000  // long enough to be stopped in the middle
      writeFileSync(file, `公司名称,备注\n${Array.from({ length: rows }, (_, i) => `第${i}测试专用公司,${i}`).join('\n')}\n`)
      const said = await interrupted(['import', ...full.flags, 'lead', file], signal, (_, { err }) => /Importing: [1-9]/.test(err))
      // Progress tells rows, rate and what is left, also where no terminal is.
      assert.match(said, new RegExp(`Importing: \\d+ of ${rows} rows, \\d+/s, .* left`))
      const [, told] = /kehai: (\d+) records of the file are in and stay; the same command goes on/.exec(said) ?? assert.fail(said)
      const there = count(full, 'lead')
      assert.ok(Number(told) > 0 && Number(told) <= there && there < rows, `${told} told, ${there} there`)
      const rest = run(['import', ...full.flags, 'lead', file])
      assert.equal(rest.code, 0, rest.err)
      assert.match(rest.out, new RegExp(`done: .*created ${rows - there},`))
      const names = look(full).lead.map((lead) => lead.company)
      assert.deepEqual([names.length, new Set(names).size], [rows, rows])
      runWell(['check', ...full.flags])
    })

    await context.test('an import that was only checking says that nothing is in', async () => {
      const file = path.join(newFolder(), 'more.csv')
      writeFileSync(file, `公司名称\n${Array.from({ length: 20_000 }, (_, i) => `另${i}测试专用公司`).join('\n')}\n`)
      const leads = count(full, 'lead')
      const said = await interrupted(['import', ...full.flags, 'lead', file, '--dry-run'], signal, (child) => isConnected(child, kind))
      assert.doesNotMatch(said, /records of the file are in/)
      assert.equal(count(full, 'lead'), leads)
    })

    await context.test('seed takes away what it began, or says that it is there', async () => {
      const place = newPlace(kind)
      const seed = ['seed', ...place.flags, '--opportunities', '0', '--accounts']
      const said = await interrupted([...seed, '1000000'], signal, (_, { err }) => /Seeding: [1-9]\d* of 1000000 rows, \d+\/s/.test(err))
      if (kind === 'postgres') return assert.match(said, /only partly filled; begin again with an empty database/)
      assert.deepEqual(readdirSync(place.data).filter((name) => name.startsWith('kehai.db')), [])
      return runWell([...seed, '10'])
    })

    await context.test('demo takes away what it began, or says that it is there', async () => {
      const place = newPlace(kind)
      const said = await interrupted(['demo', '--no-serve', ...place.flags], signal, (child) => isConnected(child, kind) && existsSync(path.join(place.data, 'files')))
      if (kind === 'sqlite') assert.deepEqual(readdirSync(place.data).filter((name) => name.startsWith('kehai.db')), [])
      else assert.match(said, /Stopped/)
    })

    if (kind === 'sqlite') await context.test('demo leaves nothing behind in the first moment either', async () => {
      for (let round = 0; round < 5; round += 1) {
        const place = newPlace(kind)
        await interrupted(['demo', '--no-serve', ...place.flags], signal, () => existsSync(path.join(place.data, 'kehai.db')))
        assert.deepEqual(readdirSync(place.data).filter((name) => name.startsWith('kehai.db')), [])
      }
    })

    await context.test('a server that is still starting ends at once', async () => {
      await interrupted(['serve', ...newPlace(kind).flags, '--listen', '127.0.0.1:0'], signal, (child) => isConnected(child, kind))
    })

    await context.test('a shell sees 130 and 143', () => {
      for (const [name, code] of [['INT', 130], ['TERM', 143]]) {
        const script = `"$0" "$@" & child=$!; while [ -z "$(ls /proc/$child/task 2>/dev/null | sed -n 2p)" ]; do :; done; kill -${name} $child; wait $child; echo $?`
        const result = spawnSync('bash', ['-c', script, binary, 'check', ...full.flags], { encoding: 'utf8' })
        assert.equal(result.stdout.trim(), String(code), result.stderr)
      }
    })
  })
}

test('what is broken inside is one sentence at the start, too', () => {
  const place = newPlace('sqlite')
  const result = spawnSync('prlimit', ['--nofile=14:14', binary, 'serve', ...place.flags, '--listen', '127.0.0.1:0'],
    { encoding: 'utf8', timeout: 30_000, env: { ...process.env, LANG: 'C' } })
  assert.equal(result.status, 3, result.stderr)
  assert.equal(result.stderr.split('\n').filter((line) => line.startsWith('kehai: ')).length, 1, result.stderr)
})
