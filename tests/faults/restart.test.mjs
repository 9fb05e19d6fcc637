// SIGTERM while people send, upload slowly, listen and wait for long jobs; and restarts behind a socket that the service
// manager keeps: no answer is cut, nothing acknowledged is missing, no connection is refused, jobs go on.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Peer } from './crowd.mjs'
import { binary, Client, databases, isLong, look, newFolder, newPlace, pause, runWell, Server, signInAll } from './support.mjs'
import { confirm, invariants, makeWorkload } from './workload.mjs'

const restarts = isLong ? 20 : 2
const importedRows = 3000
const grace = 30_000

async function until(what, condition, milliseconds = 180_000) {
  const begun = performance.now()
  for (;;) {
    const value = await condition()
    if (value) return value
    assert.ok(performance.now() - begun < milliseconds, `${what} took longer than ${milliseconds} ms`)
    await pause(20)
  }
}

const isRefused = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('connect', () => { socket.destroy(); resolve(false) })
  socket.on('error', (error) => resolve(error.code === 'ECONNREFUSED'))
})

// ---- One stop

function uploadInPieces(client, content) {
  const body = Buffer.concat([
    Buffer.from('--kehai\r\nContent-Disposition: form-data; name="file"; filename="慢.txt"\r\nContent-Type: text/plain\r\n\r\n'),
    content, Buffer.from('\r\n--kehai--\r\n'),
  ])
  const head = `POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nCookie: ${client.headers.Cookie}\r\nX-CSRF-Token: ${client.headers['X-CSRF-Token']}\r\n` +
    `Content-Type: multipart/form-data; boundary=kehai\r\nContent-Length: ${body.length}\r\n\r\n`
  const size = Math.ceil(body.length / 10)
  return [head, ...Array.from({ length: 10 }, (_, i) => body.subarray(i * size, (i + 1) * size))]
}

async function beginImport(admin) {
  const lines = Array.from({ length: importedRows }, (_, i) => `停机续传${i}号有限公司,${19_900_000_000 + i}`)
  const form = `--kehai\r\nContent-Disposition: form-data; name="object"\r\n\r\nlead\r\n--kehai\r\nContent-Disposition: form-data; name="file"; ` +
    `filename="leads.csv"\r\nContent-Type: text/csv\r\n\r\n公司名称,手机\n${lines.join('\n')}\n\r\n--kehai--\r\n`
  const { id } = await admin.expect(201, 'POST', '/api/v1/imports', Buffer.from(form), { 'Content-Type': 'multipart/form-data; boundary=kehai' })
  await admin.expect(202, 'POST', `/api/v1/imports/${id}/validate`, {})
  const state = () => admin.expect(200, 'GET', `/api/v1/imports/${id}`)
  const checked = await until('the check', async () => { const now = await state(); return now.status === 'validated' && now })
  assert.equal(checked.counts.good, importedRows, JSON.stringify(checked.counts))
  await admin.expect(202, 'POST', `/api/v1/imports/${id}/apply`, { rows: 'good_rows' })
  // Waits behind the import: one long job after the other.
  const { id: exported } = await admin.expect(202, 'POST', '/api/v1/exports', { object: 'account', format: 'csv' })
  const running = await until('the first rows', async () => { const now = await state(); return now.progress.done > 0 && now })
  assert.equal(running.status, 'applying', 'the import is in the middle of it')
  return { id, exported }
}

for (const kind of databases) {
  test(`a stop with everything going on, on ${kind}`, { timeout: 600_000 }, async (context) => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', '100', '--opportunities', '50'])
    const server = await Server.start(place)
    context.after(() => server.kill())
    const workload = await makeWorkload(server, { pooled: 20 })
    const jobs = await beginImport(workload.admin)
    const stream = await Peer.connect(server)
    await stream.send(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nCookie: ${workload.admin.headers.Cookie}\r\n\r\n`)
    assert.equal(await stream.answered(), 200)
    const upload = await Peer.connect(server)
    const pieces = uploadInPieces(workload.admin, randomBytes(200_000))
    for (const piece of pieces.slice(0, 5)) await upload.send(piece)
    workload.start(server.origin)
    await until('the first changes', () => workload.acknowledged.length > 0)

    const begun = performance.now()
    const ended = server.stop()
    await until('closing the door', () => isRefused(server.port))
    await stream.ended
    for (const piece of pieces.slice(5)) assert.ok(await upload.send(piece), 'the upload is still taken')
    assert.equal(await upload.answered(), 201, upload.text)
    await upload.ended
    const { code } = await ended
    const took = performance.now() - begun
    await workload.stop()

    await context.test('exits with 0 within the grace, and no answer is cut', () => {
      assert.equal(code, 0, server.log)
      assert.ok(took < grace, `${took} ms`)
      assert.equal(workload.cut, 0)
      assert.match(upload.text, /"name":"慢.txt"|"size":200000/)
    })
    const again = await Server.start(place)
    context.after(() => again.kill())
    await context.test('nothing acknowledged is missing', () => {
      const tables = look(place)
      invariants(tables)
      assert.ok(confirm(tables, workload) > 0)
      assert.equal(tables.file.filter((row) => row.size === 200_000).length, 1, 'the slow upload')
    })
    await context.test('jobs that ran or waited go on by themselves', async () => {
      const admin = workload.admin.again(again.origin)
      const waited = performance.now()
      const done = await until('the import', async () => {
        const now = await admin.expect(200, 'GET', `/api/v1/imports/${jobs.id}`)
        return !['validating', 'applying'].includes(now.status) && now
      })
      assert.equal(done.status, 'done', JSON.stringify(done.message))
      assert.equal(done.counts.created, importedRows)
      const exported = await until('the export', async () => {
        const now = await admin.expect(200, 'GET', `/api/v1/exports/${jobs.exported}`)
        return !['queued', 'running'].includes(now.status) && now
      })
      assert.equal(exported.status, 'done')
      const names = look(place).lead.map((row) => row.company).filter((name) => name.startsWith('停机续传'))
      assert.deepEqual([names.length, new Set(names).size], [importedRows, importedRows], 'each row once')
      context.diagnostic(`${kind}: stopped in ${Math.round(took)} ms, ${workload.acknowledged.length} changes acknowledged, ${workload.broken} requests ` +
        `without answer; jobs done ${Math.round(performance.now() - waited)} ms after the start`)
    })
    assert.equal((await again.stop()).code, 0, again.log)
  })
}

// A minute without a sign of life is a long time for a test.
const skipsDeath = !isLong || !databases.includes('postgres')
test('a node that dies leaves its jobs to another one', { skip: skipsDeath, timeout: 900_000 }, async (context) => {
  const place = newPlace('postgres')
  runWell(['seed', ...place.flags, '--accounts', '20', '--opportunities', '5'])
  const [dying, other] = [await Server.start(place), await Server.start(place)]
  context.after(() => { dying.kill(); other.kill() })
  const admin = await new Client(dying.origin).signIn('admin')
  const jobs = await beginImport(admin)
  await dying.kill()
  const died = performance.now()
  const there = admin.again(other.origin)
  const done = await until('the import', async () => {
    const now = await there.expect(200, 'GET', `/api/v1/imports/${jobs.id}`)
    return now.status !== 'applying' && now
  }, 240_000)
  assert.deepEqual([done.status, done.counts.created], ['done', importedRows])
  await until('the export', async () => (await there.expect(200, 'GET', `/api/v1/exports/${jobs.exported}`)).status === 'done', 120_000)
  const names = look(place).lead.map((row) => row.company).filter((name) => name.startsWith('停机续传'))
  assert.deepEqual([names.length, new Set(names).size], [importedRows, importedRows], 'each row once')
  context.diagnostic(`done ${Math.round((performance.now() - died) / 1000)} s after the death`)
  assert.equal((await other.stop()).code, 0, other.log)
})

// ---- Restarts behind a socket that stays

let manager
before(() => {
  manager = path.join(newFolder(), 'socket_manager')
  const source = path.join(path.dirname(fileURLToPath(import.meta.url)), 'socket_manager.c')
  const built = spawnSync('cc', ['-o', manager, source], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
})

class Managed {
  constructor(place) {
    this.child = spawn(manager, [binary, 'serve', ...place.flags], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C' } })
    this.codes = []
    this.ready = 0
    this.log = ''
    let rest = ''
    this.child.stdout.on('data', (bytes) => {
      const lines = (rest + bytes).split('\n')
      rest = lines.pop()
      for (const line of lines) {
        if (line.startsWith('port ')) this.origin = `http://127.0.0.1:${line.slice(5)}`
        if (line.startsWith('ended ')) this.codes.push(Number(line.slice(6)))
        if (line.startsWith('Kehai is ready')) this.ready += 1
      }
    })
    this.child.stderr.on('data', (bytes) => { this.log = (this.log + bytes).slice(-20_000) })
    this.ended = new Promise((resolve) => this.child.on('close', resolve))
  }
  started(times) { return until(`start ${times}`, () => this.ready >= times) }
  restart() { this.child.kill('SIGHUP') }
  stop() { this.child.kill('SIGTERM'); return this.ended }
}

// Saves without pause; a save without an answer is sent again under its key until it is answered.
class Sender {
  constructor(client, keepAlive) {
    this.client = client.again()
    if (!keepAlive) this.client.agent = new http.Agent({ keepAlive: false, maxSockets: 1 })
    this.saved = []
    this.unanswered = []  // codes
    this.slowest = 0
    this.working = true
    this.done = this.#work()
    this.done.catch(() => {})
  }
  async #work() {
    while (this.working) {
      const name = `重启${randomBytes(5).toString('hex')}有限公司`
      const begun = performance.now()
      const answer = await this.#save(name)
      this.slowest = Math.max(this.slowest, performance.now() - begun)
      assert.equal(answer.status, 201, answer.bytes.toString())
      this.saved.push(name)
    }
    this.client.close()
  }
  async #save(name) {
    const key = { 'Idempotency-Key': randomBytes(16).toString('hex') }
    for (;;) {
      try {
        return await this.client.post('/api/v1/accounts', { name, duplicate_reason: 'test' }, key)
      } catch (error) {
        this.unanswered.push(error.code ?? error.message)
        assert.ok(this.unanswered.length < 100, 'still no answer')
      }
    }
  }
}

for (const kind of databases) {
  test(`${restarts} restarts behind a handed-over socket on ${kind}`, { timeout: 600_000 }, async (context) => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', '50', '--opportunities', '10'])
    const managed = new Managed(place)
    context.after(() => managed.child.kill('SIGKILL'))
    await managed.started(1)
    const clients = await signInAll(managed.origin, ['admin', 'sales1_1_2', 'sales1_2_2', 'sales1_3_2'])
    const senders = clients.flatMap((client) => [new Sender(client, true), new Sender(client, false)])
    const enough = (count) => until('saving', () => senders.every((one) => one.saved.length >= count))
    for (let restart = 1; restart <= restarts; restart += 1) {
      await enough(5 * restart)
      managed.restart()
      await managed.started(restart + 1)
    }
    await enough(5 * restarts + 5)
    for (const sender of senders) sender.working = false
    await Promise.all(senders.map((one) => one.done))
    const tables = look(place)
    assert.equal(await managed.stop(), 0, managed.log)
    const unanswered = senders.flatMap((one) => one.unanswered)
    const saved = senders.flatMap((one) => one.saved)
    context.diagnostic(`${kind}: ${restarts} restarts, ${saved.length} saves, ${unanswered.length} without answer at first (${[...new Set(unanswered)]}), ` +
      `longest wait ${Math.round(Math.max(...senders.map((one) => one.slowest)))} ms`)
    assert.deepEqual(managed.codes, Array(restarts + 1).fill(0))
    assert.equal(unanswered.filter((code) => code === 'ECONNREFUSED' || code === 'cut off').length, 0, `${unanswered}`)
    const count = new Map()
    for (const row of tables.account) count.set(row.name, (count.get(row.name) ?? 0) + 1)
    for (const name of saved) assert.equal(count.get(name), 1, name)
  })
}

test('a socket that does not fit is refused in one sentence', () => {
  const place = newPlace('sqlite')
  const refused = (descriptors, count) => spawnSync('sh', ['-c', `LISTEN_PID=$$ LISTEN_FDS=${count} exec "$0" "$@"`, binary, 'serve', ...place.flags],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', ...descriptors], env: { ...process.env, LANG: 'C' } })
  for (const [descriptors, count] of [[['ignore'], 1], [['pipe'], 1], [['ignore', 'ignore'], 2]]) {
    const result = refused(descriptors, count)
    assert.equal(result.status, 3)
    assert.match(result.stderr, /^kehai: The service manager must hand over exactly one listening socket/)
  }
})
