// Event streams that stay open in great number: each person has a few, all together leave room for requests, everybody hears
// what happens, and who does not listen disturbs nobody.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectMany, descriptors, leaveAll, Peer, startLogged, Witness } from './crowd.mjs'
import { isLong, newPlace, pause, runWell, signInAll } from './support.mjs'

const perPerson = 8
const files = isLong ? 512 : 256
const room = files / 2
const most = room * 3 / 4  // streams
const people = Math.ceil(most / perPerson) + 1
const perStream = 65_536   // bytes of memory

const opening = (client) => `GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nCookie: ${client.headers.Cookie}\r\n\r\n`
async function open(server, client, count, options) {
  const peers = await connectMany(server, count, options)
  await Promise.all(peers.map((peer) => peer.send(opening(client))))
  for (const peer of peers) if (!options?.deaf) await peer.answered()
  return peers
}

test('event streams', { timeout: 180_000 }, async (context) => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '50', '--opportunities', '10'])
  const server = await startLogged(place, { files })
  const logins = Array.from({ length: people }, (_, i) => `sales${1 + (i % 5)}_1_${2 + Math.floor(i / 5)}`)
  const [admin, seller, ...readers] = await signInAll(server.origin, ['admin', 'sales1_5_2', ...logins])
  const witness = new Witness(server, seller)
  await witness.alone()

  await context.test(`one person has ${perPerson}, also when more are asked for at once`, async () => {
    const peers = await open(server, readers[0], 5 * perPerson)
    const open_ = peers.filter((peer) => peer.status === 200)
    const refused = peers.filter((peer) => peer.status === 429)
    assert.deepEqual([open_.length, refused.length], [perPerson, 4 * perPerson])
    leaveAll(peers)
    await pause(1500)
  })

  await context.test('all together leave room for requests, and everybody hears', (inner) =>
    witness.during(inner, `${most} streams`, most * perStream + 16e6, async () => {
      const streams = []
      for (const reader of readers) streams.push(...await open(server, reader, perPerson))
      const heard = streams.filter((peer) => peer.status === 200)
      const refused = streams.filter((peer) => peer.status === 503)
      assert.equal(heard.length + refused.length, streams.length)
      assert.ok(heard.length >= most && heard.length <= most + 2 * perPerson, `${heard.length} streams`)
      assert.ok(refused.length > 0, 'the rest is refused')
      await server.heard(/refused an event stream/)
      const made = await admin.expect(201, 'POST', '/api/v1/accounts', { name: '众人皆知有限公司', duplicate_reason: 'test' })
      const shared = `"object":"account","id":${made.id},`
      const own = await open(server, admin, 1)
      assert.equal(own[0].status, 503, 'no exception for anybody')
      // Nobody but the administrator may see that account: nobody hears of it.
      await pause(1000)
      for (const peer of heard) assert.ok(!peer.text.includes(shared))
      leaveAll([...streams, ...own])
      let status
      for (let tries = 0; tries < 50 && status !== 200; tries += 1) {
        await pause(100)
        const [again] = await open(server, admin, 1)
        status = again.status
        again.leave()
      }
      assert.equal(status, 200, 'there is room again')
    }))

  await context.test('who does not listen disturbs nobody who does', (inner) =>
    witness.during(inner, 'deaf streams', 32e6, async () => {
      const deaf = await open(server, admin, 4, { deaf: true })
      const [listening] = await open(server, admin, 1)
      assert.equal(listening.status, 200)
      let made = 0
      const writers = Array.from({ length: 8 }, async () => {
        const client = admin.again()
        for (let i = 0; i < 25; i += 1) {
          await client.expect(201, 'POST', '/api/v1/accounts', { name: `流水${++made}号有限公司`, duplicate_reason: 'test' })
        }
        client.close()
      })
      await Promise.all(writers)
      for (let tries = 0; tries < 100 && (listening.text.match(/"object":"account"/g) ?? []).length < made; tries += 1) await pause(50)
      assert.ok((listening.text.match(/"object":"account"/g) ?? []).length >= made, 'who listens hears everything')
      leaveAll([...deaf, listening])
    }))
  const before = descriptors(server.pid).length
  assert.ok(before < room, `${before} descriptors`)
  assert.equal((await server.stop()).code, 0, server.log)
})
