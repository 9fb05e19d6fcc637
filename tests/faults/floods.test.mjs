// Too many connections, too many requests of one person, no descriptor left: those who are being served go on being served,
// newcomers get their turn, the log says what is wrong, and everything is as before when the flood is over.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { connectMany, cpu, descriptors, leaveAll, startLogged, Witness } from './crowd.mjs'
import { isLong, newPlace, pause, runWell, signInAll } from './support.mjs'

async function company(options) {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '300', '--opportunities', '10'])
  const server = await startLogged(place, options)
  const [seller, other] = await signInAll(server.origin, ['sales1_1_2', 'sales1_1_3'])
  const witness = new Witness(server, seller)
  await witness.alone()
  return { server, witness, other }
}

async function newcomer(server, other) {
  const client = other.again(server.origin)
  try {
    return (await client.get('/api/v1/accounts?$top=1')).status
  } finally {
    client.close()
  }
}

test('more connections than there is room for', { timeout: 120_000 }, async (context) => {
  const files = 512
  const room = files / 2
  const { server, witness, other } = await company({ files })
  const flood = []
  await context.test('half requests make room for whole ones', (inner) => witness.during(inner, 'connections', 32e6, async () => {
    flood.push(...await connectMany(server, 2 * room))
    await Promise.all(flood.map((peer) => peer.send('GET / HTTP/1.1\r\nHost: ')))
    await server.heard(new RegExp(`all ${room} connections are in use: new ones wait`))
    assert.equal(await newcomer(server, other), 200, 'a newcomer gets a turn')
    assert.ok(descriptors(server.pid).length < files - room / 2, 'descriptors are left for files')
    for (let round = 0; round < (isLong ? 20 : 2); round += 1) {
      const more = await connectMany(server, room)
      await Promise.all(more.map((peer) => peer.send('G')))
      flood.push(...more)
      assert.equal(await newcomer(server, other), 200)
    }
    leaveAll(flood)
    assert.equal(await newcomer(server, other), 200)
    await server.heard(/there is room for connections again/, 15_000)
    assert.ok(server.warnings().length <= 8, server.warnings().join('\n'))
  }))
  assert.equal((await server.stop()).code, 0, server.log)
})

// How long somebody else waits for an answer, in milliseconds (median). In a thread of its own: that of the flood is busy with
// the answers of the flood, and whoever shares it waits for them.
function waitOfAnother(server, headers, milliseconds) {
  const workerData = { origin: server.origin, headers, milliseconds }
  const worker = new Worker(new URL('./patient.mjs', import.meta.url), { workerData })
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
}

test('more requests of one person than the server can answer', { timeout: 120_000 }, async (context) => {
  const { server, witness, other } = await company()
  const connections = 200  // more than may run and wait for one client
  const lasts = isLong ? 30_000 : 5000
  await context.test('the flood waits behind itself', async (inner) => {
    const statuses = { 200: 0, 503: 0 }
    let waited = 0
    await witness.during(inner, 'requests', 64e6, async () => {
      const request = `GET /api/v1/accounts?$top=20 HTTP/1.1\r\nHost: localhost\r\nCookie: ${other.headers.Cookie}\r\n\r\n`
      const flood = await connectMany(server, connections)
      for (const peer of flood) await peer.send(request.repeat(200))
      waited = await waitOfAnother(server, witness.client.headers, lasts)
      for (const peer of flood) for (const status of Object.keys(statuses)) statuses[status] += peer.count(status)
      leaveAll(flood)
      await server.heard(/refused 127\.0\.0\.1: queue_full/)
    })
    const each = (lasts * connections) / statuses[200]
    inner.diagnostic(`the flood was answered ${JSON.stringify(statuses)}: ${Math.round(each)} ms for each of its connections, ` +
      `${Math.round(waited)} ms (median) for the other user`)
    assert.ok(statuses[200] > 0 && statuses[503] > 0)
    assert.ok(waited < each, 'whoever floods waits longer than the others')
  })
  assert.equal((await server.stop()).code, 0, server.log)
})

test('no file descriptor left', { timeout: 120_000 }, async (context) => {
  const { server, witness, other } = await company({ files: 2048 })
  const { pid } = server
  // Half the room that the server counted on, as when something else of the process had taken the rest.
  const less = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${descriptors(pid).length + 60}:2048`])
  assert.equal(less.status, 0, String(less.stderr))
  const before = descriptors(pid).length
  await context.test('connections beyond are refused, the others are served', (inner) => witness.during(inner, 'descriptors', 32e6, async () => {
    const flood = await connectMany(server, 200)
    await Promise.all(flood.map((peer) => peer.send('GET / HTTP/1.1\r\nHost: ')))
    await server.heard(/no file descriptor is left: new connections are refused/)
    const used = cpu(pid)
    await pause(1000)
    assert.ok(cpu(pid) - used < 0.7, 'it does not spin')
    const open = flood.filter((peer) => !peer.closed)
    assert.ok(open.length < 100, `${open.length} of 200 are open`)
    inner.diagnostic(`${flood.length - open.length} of ${flood.length} were refused`)
    leaveAll(flood)
    let status
    for (let tries = 0; tries < 50 && status !== 200; tries += 1) {
      status = await newcomer(server, other).catch(() => 0)
      if (status !== 200) await pause(100)
    }
    assert.equal(status, 200, 'without a restart')
    await server.heard(/there is room for connections again/, 15_000)
  }))
  await context.test('nothing is left over', async () => {
    for (let tries = 0; tries < 100 && descriptors(pid).length > before + 10; tries += 1) await pause(50)
    assert.ok(descriptors(pid).length <= before + 10, `${descriptors(pid).length} descriptors, ${before} before`)
  })
  assert.equal((await server.stop()).code, 0, server.log)
})
