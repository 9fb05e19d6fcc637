// The log of the real program: every line after the first sentences is one JSON object, every answer has a line with the id that the
// client got, and nothing that is secret stands in it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import net from 'node:net'
import { test } from 'node:test'
import { binary, Client, newPlace, password, pause, runWell } from './support.mjs'

// What people read at the start and at the end; everything else is for machines.
const sentences = /^(Kehai is ready at http\S+|Stopping: finishing what runs)$/

async function serve(place, more = []) {
  const child = spawn(binary, ['serve', ...place.flags, '--listen', '127.0.0.1:0', ...more],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C' } })
  const server = { out: '', child }
  child.stdout.on('data', (bytes) => { server.out += bytes })
  child.stderr.on('data', (bytes) => { server.out += bytes })
  const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)))
  while (!/ready at (\S+)\n/.test(server.out)) {
    assert.equal(child.exitCode, null, server.out)
    await pause(5)
  }
  server.origin = /ready at (\S+)\n/.exec(server.out)[1]
  server.stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  return server
}

// One raw request; its answer's head.
function raw(origin, bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(origin).port), '127.0.0.1')
    let text = ''
    socket.on('data', (part) => { text += part.toString('latin1') })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
    socket.write(bytes)
  })
}

test('the log', { timeout: 120_000 }, async () => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '5', '--opportunities', '0'])
  const metricsToken = 'metrics-secret-4711'
  const server = await serve(place, ['--metrics-token', metricsToken])
  const client = await new Client(server.origin).signIn('admin')
  const ids = {}

  // What the web UI consists of, what the interface answers, and what is refused before it.
  ids.page = (await client.request('GET', '/', undefined, { Accept: 'text/html' })).headers['x-request-id']
  ids.setup = (await client.request('GET', '/setup?token=setup-secret-0815', undefined, { Accept: 'text/html' })).headers['x-request-id']
  ids.list = (await client.get("/api/v1/accounts?$filter=contains(name,'geheimwort-im-filter')")).headers['x-request-id']
  ids.unknown = (await client.get('/api/v1/nothing')).headers['x-request-id']
  const id = (answer) => /^X-Request-Id: (\S+)\r$/im.exec(answer)?.[1]
  ids.head = id(await raw(server.origin, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nCookie: kehai_session=cookie-secret\r\n\r\n'))
  ids.body = id(await raw(server.origin,
    'POST /api/v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n'))
  ids.upload = id(await raw(server.origin, 'POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'))

  // Everything secret that a request may carry.
  await new Client(server.origin).post('/api/v1/session', { login: 'admin', password: 'wrong-secret-word' })
  const token = (await client.expect(201, 'POST', '/api/v1/session/tokens', { name: 'script', read_only: true })).secret
  const stranger = new Client(server.origin)
  for (const value of [`Bearer ${token}`, 'Bearer bearer-secret-1', `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`,
    `Basic ${Buffer.from('admin:basic-secret-2').toString('base64')}`]) {
    await stranger.request('GET', '/api/v1/accounts', undefined, { Authorization: value })
  }
  await stranger.request('GET', '/metrics', undefined, { Authorization: `Bearer ${metricsToken}` })
  await client.post('/api/v1/session/password', { current: password, new: 'short' })
  await client.post('/api/v1/leads', { company: '保密公司', mobile: '13800138000', nonsense: 'body-secret-3' })
  await client.request('POST', '/api/v1/leads', { company: 5 }, { 'Idempotency-Key': 'key-secret-4' })
  client.close()
  stranger.close()
  assert.equal(await server.stop(), 0, server.out)

  const lines = server.out.trimEnd().split('\n').filter((line) => !sentences.test(line)).map((line) => {
    try {
      return JSON.parse(line)
    } catch {
      return assert.fail(`no JSON: ${line}`)
    }
  })
  for (const line of lines) {
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
    assert.match(line.level, /^(info|warning|error)$/)
    assert.ok(typeof line.message === 'string' && line.message.length > 0, JSON.stringify(line))
    if (line.kind === 'access') assert.match(line.request_id, /^\S{8,}$/)
  }
  const line = (what) => {
    assert.ok(ids[what], `${what} was answered without an id`)
    const found = lines.filter((one) => one.kind === 'access' && one.request_id === ids[what])
    assert.equal(found.length, 1, `${what}: ${JSON.stringify(found)}`)
    return found[0]
  }
  const brief = ({ method, route, status }) => `${method} ${route} ${status}`
  assert.equal(brief(line('page')), 'GET static 200')
  assert.equal(brief(line('setup')), 'GET static 200')
  assert.equal(brief(line('list')), 'GET /{collection} 200')
  assert.equal(line('unknown').status, 404)
  assert.equal(line('head').status, 400)
  assert.equal(brief(line('body')), 'POST refused 413')
  assert.equal(brief(line('upload')), 'POST refused 401')
  assert.ok(lines.some((one) => one.kind === 'program' && /^http: refused /.test(one.message)), 'trouble at the edge is a sentence')

  const cookie = client.headers.Cookie.split('=')[1]
  for (const secret of [password, 'wrong-secret-word', token, cookie, client.headers['X-CSRF-Token'], metricsToken, 'setup-secret-0815',
    'geheimwort-im-filter', 'bearer-secret-1', 'basic-secret-2', Buffer.from('admin:basic-secret-2').toString('base64'),
    Buffer.from(`admin:${token}`).toString('base64'), 'body-secret-3', 'key-secret-4', 'cookie-secret', '13800138000', '保密公司']) {
    assert.ok(!server.out.includes(secret), `the log holds ${secret}`)
  }
})
