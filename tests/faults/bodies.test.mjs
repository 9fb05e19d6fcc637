// Bodies that are too large, by their announced length, by chunks, or without end: refused early, at a bounded price in memory,
// and nothing stays on the disk.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectMany, descriptors, leaveAll, Peer, startLogged, Witness } from './crowd.mjs'
import { isLong, newPlace, pause, runWell, signInAll } from './support.mjs'

const together = isLong ? 100 : 20
const mayTake = 32e6
const bodyLimit = 1 << 20
const uploadLimit = 120 << 20

const head = (path, lines) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines.join('\r\n')}\r\n\r\n`
const block = 'x'.repeat(1 << 16)
const chunk = `10000\r\n${block}\r\n`

// Sends pieces until the server answers or `most` bytes are gone; how many were.
async function pour(peer, piece, most) {
  let sent = 0
  while (sent < most && !peer.status && await peer.send(piece)) {
    sent += piece.length
    await new Promise(setImmediate)  // so that an answer is read
  }
  return sent
}

test('huge bodies', { timeout: 180_000 }, async (context) => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '50', '--opportunities', '10'])
  const server = await startLogged(place)
  const [seller, importer] = await signInAll(server.origin, ['sales1_1_2', 'admin'])
  const witness = new Witness(server, seller)
  await witness.alone()
  const signedIn = [`Cookie: ${importer.headers.Cookie}`, `X-CSRF-Token: ${importer.headers['X-CSRF-Token']}`]
  const spooled = () => descriptors(server.pid).filter((name) => name.endsWith('(deleted)') && !name.includes('kehai.db'))

  await context.test('an announced length over the limit is refused before a byte is read', (inner) =>
    witness.during(inner, 'announced', mayTake, async () => {
      for (const [path, length] of [['/api/v1/session', bodyLimit + 1], ['/api/v1/accounts', 900e6], ['/api/v1/imports', uploadLimit + 1],
        ['/api/v1/imports', '9223372036854775807']]) {
        const peers = await connectMany(server, together)
        await Promise.all(peers.map((peer) => peer.send(head(path, [...signedIn, `Content-Length: ${length}`, 'Expect: 100-continue']))))
        for (const peer of peers) assert.equal(await peer.answered(), 413, `${path} ${length}`)
        await Promise.all(peers.map((peer) => peer.ended))
      }
      await server.heard(/refused 127\.0\.0\.1: body/)
    }))

  await context.test('chunks without end are cut at the limit', (inner) =>
    witness.during(inner, 'chunks', mayTake + together * bodyLimit, async () => {
      const peers = await connectMany(server, together)
      await Promise.all(peers.map((peer) => peer.send(head('/api/v1/session', ['Transfer-Encoding: chunked']))))
      const sent = await Promise.all(peers.map((peer) => pour(peer, chunk, 100e6)))
      for (const peer of peers) assert.equal(await peer.answered(), 413)
      // What is over the limit lay in the buffers of the kernel.
      for (const bytes of sent) assert.ok(bytes < bodyLimit + 16e6, `${bytes} bytes were taken`)
    }))

  await context.test('nobody fills the disk without signing in', async () => {
    for (const expectation of [['Expect: 100-continue'], []]) {
      const peer = await Peer.connect(server)
      await peer.send(head('/api/v1/imports', [`Content-Length: ${uploadLimit - 1}`, ...expectation]))
      assert.equal(await peer.answered(), 401, peer.text)
      assert.ok(!peer.text.includes('100 Continue'))
      peer.leave()
    }
    assert.deepEqual(spooled(), [])
  })

  await context.test('an upload without end goes to a file without a name, is cut at its limit and leaves nothing', (inner) =>
    witness.during(inner, 'upload', mayTake, async () => {
      const peer = await Peer.connect(server)
      await peer.send(head('/api/v1/imports', [...signedIn, 'Transfer-Encoding: chunked']))
      await pour(peer, chunk, 8e6)
      assert.equal(spooled().length, 1, 'in a file')
      await pour(peer, chunk, 300e6)
      assert.equal(await peer.answered(), 413, peer.text)
      await peer.ended
    }))

  await context.test('uploads that are given up leave nothing', (inner) =>
    witness.during(inner, 'given up', mayTake, async () => {
      const peers = await connectMany(server, together)
      await Promise.all(peers.map((peer) => peer.send(head('/api/v1/imports', [...signedIn, `Content-Length: ${uploadLimit - 1}`]))))
      await Promise.all(peers.map((peer) => pour(peer, block, 4e6)))
      assert.ok(spooled().length > 0)
      leaveAll(peers)
      for (let wait = 0; wait < 100 && spooled().length > 0; wait += 1) await pause(50)
      assert.deepEqual(spooled(), [])
    }))
  assert.equal((await server.stop()).code, 0, server.log)
})
