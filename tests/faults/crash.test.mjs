// kill -9 and SIGTERM in the middle of mixed work: nothing that was acknowledged is missing, nothing is half-written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databases, isLong, look, newPlace, pause, run, runWell, Server } from './support.mjs'
import { confirm, invariants, makeWorkload } from './workload.mjs'

// KEHAI_ROUNDS: another number of rounds, for a machine that has less time.
const rounds = Number(process.env.KEHAI_ROUNDS ?? (isLong ? 200 : 3))
const readyWithin = 2000

function lookFor(findings, check) {
  try {
    return check()
  } catch (error) {
    findings.push(error)
    return 0
  }
}

for (const kind of databases) {
  test(`kill -9 on ${kind}, ${rounds} rounds`, { timeout: 7_200_000 }, async (context) => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', '200', '--opportunities', '100'])
    let server = await Server.start(place)
    // A finding must not leave a program behind that the run would wait for.
    context.after(() => server.kill())
    const workload = await makeWorkload(server)
    const times = []
    const lost = []
    const halfWritten = []
    for (let round = 1; round <= rounds; round += 1) {
      const before = workload.acknowledged.length
      workload.start(server.origin)
      await pause(500 + Math.random() * 1500)
      while (workload.working && workload.acknowledged.length === before) await pause(20)
      await server.kill()
      await workload.stop()
      assert.ok(workload.acknowledged.length > before, 'the load did something')
      const sound = run(['check', ...place.flags])
      if (sound.code !== 0) halfWritten.push(new Error(sound.err))
      server = await Server.start(place)
      times.push(server.readyAfter)
      const tables = look(place)  // beside the running server
      lookFor(halfWritten, () => invariants(tables))
      const confirmed = lookFor(lost, () => confirm(tables, workload))
      context.diagnostic(`round ${round}: ${workload.acknowledged.length - before} acknowledged changes, ${confirmed} records ` +
        `confirmed, ready after ${Math.round(server.readyAfter)} ms`)
      if (lost.length + halfWritten.length > 0) break
    }
    times.sort((a, b) => a - b)
    const typical = times[Math.floor((times.length - 1) / 2)]
    const late = times[Math.ceil(times.length * 0.95) - 1]
    context.diagnostic(`${kind}: rounds ${times.length}, acknowledged ${workload.acknowledged.length}, lost ${lost.length}, half-written ` +
      `${halfWritten.length}, ready after ${Math.round(typical)} ms (median), ${Math.round(late)} ms (p95), ${Math.round(times.at(-1))} ms (slowest)`)
    for (const finding of [...lost, ...halfWritten]) throw finding
    assert.ok(typical <= readyWithin, `ready after ${Math.round(typical)} ms`)
    // The interface shows the same as the tables.
    const admin = workload.admin.again(server.origin)
    for (const change of workload.acknowledged.filter((one) => one.table === 'account').slice(-50)) {
      const record = await admin.expect(200, 'GET', `/api/v1/accounts/${change.id}`)
      assert.ok(record.version >= change.version)
    }
    assert.equal((await server.stop()).code, 0, server.log)
  })

  test(`SIGTERM under load on ${kind}`, { timeout: 300_000 }, async (context) => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', '50', '--opportunities', '20'])
    const server = await Server.start(place)
    const workload = await makeWorkload(server, { pooled: 50 })
    // An open event stream must not hold the stop up.
    const reader = workload.admin.again(server.origin)
    reader.headers.Accept = 'text/event-stream'
    const stream = reader.get('/api/v1/events').catch(() => {})
    workload.start(server.origin)
    await pause(1500)
    const begun = performance.now()
    const ended = await server.stop()
    const seconds = (performance.now() - begun) / 1000
    await workload.stop()
    await stream
    assert.equal(ended.code, 0, server.log)
    assert.equal(workload.cut, 0, 'no answer was cut off')
    assert.ok(seconds < 15, `stopping took ${seconds.toFixed(1)} s`)
    const tables = look(place)
    invariants(tables)
    const confirmed = confirm(tables, workload)
    context.diagnostic(`stopped in ${seconds.toFixed(1)} s; ${confirmed} records confirmed; ${workload.broken} requests without answer`)
  })
}
