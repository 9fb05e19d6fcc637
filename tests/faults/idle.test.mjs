// Very many people who have the page open and do nothing: what each of them costs, and that they are sent away in good order.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { connectMany, cpu, leaveAll, memory, startLogged, Witness } from './crowd.mjs'
import { isLong, newPlace, pause, runWell, signInAll } from './support.mjs'

const count = isLong ? 10_000 : 1000
const each = 16_384  // bytes of memory
const idleLimit = 60_000

test(`${count} idle connections`, { timeout: 240_000 }, async (context) => {
  const files = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))[1])
  if (files < count + 1000) {
    console.log(`SKIPPED: ${count} idle connections: a process may have ${files} descriptors here`)
    return context.skip()
  }
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '50', '--opportunities', '10'])
  const server = await startLogged(place)
  const [seller] = await signInAll(server.origin, ['sales1_1_2'])
  const witness = new Witness(server, seller)
  await witness.alone()
  const before = memory(server.pid)
  const peers = []
  await context.test('cost next to nothing', (inner) => witness.during(inner, `${count} idle`, count * each + 8e6, async () => {
    // As many at once as the workers of one client take.
    for (let made = 0; made < count; made += 100) {
      const some = await connectMany(server, 100)
      await Promise.all(some.map((peer) => peer.send('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')))
      for (const peer of some) assert.equal(await peer.answered(), 200)
      peers.push(...some)
    }
  }))
  const used = cpu(server.pid)
  await pause(3000)
  const share = (cpu(server.pid) - used) / 3
  context.diagnostic(`${count} idle connections: ${Math.round((memory(server.pid) - before) / count)} bytes each, ${(share * 100).toFixed(1)} % of a core`)
  assert.equal(peers.filter((peer) => peer.closed).length, 0)
  assert.ok(share < 0.2, `${(share * 100).toFixed(1)} % of a core`)
  if (isLong) {
    await pause(idleLimit)
    assert.equal(peers.filter((peer) => !peer.closed).length, 0, 'closed at the idle limit')
  }
  const begun = performance.now()
  const { code } = await server.stop()
  context.diagnostic(`stopped after ${Math.round(performance.now() - begun)} ms`)
  assert.equal(code, 0, server.log)
  leaveAll(peers)
})
