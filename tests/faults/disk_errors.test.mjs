// Disks that fail at work: an fsync that reports an error, writes that do, a disk that is full or turns read-only. What was
// acknowledged is there after the restart, nothing is acknowledged that is not, reading goes on, and one sentence says why.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client, isLong, look, newFolder, newPlace, pause, run, runWell, Server } from './support.mjs'
import { invariants } from './workload.mjs'

const errors = { EIO: 5, ENOSPC: 28, EROFS: 30 }
let shim

before(() => {
  const library = path.join(newFolder(), 'failing_disk.so')
  const source = path.join(path.dirname(fileURLToPath(import.meta.url)), 'failing_disk.c')
  const built = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  shim = library
})

// [what fails, with what, what people are told (status, code), whether work goes on without a restart]
const cases = [
  ['sync', 'EIO', 503, /^database\.(unknown_outcome|read_only|io_error)$/, false],
  ...(isLong ? [['write', 'EIO', 503, /^database\.(unknown_outcome|read_only|io_error)$/, false]] : []),
  ['write', 'EROFS', 503, /^database\.(unknown_outcome|read_only|io_error)$/, false],
  ['write', 'ENOSPC', 507, /^database\.full$/, true],
]

for (const [operation, name, status, code, goesOn] of cases) {
  test(`${operation} fails with ${name}`, { timeout: 60_000 }, async (context) => {
    const place = newPlace('sqlite')
    runWell(['seed', ...place.flags, '--accounts', '20', '--opportunities', '5'])
    const plan = path.join(newFolder(), 'plan')
    const server = await Server.start(place, [], { environment: { LD_PRELOAD: shim, KEHAI_FAULT_FOLDER: place.data, KEHAI_FAULT_PLAN: plan } })
    const admin = await new Client(server.origin).signIn('admin')
    const said = []  // {name, status}
    let number = 0
    const save = async (client) => {
      const one = { name: `坏盘${++number}号有限公司` }
      said.push(one)
      const answer = await client.post('/api/v1/accounts', { name: one.name, duplicate_reason: 'test' })
      one.status = answer.status
      return answer
    }
    assert.equal((await save(admin)).status, 201)

    // Eight people save while the disk begins to fail.
    let working = true
    const people = Promise.all(Array.from({ length: 8 }, async () => {
      const client = admin.again()
      while (working) await save(client)
      client.close()
    }))
    await pause(300)
    writeFileSync(plan, `${operation} ${errors[name]}\n`)
    await pause(700)
    const from = said.length
    await pause(300)
    working = false
    await people
    const refusal = await save(admin)

    await context.test('nothing is acknowledged any more, and one sentence says why', () => {
      assert.equal(refusal.status, status, JSON.stringify(refusal.json))
      assert.match(refusal.json.code, code)
      assert.ok(refusal.json.title.length > 10)
      for (const one of said.slice(from)) assert.equal(one.status, status, `${one.name} ${one.status}`)
      assert.ok(said.some((one) => one.status === 201))
    })
    await context.test('reading goes on', async () => {
      assert.equal((await admin.get('/api/v1/accounts?$top=5')).status, 200)
      assert.equal((await admin.get('/healthz')).status, 200)
    })
    await context.test('the figures count it', async () => {
      const figures = (await admin.get('/metrics')).bytes.toString()
      assert.match(figures, new RegExp(`kehai_api_problems_total\\{code="${refusal.json.code}"\\} [1-9]`))
    })
    rmSync(plan)
    await context.test(goesOn ? 'with room again, work goes on' : 'the disk seems well again: no writing before a restart', async () => {
      let answer = await save(admin)
      for (let tries = 0; goesOn && answer.status !== 201 && tries < 50; tries += 1) {
        await pause(100)
        answer = await save(admin)
      }
      assert.equal(answer.status, goesOn ? 201 : status, JSON.stringify(answer.json))
    })
    await server.stop()
    await context.test('after the restart everything acknowledged is there, and nothing is half-written', async () => {
      const sound = run(['check', ...place.flags])
      assert.equal(sound.code, 0, sound.err)
      const again = await Server.start(place)
      const tables = look(place)
      invariants(tables)
      const names = new Set(tables.account.map((row) => row.name))
      const acknowledged = said.filter((one) => one.status === 201)
      for (const one of acknowledged) assert.ok(names.has(one.name), one.name)
      // A refused one may be there only if the answer left it open.
      const kept = said.filter((one) => one.status !== 201 && names.has(one.name))
      assert.ok(goesOn ? kept.length === 0 : kept.length <= 64, `${kept.length} refused ones are there`)
      assert.equal((await again.stop()).code, 0, again.log)
      context.diagnostic(`${operation} ${name}: ${acknowledged.length} acknowledged and there, ${said.length - acknowledged.length} refused ` +
        `(${refusal.json.code}: ${refusal.json.title}), ${kept.length} of those there after the restart`)
    })
    assert.equal(existsSync(plan), false)
  })
}
