// Many people at once, on one node with SQLite and on two nodes with one PostgreSQL: what the clients were told is held against
// the tables by rules written here, not against the server's own counters.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { databases, isLong, look, newFolder, newPlace, pause, runWell, Server, signInAll } from './support.mjs'
import { addToPool, invariants } from './workload.mjs'

const people = 16
const size = isLong ? 5 : 1
const logins = Array.from({ length: people + 4 }, (_, i) => `sales${1 + (i % 5)}_1_${2 + Math.floor(i / 5)}`)
const within = 1000  // milliseconds until a change of rights or settings bites everywhere

const groupBy = (rows, key) => rows.reduce((groups, row) => groups.set(row[key], [...(groups.get(row[key]) ?? []), row]), new Map())

// Asks until the answer is the wanted one; how long it took in milliseconds.
async function timeUntil(wanted, ask) {
  const begun = performance.now()
  for (;;) {
    if (await ask() === wanted) return performance.now() - begun
    if (performance.now() - begun > 10_000) return Infinity
    await pause(20)
  }
}

// Server nodes over one database, and everybody signed in on each of them.
class Office {
  static async open(kind) {
    const office = new Office()
    office.place = newPlace(kind)
    runWell(['seed', ...office.place.flags, '--accounts', '1', '--opportunities', '0'])
    office.nodes = [await Server.start(office.place)]
    if (kind === 'postgres') {
      const second = { ...office.place, data: path.join(newFolder(), 'data') }
      second.flags = ['--data', second.data, '--database', second.database]
      office.nodes.push(await Server.start(second))
    }
    const [admin, ...sellers] = await signInAll(office.nodes[0].origin, ['admin', ...logins])
    office.admin = admin
    // Person i works on node i mod n.
    office.sellers = sellers.map((seller, i) => seller.again(office.nodes[i % office.nodes.length].origin))
    office.pool = (await admin.all('/api/v1/pools')).find((one) => one.kind === 'account')
    return office
  }
  // The same person on every node.
  everywhere(client) { return this.nodes.map((node) => client.again(node.origin)) }
  last() { return this.nodes.at(-1).origin }
  async setPool(fields) {
    await this.admin.expect(200, 'PATCH', `/api/v1/pools/${this.pool.id}`, fields, { 'If-Match': '*' })
    await pause(within)
  }
  async close() {
    for (const node of this.nodes) assert.equal((await node.stop()).code, 0, node.log)
  }
}

// ---- What clients do at the same time, and what must be true of it

// Everybody wants every record; each has one winner, who is its owner and has the one claim in its history.
async function claims(office) {
  await office.setPool({ daily_limit: null })
  const ids = await addToPool(office.admin, office.pool, '共抢', 60 * size)
  const told = new Map()
  await Promise.all(office.sellers.slice(0, people).map(async (seller, place) => {
    for (let step = 0; step < ids.length; step += 1) {
      const id = ids[(Math.floor(place / 4) * 7 + step) % ids.length]
      const answer = await seller.post(`/api/v1/accounts/${id}/claim`)
      if (answer.status === 200) told.set(id, [...(told.get(id) ?? []), seller.user.id])
      else assert.equal(answer.json.code, 'pool.taken', JSON.stringify(answer.json))
    }
  }))
  const tables = look(office.place)
  const history = groupBy(tables.ownership.filter((row) => row.object === 'account'), 'record_id')
  const accounts = new Map(tables.account.map((row) => [row.id, row]))
  for (const id of ids) {
    assert.equal(told.get(id)?.length, 1, `account ${id} was promised to ${told.get(id)}`)
    assert.equal(accounts.get(id).owner_id, told.get(id)[0])
    const held = history.get(id).filter((row) => row.owner_id !== null && row.from_at >= accounts.get(id).claimed_at)
    assert.deepEqual(held.map((row) => row.owner_id), told.get(id), `holders of ${id} since the claim`)
  }
  invariants(tables)
}

// One person on all nodes at once gets as many as the day allows, not one more.
async function quota(office) {
  const limit = 7
  await office.setPool({ daily_limit: limit })
  const ids = await addToPool(office.admin, office.pool, '日限', 40)
  const person = office.sellers[people]
  const connections = office.everywhere(person)
  const answers = await Promise.all(ids.map((id, i) => connections[i % connections.length].again().post(`/api/v1/accounts/${id}/claim`)))
  const good = ids.filter((_, i) => answers[i].status === 200)
  for (const answer of answers) if (answer.status !== 200) assert.equal(answer.json.code, 'pool.daily_limit', JSON.stringify(answer.json))
  const owned = look(office.place).account.filter((row) => ids.includes(row.id) && row.owner_id === person.user.id).map((row) => row.id)
  assert.deepEqual(owned.sort(), [...good].sort())
  assert.equal(good.length, limit)
  await office.setPool({ daily_limit: null })
}

// What a person may hold at most holds when everything arrives at once.
async function capacity(office) {
  const most = 9
  const person = office.sellers[people + 1]
  await office.admin.expect(201, 'POST', '/api/v1/capacity_rules', { kind: 'account', subject: 'user', subject_id: person.user.id, capacity: most })
  await pause(within)
  const connections = office.everywhere(person)
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => connections[i % connections.length].again()
    .post('/api/v1/accounts', { name: `容量${i}号新材料有限公司`, duplicate_reason: 'test' })))
  for (const answer of answers) if (answer.status !== 201) assert.equal(answer.json.code, 'pool.capacity', JSON.stringify(answer.json))
  const owned = look(office.place).account.filter((row) => row.owner_id === person.user.id && row.deleted_at === null)
  assert.equal(answers.filter((answer) => answer.status === 201).length, most)
  assert.equal(owned.length, most)
}

// Human codes given out by all nodes at the same time are given once.
async function numbering(office) {
  const told = []
  await Promise.all(office.sellers.slice(0, people).map(async (seller, place) => {
    for (let i = 0; i < 15 * size; i += 1) {
      told.push((await seller.expect(201, 'POST', '/api/v1/leads', { company: `编号${place}_${i}`, name: '王', mobile: String(13900000000 + place * 1000 + i), duplicate_reason: 'test' })).code)
    }
  }))
  assert.equal(new Set(told).size, told.length)
  const codes = look(office.place).lead.map((row) => row.code)
  assert.equal(new Set(codes).size, codes.length)
  for (const code of told) assert.ok(codes.includes(code), code)
}

// Everybody edits one record from what was read last: the versions told are 2, 3, 4 … without a repetition, and each change
// found what the change before it left.
async function staleEdits(office) {
  const [owner] = office.sellers
  const record = await owner.expect(201, 'POST', '/api/v1/accounts', { name: '同改一条精密仪器有限公司', duplicate_reason: 'test', description: 'v1' })
  const told = new Map([[record.version, 'v1']])
  await Promise.all(Array.from({ length: 8 }, async (_, place) => {
    const client = office.admin.again(office.nodes[place % office.nodes.length].origin)
    for (let i = 0; i < 12 * size; i += 1) {
      const current = await client.expect(200, 'GET', `/api/v1/accounts/${record.id}`)
      const description = `${place}.${i}`
      const answer = await client.request('PATCH', `/api/v1/accounts/${record.id}`, { description }, { 'If-Match': `W/"${current.version}"` })
      if (answer.status === 412) continue
      assert.equal(answer.status, 200, JSON.stringify(answer.json))
      // The answer shows the record as it is, which may be later already.
      assert.ok(answer.json.version > current.version)
      assert.equal(told.has(current.version + 1), false, `version ${current.version + 1} was given twice`)
      told.set(current.version + 1, description)
    }
  }))
  const tables = look(office.place)
  assert.deepEqual([...told.keys()].sort((a, b) => a - b), Array.from({ length: told.size }, (_, i) => record.version + i))
  assert.equal(tables.account.find((row) => row.id === record.id).description, told.get(record.version + told.size - 1))
  const audit = tables.audit_entry.filter((row) => row.record_id === record.id && row.action === 'updated')
  assert.deepEqual(audit.map((row) => row.version).sort((a, b) => a - b), [...told.keys()].sort((a, b) => a - b).slice(1), 'each change in the trail was acknowledged')
  for (const row of audit) {
    const change = JSON.parse(row.changes).description
    assert.deepEqual(change, [told.get(row.version - 1), told.get(row.version)], `change to version ${row.version}`)
  }
}

// Everybody moves the same deals from where they were read last: the history is one chain, and its links are exactly the moves
// that were acknowledged.
async function stageMoves(office) {
  const [owner] = office.sellers
  const account = await owner.expect(201, 'POST', '/api/v1/accounts', { name: '同拖一单自动化有限公司', duplicate_reason: 'test' })
  const stages = (await office.admin.all('/api/v1/stages?$orderby=position')).filter((stage) => stage.kind === 'open')
  const deals = []
  for (let i = 0; i < 4; i += 1) {
    deals.push(await owner.expect(201, 'POST', '/api/v1/opportunities', { name: `同拖${i}`, account_id: account.id, amount: 100 + i, expected_close_date: '2099-12-31' }))
  }
  const told = []
  await Promise.all(Array.from({ length: 8 }, async (_, place) => {
    const client = office.admin.again(office.nodes[place % office.nodes.length].origin)
    for (let i = 0; i < 12 * size; i += 1) {
      const path = `/api/v1/opportunities/${deals[(place + i) % deals.length].id}`
      const deal = await client.expect(200, 'GET', path)
      const stage_id = stages[(place * 3 + i) % stages.length].id
      const answer = await client.post(`${path}/move_stage`, { stage_id, reason: '并发' }, { 'If-Match': `W/"${deal.version}"` })
      if (answer.status === 200 && stage_id !== deal.stage_id) told.push(`${deal.id}: ${deal.stage_id} → ${stage_id}`)
      assert.ok([200, 409, 412, 422].includes(answer.status), JSON.stringify(answer.json))
    }
  }))
  const tables = look(office.place)
  invariants(tables)
  const links = tables.stage_change.filter((row) => row.from_stage_id !== null && deals.some((deal) => deal.id === row.opportunity_id))
  assert.ok(told.length > 0)
  assert.deepEqual(links.map((row) => `${row.opportunity_id}: ${row.from_stage_id} → ${row.to_stage_id}`).sort(), told.sort())
}

// The same request again and again, on whichever node, is done once; all who are answered are told the same.
async function retries(office) {
  const [owner] = office.sellers
  const connections = office.everywhere(owner)
  for (let round = 0; round < 6 * size; round += 1) {
    const body = { company: `重试${round}`, name: '李', mobile: String(13700000000 + round), duplicate_reason: 'test' }
    const headers = { 'Idempotency-Key': `retry-${round}` }
    const answers = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
      const client = connections[i % connections.length].again()
      for (;;) {
        const answer = await client.post('/api/v1/leads', body, headers)
        if (answer.json?.code !== 'idempotency.in_progress') return answer
        await pause(10)
      }
    }))
    for (const answer of answers) assert.equal(answer.status, 201, JSON.stringify(answer.json))
    assert.equal(new Set(answers.map((answer) => answer.json.id)).size, 1)
    assert.equal(answers.filter((answer) => !answer.headers['idempotency-replayed']).length, 1, 'one was done, the others were repeated')
  }
  const made = look(office.place).lead.filter((row) => row.company.startsWith('重试'))
  assert.equal(made.length, 6 * size)
}

// What changes on the first node is so on the last one within a second.
async function everywhereWithinASecond(office) {
  const times = {}
  const there = office.admin.again(office.last())
  const person = office.sellers[people + 2]
  const away = person.again(office.last())
  const status = (client, at) => async () => (await client.get(at)).status
  // Rights
  const role = (await office.admin.all("/api/v1/roles?$filter=name eq 'sales'"))[0]
  const rights = await office.admin.expect(200, 'GET', `/api/v1/roles/${role.id}/rights`)
  const without = { objects: rights.objects.map((one) => (one.object === 'lead' ? { ...one, actions: one.actions.filter((action) => action !== 'read') } : one)) }
  assert.equal((await away.get('/api/v1/leads')).status, 200)
  await office.admin.expect(200, 'PUT', `/api/v1/roles/${role.id}/rights`, without)
  times.rights = await timeUntil(404, status(away, '/api/v1/leads'))
  await office.admin.expect(200, 'PUT', `/api/v1/roles/${role.id}/rights`, rights)
  times['rights back'] = await timeUntil(200, status(away, '/api/v1/leads'))
  // Settings
  const options = (name) => async () => (await there.expect(200, 'GET', '/api/v1/picklists')).industry.options.some((option) => option.value === name)
  const { industry } = await office.admin.expect(200, 'GET', '/api/v1/picklists')
  await office.admin.expect(204, 'PUT', '/api/v1/picklists/industry', { options: [...industry.options, { value: 'space', label: { 'zh-CN': '航天', 'zh-TW': '航太', en: 'Space' }, color: null, active: true }] })
  times.settings = await timeUntil(true, options('space'))
  const [rule] = await office.admin.all("/api/v1/duplicate_rules?$filter=object eq 'lead' and other eq 'lead' and kind eq 'phone'")
  await office.sellers[0].expect(201, 'POST', '/api/v1/leads', { company: '各处规则', name: '王', mobile: '13511119999' })
  const verdict = async () => (await there.expect(200, 'POST', '/api/v1/duplicates', { object: 'lead', values: { mobile: '13511119999' }, id: null })).verdict
  assert.equal(await verdict(), 'block')
  await office.admin.expect(200, 'PATCH', `/api/v1/duplicate_rules/${rule.id}`, { manual_exact: 'warn' }, { 'If-Match': '*' })
  times['duplicate rules'] = await timeUntil('warn', verdict)
  // Sessions
  assert.equal((await away.get('/api/v1/session')).status, 200)
  await person.again(office.nodes[0].origin).expect(204, 'POST', '/api/v1/session/sign_out_everywhere')
  times.session = await timeUntil(401, status(away, '/api/v1/session'))
  const leaver = office.sellers[people + 3].again(office.last())
  assert.equal((await leaver.get('/api/v1/session')).status, 200)
  await office.admin.expect(200, 'POST', `/api/v1/users/${office.sellers[people + 3].user.id}/deactivate`, {})
  times['leaving'] = await timeUntil(401, status(leaver, '/api/v1/session'))
  for (const [what, time] of Object.entries(times)) assert.ok(time <= within, `${what} took ${Math.round(time)} ms`)
  return times
}

// What lies in the queue is done once, though every node works on it: each reminder is one message.
async function remindersOnce(office) {
  const [owner] = office.sellers
  const count = 40 * size
  for (let i = 0; i < count; i += 1) {
    await owner.expect(201, 'POST', '/api/v1/tasks', { title: `提醒${i}`, due_at: new Date(Date.now() + 3_600_000).toISOString(), remind_before: [], remind_own_at: new Date(Date.now() + 500).toISOString() })
  }
  const told = async () => (await owner.all("/api/v1/notifications?$filter=kind eq 'task_due'&$top=500")).reduce((sum, one) => sum + one.count, 0)
  const begun = performance.now()
  while (await told() < count && performance.now() - begun < 60_000) await pause(200)
  const tables = look(office.place)
  const mine = tables.notification.filter((row) => row.kind === 'task_due' && row.user_id === owner.user.id)
  assert.equal(mine.reduce((sum, row) => sum + row.count, 0), count)
}

for (const kind of databases) {
  test(`many at once, on ${kind === 'postgres' ? 'two nodes with PostgreSQL' : 'one node with SQLite'}`, { timeout: 900_000 }, async (context) => {
    const office = await Office.open(kind)
    try {
      await context.test('each claimed record has one winner', () => claims(office))
      await context.test('the daily limit holds', () => quota(office))
      await context.test('the capacity holds', () => capacity(office))
      await context.test('codes are given once', () => numbering(office))
      await context.test('edits of one record follow one another', () => staleEdits(office))
      await context.test('stage histories are chains', () => stageMoves(office))
      await context.test('a repeated request is done once', () => retries(office))
      await context.test('a reminder comes once', () => remindersOnce(office))
      await context.test('rights, settings and sessions change everywhere within a second', async (inner) => {
        const times = await everywhereWithinASecond(office)
        inner.diagnostic(Object.entries(times).map(([what, time]) => `${what} ${Math.round(time)} ms`).join(', '))
      })
    } finally {
      await office.close()
    }
  })
}
