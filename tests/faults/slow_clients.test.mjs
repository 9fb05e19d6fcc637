// Clients that dawdle: heads and bodies byte by byte, answers that nobody reads. They are cut by their deadlines, cost little
// memory, and nobody else waits for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectMany, leaveAll, memory, startLogged, Witness } from './crowd.mjs'
import { isLong, newPlace, pause, runWell, signInAll } from './support.mjs'

const each = isLong ? 500 : 100
const deafReaders = isLong ? 100 : 20
const stalledMayHold = 65_536  // bytes of a peer that sends slowly
const deadline = 10_000        // of a head, and of a body that brings next to nothing
const writeStall = 20_000

// Sends one byte now and then until the server has enough of it; how long that took.
async function trickle(peer, bytes) {
  const begun = performance.now()
  for (const byte of bytes) {
    if (peer.closed || peer.status || !(await peer.send(byte))) break
    await Promise.race([pause(700), peer.ended])
  }
  await Promise.race([peer.ended, pause(30_000)])
  return performance.now() - begun
}

test('slow clients', { timeout: 180_000 }, async (context) => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '600', '--opportunities', '10'])
  const server = await startLogged(place)
  const [admin, seller] = await signInAll(server.origin, ['admin', 'sales1_1_2'])
  const witness = new Witness(server, seller)
  await witness.alone()

  await context.test(`${each} slow heads and ${each} slow bodies are cut by their deadlines`, (inner) =>
    witness.during(inner, 'slow senders', 2 * each * stalledMayHold + 16e6, async () => {
      const heads = await connectMany(server, each)
      const bodies = await connectMany(server, each)
      for (const peer of bodies) {
        await peer.send('POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n')
      }
      const took = await Promise.all([
        ...heads.map((peer) => trickle(peer, `GET /api/v1/accounts HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(200)}`)),
        ...bodies.map((peer) => trickle(peer, 'x'.repeat(200))),
      ])
      for (const peer of [...heads, ...bodies]) {
        assert.ok(peer.closed, 'cut')
        assert.equal(peer.status, 408)
      }
      const slowest = Math.max(...took)
      inner.diagnostic(`the last was cut after ${Math.round(slowest)} ms`)
      assert.ok(slowest >= deadline * 0.8 && slowest <= 3 * deadline, `${Math.round(slowest)} ms`)
      await server.heard(/refused 127\.0\.0\.1: header_deadline/)
      await server.heard(/refused 127\.0\.0\.1: body_deadline/)
      assert.ok(server.warnings().length <= 12, 'one line for many')
    }))

  await context.test(`${deafReaders} deaf readers of large answers hold no worker and bounded memory`, (inner) =>
    witness.during(inner, 'deaf readers', deafReaders * 1.5e6 + 16e6, async () => {
      const request = `GET /api/v1/accounts?$top=500 HTTP/1.1\r\nHost: localhost\r\nCookie: ${admin.headers.Cookie}\r\n\r\n`
      const size = (await admin.get('/api/v1/accounts?$top=500')).bytes.length
      const deaf = await connectMany(server, deafReaders, { deaf: true })
      // The kernel's buffers take some answers; of the rest, one at a time is made.
      for (const peer of deaf) await peer.send(request.repeat(20))
      await pause(isLong ? writeStall + 5000 : 3000)
      inner.diagnostic(`one answer has ${size} bytes; ${Math.round(memory(server.pid) / 1e6)} MB in memory`)
      if (isLong) await server.heard(/refused 127\.0\.0\.1: write_stall/, 30_000)
      leaveAll(deaf)
    }))
  assert.equal((await server.stop()).code, 0, server.log)
})
