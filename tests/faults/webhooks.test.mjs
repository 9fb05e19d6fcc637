// Messages to other systems: each acknowledged change arrives at least once under one id, whoever is killed when, and receivers
// that are slow, gone or unwilling trouble nobody else.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { addWebhook, allowed, Receiver } from './receiver.mjs'
import { Client, databases, isLong, look, newFolder, newPlace, pause, run, runWell, Server } from './support.mjs'
import { confirm, invariants, makeWorkload } from './workload.mjs'

const rounds = Number(process.env.KEHAI_ROUNDS ?? (isLong ? 60 : 3))
const lanes = 4  // messages under way at a time (platform/webhooks)

async function open(kind, more = allowed) {
  const place = newPlace(kind)
  runWell(['seed', ...place.flags, '--accounts', '30', '--opportunities', '10'])
  const server = await Server.start(place, more)
  const admin = await new Client(server.origin).signIn('admin')
  return { place, server, admin }
}

// What waits in the tables for a receiver that is still wanted.
function unsent(tables) {
  const wanted = new Set((tables.webhook ?? []).filter((row) => row.deleted_at === null).map((row) => row.id))
  return [...(tables.outbox_event ?? []).filter((row) => row.consumer === 'webhook'),
    ...(tables.webhook_delivery ?? []).filter((row) => wanted.has(row.webhook_id) && ['waiting', 'held'].includes(row.status))]
}

// The tables when nothing waits any more.
async function drained(place, seconds = 60) {
  const begun = performance.now()
  for (;;) {
    const tables = look(place)
    if (unsent(tables).length === 0) return tables
    if (performance.now() - begun > seconds * 1000) throw new Error(`${unsent(tables).length} left to send after ${seconds} s`)
    await pause(100)
  }
}

// Every acknowledged change has exactly one id, which arrived; nothing arrived that is not a change.
function account(workload, receiver, tables) {
  const seen = new Map()  // change → ids
  for (const one of receiver.messages) {
    if (!one.object) continue
    const change = `${one.object} ${one.record_id} ${one.version}`
    seen.set(change, (seen.get(change) ?? new Set()).add(one.id))
  }
  const lost = workload.acknowledged.filter((one) => !seen.has(`${one.table} ${one.id} ${one.version}`))
  const doubled = [...seen].filter(([, ids]) => ids.size > 1)
  const rows = new Set((tables.webhook_delivery ?? []).map((row) => String(row.event_id)))
  const unknown = receiver.messages.filter((one) => !rows.has(one.id))
  return { lost, doubled, unknown }
}

// The first time that each id came: versions of one record go up.
function disorder(receiver) {
  const last = new Map()
  const known = new Set()
  let count = 0
  for (const one of receiver.messages) {
    if (known.has(one.id)) continue
    known.add(one.id)
    if ((last.get(one.record_id) ?? 0) > one.version) count += 1
    last.set(one.record_id, one.version)
  }
  return count
}

for (const kind of databases) {
  test(`killed between sending and marking, ${kind}, ${rounds} rounds`, { timeout: 7_200_000 }, async (context) => {
    const { place, server: first, admin } = await open(kind)
    let server = first
    context.after(() => server.kill())
    // The receiver has a message and the program is killed before it hears of that.
    let killing = 0
    const receiver = await Receiver.start(async (message, count) => {
      if (count > 1 || killing === 0) return 204
      killing -= 1
      if (killing > 0) return 204
      await server.kill()
      return undefined
    })
    await addWebhook(admin, receiver)
    const workload = await makeWorkload(server, { people: 4, pooled: 60 })
    for (let round = 1; round <= rounds; round += 1) {
      workload.start(server.origin)
      killing = 1 + Math.floor(Math.random() * 40)
      await server.ended
      await workload.stop()
      assert.equal(run(['check', ...place.flags]).code, 0)
      server = await Server.start(place, allowed)
    }
    const tables = await drained(place)
    invariants(tables)
    confirm(tables, workload)
    const { lost, doubled, unknown } = account(workload, receiver, tables)
    const repeated = receiver.messages.length - receiver.ids().size
    context.diagnostic(`${kind}: ${rounds} kills between sending and marking, ${workload.acknowledged.length} acknowledged changes, ` +
      `${receiver.ids().size} events in ${receiver.messages.length} messages: lost ${lost.length}, two ids for one change ${doubled.length}, ` +
      `unknown ${unknown.length}, sent again ${repeated}, out of order ${disorder(receiver)}`)
    assert.deepEqual(lost, [])
    assert.deepEqual(doubled, [])
    assert.deepEqual(unknown, [])
    assert.deepEqual(receiver.wrong, [])
    assert.ok(repeated >= rounds, 'each kill left a message that had to be sent again')
    assert.ok(repeated <= rounds * lanes, 'no more is repeated than was under way')
    assert.equal(disorder(receiver), 0)
    assert.equal((await server.stop()).code, 0, server.log)
    await receiver.stop()
  })

  test(`a receiver that is gone, slow or unwilling, ${kind}`, { timeout: 300_000 }, async (context) => {
    const { place, server, admin } = await open(kind)
    context.after(() => server.kill())
    const change = (id, text) => admin.expect(200, 'PATCH', `/api/v1/accounts/${id}`, { description: text }, { 'If-Match': '*' })
    const state = (webhook) => admin.expect(200, 'GET', `/api/v1/webhooks/${webhook.id}`)
    const reports = async (webhook, status) =>
      (await admin.expect(200, 'GET', `/api/v1/webhooks/${webhook.id}/deliveries?status=${status}`)).value
    const [one, other] = await admin.all('/api/v1/accounts?$top=2&$select=id').then((all) => all.map(({ id }) => id))

    // One that never answers keeps nobody else waiting.
    const silent = await Receiver.start(() => undefined)
    const good = await Receiver.start()
    const stuck = await addWebhook(admin, silent, { name: 'silent' })
    const webhook = await addWebhook(admin, good, { name: 'good' })
    const begun = performance.now()
    await change(one, 'first')
    await good.until((messages) => messages.length === 1)
    const waited = performance.now() - begun
    context.diagnostic(`${kind}: delivered ${Math.round(waited)} ms after the change, beside a receiver that never answers`)
    assert.ok(waited < 3000, `${Math.round(waited)} ms`)
    assert.equal(good.messages[0].type, 'account.updated')
    assert.equal(good.messages[0].record.description, 'first')
    assert.deepEqual(good.wrong, [])
    await admin.expect(204, 'DELETE', `/api/v1/webhooks/${stuck.id}`, undefined, { 'If-Match': '*' })

    // One message is refused: later ones of its record wait behind it, others go on.
    good.answer = (message, count) => (message.record_id === one && count === 1 && message.record.description === 'refused' ? 422 : 204)
    await change(one, 'refused')
    await good.until((messages) => messages.length === 2)
    await change(one, 'behind')
    await change(other, 'goes on')
    await good.until((messages) => messages.some((message) => message.record_id === other))
    const [refused] = (await reports(webhook, 'waiting')).filter((row) => row.answer === 422)
    assert.equal(refused.problem.code, 'webhook.answer')
    assert.ok(refused.next_at > refused.at)
    await good.until((messages) => messages.filter((message) => message.record_id === one).length === 4)
    assert.equal(disorder(good), 0)

    // One that is gone is left alone, and everything arrives when it is back.
    good.answer = () => 503
    await change(other, 'nobody there')
    await good.until((messages) => messages.at(-1).record.description === 'nobody there')
    let shown = await state(webhook)
    for (let turn = 0; turn < 100 && !shown.failing_since; turn += 1) {
      await pause(20)
      shown = await state(webhook)
    }
    assert.ok(shown.rests_until > shown.failing_since)
    assert.equal(shown.last_problem, 'webhook.answer')
    good.answer = () => 204
    await admin.expect(204, 'POST', `/api/v1/webhooks/${webhook.id}/resume`)
    await drained(place)
    shown = await state(webhook)
    assert.equal(shown.failing_since, null)
    assert.ok(shown.last_delivered_at)

    // A stop does not wait for a receiver that does not answer; its message comes again after the start.
    good.answer = (message, count) => (count === 1 ? undefined : 204)
    await change(one, 'under way')
    await good.until((messages) => messages.at(-1).record.description === 'under way')
    const stopping = performance.now()
    assert.equal((await server.stop()).code, 0, server.log)
    const seconds = (performance.now() - stopping) / 1000
    context.diagnostic(`${kind}: stopped in ${seconds.toFixed(1)} s while a receiver did not answer`)
    assert.ok(seconds < 10)
    const again = await Server.start(place, allowed)
    context.after(() => again.kill())
    await good.until((messages) => messages.filter((message) => message.record.description === 'under way').length === 2)
    assert.equal(new Set(good.messages.filter((message) => message.record.description === 'under way').map(({ id }) => id)).size, 1)
    assert.equal((await again.stop()).code, 0, again.log)
    await Promise.all([silent.stop(), good.stop()])
  })

  test(`an inner address is not called, ${kind}`, { timeout: 120_000 }, async (context) => {
    const { server, admin } = await open(kind, [])
    context.after(() => server.kill())
    const receiver = await Receiver.start()
    const webhook = await addWebhook(admin, receiver)
    await admin.expect(200, 'POST', `/api/v1/webhooks/${webhook.id}/send_test`)
    let row
    for (let turn = 0; turn < 200 && !row?.problem; turn += 1) {
      await pause(20)
      row = (await admin.expect(200, 'GET', `/api/v1/webhooks/${webhook.id}/deliveries`)).value[0]
    }
    assert.equal(row.problem.code, 'outbound.address')
    assert.equal(receiver.messages.length, 0)
    assert.equal((await server.stop()).code, 0, server.log)
    await receiver.stop()
  })
}

if (databases.includes('postgres')) {
  test('the node that sends is killed and another goes on', { timeout: 300_000 }, async (context) => {
    const { place, server, admin } = await open('postgres')
    context.after(() => server.kill())
    const receiver = await Receiver.start()
    await addWebhook(admin, receiver)
    const second = { ...place, data: path.join(newFolder(), 'data') }
    second.flags = ['--data', second.data, '--database', second.database]
    const other = await Server.start(second, allowed)
    context.after(() => other.kill())
    const workload = await makeWorkload(server, { people: 4, pooled: 60 })
    workload.start(other.origin)
    await receiver.until((messages) => messages.length > 100)
    await server.kill()
    const killed = performance.now()
    const before = receiver.messages.length
    await receiver.until((messages) => messages.length > before + 50)
    const gap = receiver.messages[before].at_receiver - killed
    await workload.stop()
    const { lost, doubled, unknown } = account(workload, receiver, await drained(place))
    context.diagnostic(`the other node sends ${Math.round(gap)} ms after the kill; ${workload.acknowledged.length} acknowledged, lost ${lost.length}, ` +
      `two ids ${doubled.length}, sent again ${receiver.messages.length - receiver.ids().size}, out of order ${disorder(receiver)}`)
    assert.deepEqual([lost, doubled, unknown], [[], [], []])
    assert.ok(receiver.messages.length - receiver.ids().size <= lanes)
    assert.ok(gap < 5000)
    assert.equal((await other.stop()).code, 0, other.log)
    await receiver.stop()
  })
}
