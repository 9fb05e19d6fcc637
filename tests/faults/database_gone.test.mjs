// PostgreSQL goes away and comes back: nobody hears that something was saved when it was not, everybody hears soon that it
// cannot be, and work goes on without a restart.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway } from './gateway.mjs'
import { Client, databases, look, newPlace, pause, runWell, Server } from './support.mjs'

const answersWithin = 3000
const healsWithin = 5000

// One person who saves account after account, each under a key of its own, until told to stop.
class Typist {
  constructor(client, name) {
    this.client = client
    this.name = name
    this.said = []  // {key, name, status, milliseconds, retryAfter}
  }
  async save(number) {
    const one = { key: `${this.name}-${number}`, name: `${this.name}断线${number}号有限公司` }
    const begun = performance.now()
    try {
      const answer = await this.client.post('/api/v1/accounts', { name: one.name, duplicate_reason: 'test' }, { 'Idempotency-Key': one.key })
      one.status = answer.status
      one.retryAfter = answer.headers['retry-after']
    } catch {
      one.status = 0
    }
    one.milliseconds = performance.now() - begun
    this.said.push(one)
    return one
  }
  start() {
    this.typing = true
    this.done = (async () => {
      while (this.typing) {
        const { status } = await this.save(this.said.length)
        if (status !== 201) await pause(50)
      }
    })()
  }
  stop() {
    this.typing = false
    return this.done
  }
}

for (const mode of ['refusing', 'silent']) {
  test(`PostgreSQL gone and back: ${mode}`, { skip: !databases.includes('postgres'), timeout: 120_000 }, async (context) => {
    const place = newPlace('postgres')
    runWell(['seed', ...place.flags, '--accounts', '20', '--opportunities', '5'])
    const gateway = await Gateway.open(new URL(place.database))
    const through = new URL(place.database)
    through.port = String(gateway.port)
    const server = await Server.start({ flags: ['--data', place.data, '--database', through.toString()] })
    const admin = await new Client(server.origin).signIn('admin')
    const typists = Array.from({ length: 8 }, (_, i) => new Typist(admin.again(), `p${i}`))
    for (const typist of typists) typist.start()
    await pause(1000)

    const cutAt = performance.now()
    gateway.set(mode)
    await pause(mode === 'silent' ? 6000 : 2000)
    const ready = await new Client(server.origin).get('/readyz')
    const alive = await new Client(server.origin).get('/healthz')
    const reading = performance.now()
    const read = await admin.again().get('/api/v1/accounts?$top=1')
    const readTook = performance.now() - reading
    gateway.set('open')
    const back = performance.now()
    const extra = new Typist(admin.again(), 'after')
    let healed
    for (let number = 0; !healed && performance.now() - back < 4 * healsWithin; number += 1) {
      if ((await extra.save(number)).status === 201) healed = performance.now() - back
      else await pause(100)
    }
    await pause(500)
    for (const typist of typists) await typist.stop()
    const all = [extra, ...typists].flatMap(({ said }) => said)
    const refused = all.filter(({ status }) => status !== 201)

    await context.test('refused within three seconds, saying when to try again', () => {
      assert.ok(refused.length > 0)
      for (const { status, retryAfter } of refused) {
        assert.equal(status, 503)
        assert.ok(Number(retryAfter) >= 1, retryAfter)
      }
      const slowest = Math.max(...refused.map(({ milliseconds }) => milliseconds))
      context.diagnostic(`${refused.length} refusals, the slowest after ${Math.round(slowest)} ms, gone for ${Math.round(back - cutAt)} ms`)
      assert.ok(slowest <= answersWithin, `${Math.round(slowest)} ms`)
      assert.equal(read.status, 503)
      assert.ok(readTook <= answersWithin, `${Math.round(readTook)} ms`)
    })
    await context.test('alive, but not ready', () => {
      assert.equal(alive.status, 200)
      assert.equal(ready.status, 503)
    })
    await context.test('goes on within five seconds, without a restart', () => {
      assert.ok(healed !== undefined && healed <= healsWithin, `${Math.round(healed)} ms`)
      context.diagnostic(`went on after ${Math.round(healed)} ms`)
    })
    await context.test('what was acknowledged is there once; a repetition makes the rest exactly once', async () => {
      for (const one of refused) {
        const answer = await admin.post('/api/v1/accounts', { name: one.name, duplicate_reason: 'test' }, { 'Idempotency-Key': one.key })
        assert.equal(answer.status, 201, JSON.stringify(answer.json))
      }
      const names = new Map()
      for (const { name } of look(place).account) names.set(name, (names.get(name) ?? 0) + 1)
      for (const { name } of all) assert.equal(names.get(name), 1, name)
    })
    assert.equal((await server.stop()).code, 0, server.log)
    gateway.close()
  })
}
