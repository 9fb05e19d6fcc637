// Raw requests that must not confuse the real program: one answer, then the end of the connection, and the process lives on.
// The rules are proven one by one in src/http/gate_test.cc; here the whole program stands behind them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import { newPlace, runWell, Server } from './support.mjs'

const next = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
const head = (lines) => `POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n${lines.join('\r\n')}\r\n\r\n`

// [name, bytes, statuses that are right, what else the answer must have]; exactly one answer and then the end.
const refusedRequests = [
  ['Transfer-Encoding gzip, then Content-Length', `${head(['Transfer-Encoding: gzip', 'Content-Length: 5'])}hello`, [400, 501]],
  ['Content-Length, then Transfer-Encoding gzip', `${head(['Content-Length: 5', 'Transfer-Encoding: gzip'])}hello`, [400, 501]],
  ['chunked with Content-Length', `${head(['Transfer-Encoding: chunked', 'Content-Length: 5'])}0\r\n\r\n`, [400]],
  ['an unknown coding', `${head(['Transfer-Encoding: xchunked'])}0\r\n\r\n`, [400, 501]],
  ['chunked twice', `${head(['Transfer-Encoding: chunked, chunked'])}0\r\n\r\n`, [400, 501]],
  ['two codings in two fields', `${head(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'])}0\r\n\r\n`, [400, 501]],
  ['chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
  ['two equal lengths', `${head(['Content-Length: 5', 'Content-Length: 5'])}hello`, [400]],
  ['a list of lengths', `${head(['Content-Length: 5, 5'])}hello`, [400]],
  ['a signed length', `${head(['Content-Length: +5'])}hello`, [400]],
  ['Content-Length, then chunked', `${head(['Content-Length: 5', 'Transfer-Encoding: chunked'])}0\r\n\r\n`, [400]],
  ['two different lengths', `${head(['Content-Length: 5', 'Content-Length: 6'])}hello`, [400]],
  ['a blank before the colon', `${head(['Content-Length : 5'])}hello`, [400]],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
  ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', [400]],
  ['a host with a user', 'GET /healthz HTTP/1.1\r\nHost: a@b\r\n\r\n', [400]],
  ['a host with a path', 'GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n', [400]],
  ['a host with a blank', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', [400]],
  ['a folded line', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n', [400]],
  ['a NUL in the target', 'GET /health\0z HTTP/1.1\r\nHost: localhost\r\n\r\n', [400]],
  ['a control character in a value', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\x01b\r\n\r\n', [400]],
  ['bare line feeds', 'GET /healthz HTTP/1.1\nHost: localhost\n\n', [400]],
  ['a NUL in a value', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n', [400]],
  ['a chunk size beyond 64 bits', `${head(['Transfer-Encoding: chunked'])}FFFFFFFFFFFFFFFFF\r\n`, [400]],
  ['a chunk size with a blank', `${head(['Transfer-Encoding: chunked'])}5 \r\nhello\r\n0\r\n\r\n`, [400]],
  ['a chunk size with a line feed only', `${head(['Transfer-Encoding: chunked'])}5\nhello\r\n0\r\n\r\n`, [400]],
  ...['Cookie: kehai_session=x', 'X-Forwarded-For: 127.0.0.1', 'Authorization: Bearer x', 'Host: evil'].map((field) =>
    [`a trailer ${field}`, `${head(['Transfer-Encoding: chunked'])}0\r\n${field}\r\n\r\n`, [400]]),
  ['a trailer of 100 kB', `${head(['Transfer-Encoding: chunked'])}0\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, [400, 431]],
  ['a header of 9 kB', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9000)}\r\n\r\n`, [431]],
  ['a header of 64 kB', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, [431]],
  ['600 headers', `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${'A: b\r\n'.repeat(600)}\r\n`, [431]],
  ['a body over the limit', `${head(['Content-Length: 900000000', 'Content-Type: application/json'])}`, [413]],
  ['a chunk over the limit', `${head(['Transfer-Encoding: chunked', 'Content-Type: application/json'])}40000000\r\nx`, [413]],
  ['an unknown expectation', `${head(['Expect: tea', 'Content-Length: 5'])}hello`, [417]],
  ...['http://evil/healthz', 'localhost:80', '*', '//evil/healthz', '/%2e%2e/healthz', '/a/%2E./healthz', '/healthz%00', '/%c0%afhealthz',
    '/%ed%a0%80', '/a%2fb'].map((target) => [`the target ${target}`, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`, [400]]),
  ['TRACE', 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n', [405, 501]],
  ...[
    ['of a foreign page', ['Origin: http://evil', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='], 403],
    ['of a wrong version', ['Sec-WebSocket-Version: 12', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='], 426],
    ['without a key', ['Sec-WebSocket-Version: 13'], 400],
  ].map(([name, lines, status]) => [`a websocket ${name}`,
    `GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('\r\n')}\r\n\r\n`,
    [status], status === 426 ? /^Sec-WebSocket-Version: 13\r$/m : /^/]),
  ['CONNECT', 'CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n', [400, 405, 501]],
  ['a method of 64 kB', `${'A'.repeat(65_536)} / HTTP/1.1\r\nHost: localhost\r\n\r\n`, [400, 414, 431, 501]],
]

// Sends everything and collects until the end of the connection.
function exchange(port, bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1')
    let answer = ''
    socket.setTimeout(20_000, () => { socket.destroy(); reject(new Error(`no end within 20 s: ${answer.slice(0, 200)}`)) })
    socket.on('data', (part) => { answer += part.toString('latin1') })
    socket.on('error', () => {})  // a reset after the answer is an end as well
    socket.on('close', () => resolve(answer))
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}
const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])

test('raw requests against the program', { timeout: 300_000 }, async (context) => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '10', '--opportunities', '10'])
  const server = await Server.start(place)
  await exchange(server.port, next.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
  for (const [name, bytes, statuses, more = /^/] of refusedRequests) {
    await context.test(name, async () => {
      const answer = await exchange(server.port, bytes + next)
      const lines = answer.match(/^HTTP\/1\.1 (\d{3})/gm) ?? []
      assert.equal(lines.length, 1, `answers: ${answer.slice(0, 400)}`)
      assert.ok(statuses.includes(Number(lines[0].slice(9))), lines[0])
      assert.match(answer, more)
    })
  }
  await context.test('a GET with a body is one request', async () => {
    const answer = await exchange(server.port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello' +
      next.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    assert.equal((answer.match(/^HTTP\/1\.1 200/gm) ?? []).length, 2)
  })
  await context.test('a body without end is cut off, by size when it is chunked', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const answer = await exchange(server.port, head(['Transfer-Encoding: chunked', 'Content-Type: application/json']) + chunk.repeat(40))
    assert.match(answer, /^HTTP\/1\.1 413/)
  })
  await context.test('a chunk extension without end costs no memory', async () => {
    const before = memory(server.pid)
    const answer = await new Promise((resolve) => {
      const socket = net.connect(server.port, '127.0.0.1')
      let text = ''
      socket.on('data', (part) => { text += part })
      socket.on('error', () => {})
      socket.on('close', () => resolve(text))
      socket.write(`${head(['Transfer-Encoding: chunked', 'Content-Type: application/json'])}1;`)
      const block = Buffer.alloc(1 << 20, 'x')
      let sent = 0
      const send = () => {
        if (socket.destroyed || ++sent > 50) return socket.end()
        return socket.write(block, () => send())
      }
      send()
    })
    assert.match(answer, /^HTTP\/1\.1 4\d\d/)
    assert.ok(memory(server.pid) - before < 32_768, `${memory(server.pid) - before} kB more`)
  })
  await context.test('10,000 requests in one write, nobody reads: bounded, and others are served', async () => {
    const before = memory(server.pid)
    const deaf = net.connect(server.port, '127.0.0.1')
    deaf.on('error', () => {})
    deaf.pause()
    deaf.write(next.repeat(10_000))
    for (let i = 0; i < 20; i += 1) {
      const answer = await exchange(server.port, next.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
      assert.match(answer, /^HTTP\/1\.1 200/)
    }
    assert.ok(memory(server.pid) - before < 32_768)
    deaf.destroy()
  })
  const { code } = await server.stop()
  assert.equal(code, 0, 'the same process was there all the time')
})
