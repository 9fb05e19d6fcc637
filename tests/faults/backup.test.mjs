// Backups taken under write load restore, on the same database and on the other one; damaged archives do nothing.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Gateway } from './gateway.mjs'
import { Client, databases, newFolder, newPlace, pause, readArchive, run, runBeside, runWell, Server } from './support.mjs'
import { confirm, invariants, makeWorkload } from './workload.mjs'

// Rows as a set, for comparing tables whose order is no promise.
const sorted = (rows) => rows.map((row) => JSON.stringify(row)).sort()

async function backUpUnderLoad(kind) {
  const place = newPlace(kind)
  runWell(['seed', ...place.flags, '--accounts', '300', '--opportunities', '300'])
  const server = await Server.start(place)
  const workload = (await makeWorkload(server, { pooled: 50 })).start(server.origin)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const before = workload.acknowledged.length
  const archive = path.join(newFolder(), 'company.tar')
  const result = await runBeside(['backup', ...place.flags, archive])
  const after = workload.acknowledged.length
  await workload.stop()
  assert.equal((await server.stop()).code, 0, server.log)
  assert.equal(result.code, 0, result.err)
  assert.ok(before > 0 && after > before, `work went on during the backup (${before}, ${after})`)
  return { archive, workload, before }
}

for (const kind of databases) {
  test(`a backup under load on ${kind}`, { timeout: 600_000 }, async (context) => {
    const { archive, workload, before } = await backUpUnderLoad(kind)
    const { tables } = readArchive(readFileSync(archive))

    await context.test('is one moment: whole, and with all that was acknowledged before', () => {
      invariants(tables)
      assert.ok(confirm(tables, workload, before) > 0)
    })

    for (const other of databases) {
      await context.test(`restores into ${other}`, async () => {
        const target = newPlace(other)
        runWell(['restore', ...target.flags, archive])
        runWell(['check', ...target.flags])
        // What comes out again is what went in.
        const second = path.join(newFolder(), 'again.tar')
        runWell(['backup', ...target.flags, second])
        const restored = readArchive(readFileSync(second)).tables
        const rowless = (all) => Object.keys(all).filter((name) => all[name].length > 0).sort()
        assert.deepEqual(rowless(restored), rowless(tables))
        for (const name of Object.keys(tables)) {
          // Leases of ids go on; everything else is equal.
          if (name === 'id_block' || name === 'code_counter') continue
          assert.deepEqual(sorted(restored[name] ?? []), sorted(tables[name]), name)
        }
        const server = await Server.start(target)
        try {
          const admin = await new Client(server.origin).signIn('admin')
          const row = tables.account.find((one) => one.deleted_at === null)
          const record = await admin.expect(200, 'GET', `/api/v1/accounts/${row.id}`)
          assert.equal(record.name, row.name)
          const found = await admin.expect(200, 'GET', `/api/v1/accounts?$search=${row.name.slice(0, 6)}&$top=500`)
          assert.ok(found.value.some((one) => one.id === row.id), 'the search index was made')
          await admin.expect(201, 'POST', '/api/v1/accounts', { name: '恢复之后新建有限公司', duplicate_reason: 'test' })
        } finally {
          assert.equal((await server.stop()).code, 0, server.log)
        }
        const twice = run(['restore', ...target.flags, archive])
        assert.equal(twice.code, 1)
        assert.match(twice.err, /is not empty/)
      })
    }
  })
}

// What happens to PostgreSQL while its tables are read; the archive is whole all the same.
const troubles = [
  ['answers nothing for five seconds, neither old nor new connections', async (gateway) => {
    gateway.set('held')
    await pause(5000)
    gateway.release()
  }],
  ['ends and is there again', async (gateway) => {
    gateway.set('refusing')
    gateway.set('open')
  }],
  ['ends for three seconds', async (gateway) => {
    gateway.set('refusing')
    await pause(3000)
    gateway.set('open')
  }],
]
test('PostgreSQL in trouble during a backup', { skip: !databases.includes('postgres'), timeout: 300_000 }, async (context) => {
  const place = newPlace('postgres')
  runWell(['seed', ...place.flags, '--accounts', '500', '--opportunities', '500'])
  const calm = path.join(newFolder(), 'calm.tar')
  runWell(['backup', ...place.flags, calm])
  const wanted = readArchive(readFileSync(calm)).tables
  for (const [name, makeTrouble] of troubles) {
    await context.test(name, async () => {
      const gateway = await Gateway.open(new URL(place.database))
      const through = new URL(place.database)
      through.port = String(gateway.port)
      let trouble
      gateway.after(200_000, () => { trouble = makeTrouble(gateway) })
      const archive = path.join(newFolder(), 'company.tar')
      const result = await runBeside(['backup', '--data', place.data, '--database', through.toString(), archive])
      assert.ok(trouble, 'it was in the middle of it')
      await trouble
      gateway.close()
      assert.equal(result.code, 0, result.err)
      const { tables } = readArchive(readFileSync(archive))
      for (const table of Object.keys(wanted)) assert.deepEqual(sorted(tables[table] ?? []), sorted(wanted[table]), table)
    })
  }
  await context.test('that is not there at all is said at once', async () => {
    const gateway = await Gateway.open(new URL(place.database))
    gateway.set('refusing')
    const through = new URL(place.database)
    through.port = String(gateway.port)
    const archive = path.join(newFolder(), 'company.tar')
    const result = await runBeside(['backup', '--data', place.data, '--database', through.toString(), archive])
    gateway.close()
    assert.equal(result.code, 1)
    assert.match(result.err, /^kehai: The database cannot be opened/m)
    assert.equal(existsSync(archive), false)
  })
})

test('damaged archives', { timeout: 300_000 }, async (context) => {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '50', '--opportunities', '50'])
  const good = path.join(newFolder(), 'good.tar')
  runWell(['backup', ...place.flags, good])
  const bytes = readFileSync(good)
  const flipped = Buffer.from(bytes)
  flipped[Math.floor(bytes.length / 2)] ^= 1
  const cases = [
    ['one bit is wrong', flipped, /^kehai: The archive is damaged; nothing was restored$/m],
    ['the end is missing', bytes.subarray(0, bytes.length - 4096), /^kehai: The archive is damaged; nothing was restored$/m],
    ['half is missing', bytes.subarray(0, Math.floor(bytes.length / 2)), /^kehai: The archive is damaged; nothing was restored$/m],
    ['it is something else', Buffer.from('PK\x03\x04 no archive of ours'.padEnd(4000)), /^kehai: This file is no Kehai backup$/m],
    ['it is empty', Buffer.alloc(0), /^kehai: This file is no Kehai backup$/m],
  ]
  for (const [name, content, sentence] of cases) {
    await context.test(name, () => {
      const file = path.join(newFolder(), 'bad.tar')
      writeFileSync(file, content)
      const target = newPlace('sqlite')
      const result = run(['restore', ...target.flags, file])
      assert.equal(result.code, 1)
      assert.match(result.err, sentence)
      assert.equal(existsSync(target.data), false, 'nothing is left')
    })
  }
  await context.test('a backup does not overwrite', () => {
    const result = run(['backup', ...place.flags, good])
    assert.equal(result.code, 1)
    assert.match(result.err, /exists already/)
    assert.deepEqual(readFileSync(good), bytes)
  })
})
