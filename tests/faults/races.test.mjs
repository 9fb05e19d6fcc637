// Two kinds of work that meet on the same records: merging and editing, returning many at once and editing one by one. Nobody's
// acknowledged change is lost, and nothing is done twice.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { databases, isLong, look, newFolder, newPlace, runWell, Server, signInAll } from './support.mjs'
import { invariants } from './workload.mjs'

const rounds = isLong ? 40 : 5

// One server, or two with one PostgreSQL.
async function open(kind) {
  const place = newPlace(kind)
  runWell(['seed', ...place.flags, '--accounts', '1', '--opportunities', '0'])
  const nodes = [await Server.start(place)]
  if (kind === 'postgres') {
    const data = path.join(newFolder(), 'data')
    nodes.push(await Server.start({ data, flags: ['--data', data, '--database', place.database] }))
  }
  const [admin] = await signInAll(nodes[0].origin, ['admin'])
  return { place, nodes, admin, hand: (i) => admin.again(nodes[i % nodes.length].origin) }
}

const account = (client, name) => client.expect(201, 'POST', '/api/v1/accounts', { name, duplicate_reason: 'test' })
const etag = (version) => ({ 'If-Match': `W/"${version}"` })

// Edits what was read last and notes what was acknowledged; false when the record is gone.
let number = 0
async function edit(client, id, told) {
  const current = await client.get(`/api/v1/accounts/${id}`)
  if (current.status !== 200) return false
  const answer = await client.request('PATCH', `/api/v1/accounts/${id}`, { description: `第${++number}次` }, etag(current.json.version))
  if (answer.status === 200) told.push({ id, version: current.json.version + 1 })
  else if (answer.json.code === 'record.merged') return false
  else assert.equal(answer.status, 412, JSON.stringify(answer.json))
  return true
}

function everyEditIsKept(tables, told) {
  const audits = new Map()
  for (const row of tables.audit_entry) {
    if (row.action === 'updated') audits.set(`${row.record_id}/${row.version}`, (audits.get(`${row.record_id}/${row.version}`) ?? 0) + 1)
  }
  for (const { id, version } of told) assert.equal(audits.get(`${id}/${version}`), 1, `account ${id} version ${version}`)
}

for (const kind of databases) {
  test(`merging and editing at once on ${kind}`, { timeout: 300_000 }, async (context) => {
    const { place, nodes, admin, hand } = await open(kind)
    const told = []
    const merged = []
    for (let round = 0; round < rounds; round += 1) {
      const master = await account(admin, `合并${round}主有限公司`)
      const other = await account(admin, `合并${round}从有限公司`)
      let over = false
      const editors = [0, 1, 2].map(async (i) => {
        const client = hand(i)
        while (!over && await edit(client, other.id, told));
      })
      const mergers = [0, 1].map(async (i) => {
        const client = hand(i)
        for (;;) {
          const records = []
          for (const { id } of [master, other]) {
            const { status, json } = await client.get(`/api/v1/accounts/${id}`)
            if (status !== 200) return  // the other one was faster
            records.push({ id, version: json.version })
          }
          const answer = await client.post('/api/v1/accounts/merge', { master_id: master.id, records })
          if (answer.status === 200) return merged.push({ round, version: records[1].version, id: other.id })
          if (answer.status === 412) continue
          assert.ok([404, 409].includes(answer.status), JSON.stringify(answer.json))
          return
        }
      })
      await Promise.all(mergers)
      over = true
      await Promise.all(editors)
      assert.equal(merged.filter((one) => one.round === round).length, 1, 'merged once')
    }
    const tables = look(place)
    invariants(tables)
    everyEditIsKept(tables, told)
    // What the merge took was the last that anybody was told.
    for (const { id, version } of merged) {
      for (const one of told) if (one.id === id) assert.ok(one.version <= version, `account ${id}: ${one.version} after ${version}`)
    }
    context.diagnostic(`${merged.length} merges, ${told.length} edits acknowledged`)
    for (const node of nodes) assert.equal((await node.stop()).code, 0, node.log)
    runWell(['check', ...place.flags])
  })

  test(`many returned at once while each is edited on ${kind}`, { timeout: 300_000 }, async (context) => {
    const { place, nodes, admin, hand } = await open(kind)
    const pool = (await admin.all('/api/v1/pools')).find((one) => one.kind === 'account')
    const ids = []
    for (let i = 0; i < 4 * rounds; i += 1) ids.push((await account(admin, `齐退${i}号有限公司`)).id)
    const told = []
    let over = false
    const editors = [0, 1, 2, 3].map(async (i) => {
      const client = hand(i)
      while (!over) for (const id of ids) await edit(client, id, told)
    })
    const returned = []
    for (let at = 0; at < ids.length; at += 8) {
      const some = ids.slice(at, at + 8)
      const answers = await Promise.all([0, 1].map((i) => hand(i).expect(200, 'POST', '/api/v1/accounts/return', { ids: some, reason: 'no_need', pool_id: pool.id })))
      for (const id of some) {
        const won = answers.filter((answer) => !answer.failed.some((one) => one.id === id)).length
        assert.ok(won >= 1, `account ${id} was returned by nobody`)
        returned.push(id)
      }
    }
    over = true
    await Promise.all(editors)
    const tables = look(place)
    invariants(tables)
    everyEditIsKept(tables, told)
    const rows = new Map(tables.account.map((row) => [row.id, row]))
    for (const id of returned) assert.equal(rows.get(id).pool_id, pool.id)
    context.diagnostic(`${returned.length} returned, ${told.length} edits acknowledged`)
    for (const node of nodes) assert.equal((await node.stop()).code, 0, node.log)
    runWell(['check', ...place.flags])
  })
}
