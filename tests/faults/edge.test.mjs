// What every answer of the real program carries: caching and compression of the web UI, protective headers, health, figures, log.
import assert from 'node:assert/strict'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Client, newPlace, runWell, Server } from './support.mjs'

// {status, headers, body}: the bytes as they came.
function get(server, path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      const parts = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }))
    })
    request.on('error', reject)
    request.end()
  })
}
const page = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

async function freePort() {
  const probe = net.createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

test('the edge of the program', { timeout: 120_000 }, async (context) => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '5', '--opportunities', '0'])
  const server = await Server.start(place)
  let out = ''
  server.child.stdout.on('data', (bytes) => { out += bytes })
  const start = await get(server, '/', page)

  await context.test('the web UI: forms, entity tags, caching', async (sub) => {
    if (start.status !== 200) {
      console.log('SKIPPED: embedded web UI: this program was built without it')
      return sub.skip()
    }
    assert.equal(start.headers['cache-control'], 'no-cache')
    assert.match(start.headers['content-type'], /^text\/html; charset=utf-8/)
    const scripts = [...start.body.toString().matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1])
    assert.ok(scripts.length > 0)
    let smaller = 0
    for (const path of scripts) {
      const plain = await get(server, path)
      assert.equal(plain.status, 200)
      assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable')
      assert.equal(plain.headers.vary, 'Accept-Encoding')
      for (const [coding, unpack] of [['br', brotliDecompressSync], ['gzip', gunzipSync]]) {
        const packed = await get(server, path, { 'Accept-Encoding': coding })
        if (packed.headers['content-encoding'] === undefined) continue  // tiny files are not packed
        assert.equal(packed.headers['content-encoding'], coding)
        assert.ok(packed.body.length < plain.body.length)
        assert.ok(unpack(packed.body).equals(plain.body))
        assert.notEqual(packed.headers.etag, plain.headers.etag)
        const again = await get(server, path, { 'Accept-Encoding': coding, 'If-None-Match': packed.headers.etag })
        assert.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, packed.headers.etag])
        smaller += 1
      }
      const map = await get(server, `${path}.map`)
      assert.equal(map.status, 404, 'no source maps')
    }
    assert.ok(smaller >= 2, 'scripts are packed')
    assert.equal((await get(server, '/assets/gone-12345678.js', { Accept: '*/*' })).status, 404)
    assert.equal((await get(server, '/accounts/1', page)).status, 200, 'routes of the UI lead to its start page')
    const only = await get(server, '/', page, 'HEAD')
    assert.deepEqual([only.status, only.body.length, only.headers['content-length']], [200, 0, start.headers['content-length']])
  })

  await context.test('protective headers on every kind of answer', async () => {
    const admin = await new Client(server.origin).signIn('admin')
    const answers = {
      page: start,
      missing: await get(server, '/assets/none.js'),
      health: await get(server, '/healthz'),
      unauthenticated: await get(server, '/api/v1/accounts'),
      list: await admin.get('/api/v1/accounts'),
      refused: await get(server, '/%2e%2e/'),
    }
    for (const [name, { headers }] of Object.entries(answers)) {
      assert.equal(headers['x-content-type-options'], 'nosniff', name)
      assert.match(headers['content-security-policy'] ?? '', /frame-ancestors 'none'/, name)
      assert.match(headers['content-security-policy'], /default-src '(self|none)'/, name)
      assert.ok(['same-origin', 'no-referrer'].includes(headers['referrer-policy']), name)
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin', name)
      assert.equal(headers['strict-transport-security'], undefined, `${name}: no promise of HTTPS without HTTPS`)
      assert.equal(headers.server, undefined, name)
      assert.equal(headers['x-powered-by'], undefined, name)
    }
    for (const name of ['unauthenticated', 'list']) assert.equal(answers[name].headers['cache-control'], 'no-store', name)
    if (start.status === 200) {
      const policy = start.headers['content-security-policy']
      for (const rule of ["object-src 'none'", "base-uri 'none'", "form-action 'self'"]) assert.ok(policy.includes(rule), rule)
      assert.ok(!/script-src[^;]*unsafe/.test(policy), 'scripts come from files only')
    }
    const cookie = (await get(server, '/healthz')).headers['set-cookie']
    assert.equal(cookie, undefined)
  })

  await context.test('health and figures', async () => {
    assert.deepEqual([(await get(server, '/healthz')).body.toString(), (await get(server, '/readyz')).body.toString()], ['ok\n', 'ready\n'])
    const figures = (await get(server, '/metrics')).body.toString()
    assert.match(figures, /^# TYPE kehai_http_request_seconds histogram$/m)
    assert.match(figures, /^kehai_http_request_seconds_count\{route="\/healthz"\} [1-9]/m)
    assert.match(figures, /^kehai_api_problems_total\{code="session.required"\} [1-9]/m)
    for (const header of ['X-Forwarded-For', 'Forwarded']) {
      assert.equal((await get(server, '/metrics', { [header]: 'for=203.0.113.7' })).status, 404, 'not through a proxy')
    }
  })

  await context.test('one line of log for each request, with the id that its answer carries; no secrets', async () => {
    const secret = 'do-not-log-this-47'
    const answer = await get(server, '/api/v1/accounts?$search=' + secret, { Authorization: `Bearer ${secret}`, Cookie: `kehai_session=${secret}` })
    const id = answer.headers['x-request-id']
    assert.equal(JSON.parse(answer.body).request_id, id)
    const begun = performance.now()
    while (!out.includes(id) && performance.now() - begun < 5000) await new Promise((resolve) => setTimeout(resolve, 100))
    const lines = out.split('\n').filter((line) => line.includes(id))
    assert.equal(lines.length, 1, out.slice(-500))
    const entry = JSON.parse(lines[0])
    assert.ok(entry.time.endsWith('Z') && Math.abs(Date.parse(entry.time) - Date.now()) < 60_000, `${entry.time} is UTC`)
    assert.deepEqual([entry.kind, entry.method, entry.status, entry.client, entry.code], ['access', 'GET', 401, '127.0.0.1', answer.body && JSON.parse(answer.body).code])
    assert.ok(entry.microseconds >= 0 && entry.route)
    assert.ok(!out.includes(secret))
  })
  assert.equal((await server.stop()).code, 0)

  await context.test('behind HTTPS: a promise of HTTPS; with a token: figures for its holder only', async () => {
    const port = await freePort()
    const other = await Server.start(place, ['--public-origin', 'https://crm.example.cn', '--metrics-token', 'figures-for-prometheus'],
      { listen: `127.0.0.1:${port}` })
    assert.equal(other.origin, 'https://crm.example.cn')
    other.origin = `http://127.0.0.1:${port}`
    assert.match((await get(other, '/', page)).headers['strict-transport-security'], /^max-age=31536000/)
    assert.equal((await get(other, '/metrics')).status, 404)
    assert.equal((await get(other, '/metrics', { Authorization: 'Bearer figures-for-prometheus' })).status, 200)
    assert.equal((await other.stop()).code, 0)
  })
})
