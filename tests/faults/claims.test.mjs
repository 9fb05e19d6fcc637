// Many people want the same customer: exactly one gets it, and nobody gets more than the day allows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databases, isLong, newPlace, pause, runWell, Server, signInAll } from './support.mjs'
import { addToPool } from './workload.mjs'

const people = 64
const records = 500
const tries = isLong ? records : records / 5  // of each person
const limit = 10

// 64 sales people, an account pool and its records, all by the ordinary interface.
async function prepare(kind) {
  const place = newPlace(kind)
  runWell(['seed', ...place.flags, '--accounts', '1', '--opportunities', '0'])
  const server = await Server.start(place)
  const logins = []
  for (let area = 1; area <= 5; area += 1) {
    for (let team = 1; team <= 5; team += 1) {
      for (let person = 2; person <= 11; person += 1) logins.push(`sales${area}_${team}_${person}`)
    }
  }
  const [admin, ...sellers] = await signInAll(server.origin, ['admin', ...logins.slice(0, people)])
  const pools = await admin.all('/api/v1/pools')
  const pool = pools.find((candidate) => candidate.kind === 'account')
  return { place, server, admin, sellers, pool }
}

async function setDailyLimit(admin, pool, daily_limit) {
  const current = await admin.request('GET', `/api/v1/pools/${pool.id}`)
  await admin.expect(200, 'PATCH', `/api/v1/pools/${pool.id}`, { daily_limit }, { 'If-Match': current.headers.etag })
  // Every node reads the pools again at least once a second; a claim beyond the limit shows that it has.
  await pause(1500)
}

for (const kind of databases) {
  test(`claims on ${kind}`, { timeout: 600_000 }, async (context) => {
    const { server, admin, sellers, pool } = await prepare(kind)
    try {
      await context.test(`${people} people claim ${records} records: one winner each`, async () => {
        await setDailyLimit(admin, pool, null)
        const ids = await addToPool(admin, pool, '争抢', records)
        const won = new Map()
        const lost = new Map()
        // Four people begin at the same record, each four at another one; every record is wanted by a dozen people.
        await Promise.all(sellers.map(async (seller, place) => {
          for (let step = 0; step < tries; step += 1) {
            const id = ids[(Math.floor(place / 4) * 31 + step) % records]
            const answer = await seller.post(`/api/v1/accounts/${id}/claim`)
            if (answer.status === 200) {
              assert.equal(won.has(id), false, `account ${id} has two winners`)
              assert.equal(answer.json.owner_id, seller.user.id)
              won.set(id, seller.user.id)
            } else {
              assert.equal(answer.status, 409, JSON.stringify(answer.json))
              assert.equal(answer.json.code, 'pool.taken')
              lost.set(id, (lost.get(id) ?? 0) + 1)
            }
          }
        }))
        assert.equal(won.size, records)
        for (const count of lost.values()) assert.ok(count >= 3)
        assert.equal([...lost.values()].reduce((sum, count) => sum + count, 0), people * tries - records)
        const listed = new Map((await admin.all('/api/v1/accounts?$top=500&$select=id,owner_id,pool_id')).map((one) => [one.id, one]))
        for (const id of ids) {
          assert.equal(listed.get(id).owner_id, won.get(id), `owner of ${id}`)
          assert.equal(listed.get(id).pool_id, null)
        }
      })

      await context.test(`100 claims at once by one person stop at ${limit}`, async () => {
        await setDailyLimit(admin, pool, limit)
        const ids = await addToPool(admin, pool, '限额', 100)
        const seller = sellers.at(-1)
        // A quota counts the day's claims of the person; those of before count, so another person is taken.
        const fresh = (await signInAll(server.origin, ['sales5_5_11']))[0]
        const answers = await Promise.all(ids.map(async (id) => {
          const connection = fresh.again()
          try {
            return await connection.post(`/api/v1/accounts/${id}/claim`)
          } finally {
            connection.close()
          }
        }))
        const good = answers.filter((answer) => answer.status === 200)
        assert.equal(good.length, limit)
        for (const answer of answers) {
          if (answer.status === 200) continue
          assert.equal(answer.status, 409)
          assert.equal(answer.json.code, 'pool.daily_limit')
        }
        const listed = (await admin.all('/api/v1/accounts?$top=500&$select=id,owner_id'))
          .filter((one) => ids.includes(one.id) && one.owner_id === fresh.user.id)
        assert.equal(listed.length, limit)
        assert.notEqual(seller.user.id, fresh.user.id)
      })
    } finally {
      const { code } = await server.stop()
      assert.equal(code, 0, server.log)
    }
  })
}
