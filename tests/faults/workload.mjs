// People at work: they create, edit, claim, follow up, convert and move deals, and remember what the server acknowledged.
// invariants() looks at all tables of an archive; confirm() compares them with what was acknowledged.
import assert from 'node:assert/strict'
import { signInAll } from './support.mjs'

// New accounts that lie in the pool for everybody; some connections at once, because each write waits for the disk.
export async function addToPool(admin, pool, name, count) {
  const ids = []
  let number = 0
  await Promise.all(Array.from({ length: 8 }, async () => {
    const connection = admin.again()
    while (number < count) {
      number += 1
      const fields = { name: `${name}${number}号科技有限公司`, duplicate_reason: 'test' }
      ids.push((await connection.expect(201, 'POST', '/api/v1/accounts', fields)).id)
    }
    connection.close()
  }))
  for (let at = 0; at < ids.length; at += 100) {
    const answer = await admin.expect(200, 'POST', '/api/v1/accounts/return',
      { ids: ids.slice(at, at + 100), reason: 'no_need', pool_id: pool.id })
    assert.deepEqual(answer.failed, [])
  }
  return ids
}

// Prepares a company made by `kehai seed`: pooled accounts to claim and open deals to move.
export async function makeWorkload(server, { people = 8, pooled = 200 } = {}) {
  const logins = Array.from({ length: people }, (_, i) => `sales1_${1 + (i % 5)}_${2 + Math.floor(i / 5)}`)
  const [admin, ...sellers] = await signInAll(server.origin, ['admin', ...logins])
  const pool = (await admin.all('/api/v1/pools')).find((one) => one.kind === 'account')
  const ids = await addToPool(admin, pool, '待领', pooled)
  const stages = (await admin.all('/api/v1/stages')).filter((one) => one.kind === 'open')
  return new Workload({ admin, sellers, pooled: ids, stages })
}

export class Workload {
  constructor({ admin, sellers, pooled, stages }) {
    Object.assign(this, { admin, sellers, pooled, stages })
    this.number = 0
    this.acknowledged = []   // {table, id, version, fields, what}
    this.refused = new Map() // code → count: what the server declined with good reason
    this.broken = 0          // requests without an answer
    this.cut = 0             // of them: the answer had begun
    this.working = false
  }

  // Works until stop() or until the server is gone; stop() throws what went wrong besides lost connections.
  start(origin) {
    this.working = true
    this.done = Promise.all(this.sellers.map((seller) => this.#work(seller.again(origin)))).then(() => null, (error) => {
      this.working = false
      return error
    })
    return this
  }
  async stop() {
    this.working = false
    const error = await this.done
    if (error) throw error
  }

  async #work(client) {
    const own = { accounts: [], deals: [] }
    const steps = [this.#create, this.#edit, this.#claim, this.#follow, this.#convert, this.#edit, this.#move]
    for (let step = Math.floor(Math.random() * steps.length); this.working; step += 1) {
      try {
        await steps[step % steps.length].call(this, client, own)
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        this.broken += 1
        if (error.message === 'cut off') this.cut += 1
        if (!this.working || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' || error.message === 'cut off' ||
            error.message === 'socket hang up') break
        throw error
      }
    }
    client.close()
  }

  #note(table, answer, what, fields = {}) {
    const { id, version } = answer.json
    this.acknowledged.push({ table, id, version, what, fields })
    return answer.json
  }

  #refuse(answer, allowed) {
    const code = answer.json?.code ?? `status ${answer.status}`
    assert.ok(allowed.includes(answer.json?.code) || answer.status === 503, `${answer.status} ${JSON.stringify(answer.json)}`)
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
  }

  async #create(client, own) {
    const number = ++this.number
    const name = `负载${number}号${Math.random().toString(36).slice(2, 8)}有限公司`
    const answer = await client.post('/api/v1/accounts', { name, duplicate_reason: 'test' })
    if (answer.status !== 201) return this.#refuse(answer, ['duplicate.blocked'])
    own.accounts.push(this.#note('account', answer, 'created', { name, owner_id: client.user.id }))
  }

  async #edit(client, own) {
    const record = own.accounts.at(-1)
    if (!record) return
    const description = `第${++this.number}次`
    const answer = await client.request('PATCH', `/api/v1/accounts/${record.id}`, { description },
      { 'If-Match': `W/"${record.version}"` })
    if (answer.status !== 200) {
      own.accounts.pop()
      return this.#refuse(answer, ['record.stale'])
    }
    own.accounts[own.accounts.length - 1] = this.#note('account', answer, 'updated', { description })
  }

  async #claim(client) {
    const id = this.pooled[Math.floor(Math.random() * this.pooled.length)]
    const answer = await client.post(`/api/v1/accounts/${id}/claim`)
    if (answer.status !== 200) return this.#refuse(answer, ['pool.taken', 'pool.daily_limit', 'record.not_found', 'pool.capacity'])
    this.#note('account', answer, 'updated', { owner_id: client.user.id, pool_id: null })
  }

  async #follow(client, own) {
    const record = own.accounts[Math.floor(Math.random() * own.accounts.length)]
    if (!record) return
    const content = `电话沟通${++this.number}`
    const answer = await client.post('/api/v1/activities', { account_id: record.id, content, method: 'phone' })
    if (answer.status !== 201) return this.#refuse(answer, [])
    this.#note('activity', answer, 'created', { content, account_id: record.id })
    // Following up touches the account, so its version may be another one now.
    own.accounts.splice(own.accounts.indexOf(record), 1)
  }

  async #convert(client, own) {
    const number = ++this.number
    const company = `转化${number}号${Math.random().toString(36).slice(2, 8)}有限公司`
    const made = await client.post('/api/v1/leads', { company, name: '王伟', mobile: String(13_800_000_000 + number), duplicate_reason: 'test' })
    if (made.status !== 201) return this.#refuse(made, ['duplicate.blocked'])
    const lead = this.#note('lead', made, 'created', { company })
    const answer = await client.post(`/api/v1/leads/${lead.id}/convert`,
      { create_opportunity: true, amount: 1000 + number, expected_close_date: '2030-01-31', duplicate_reason: 'test' })
    if (answer.status !== 200) return this.#refuse(answer, ['duplicate.blocked', 'duplicate.needs_reason'])
    const converted = this.#note('lead', answer, 'updated', { status: 'converted' })
    own.deals.push(converted.opportunity_id)
  }

  async #move(client, own) {
    const id = own.deals[Math.floor(Math.random() * own.deals.length)]
    if (!id) return
    const stage = this.stages[Math.floor(Math.random() * this.stages.length)]
    const answer = await client.post(`/api/v1/opportunities/${id}/move_stage`, { stage_id: stage.id, reason: '测试' })
    if (answer.status !== 200) return this.#refuse(answer, ['opportunity.no_skipping', 'record.invalid'])
    this.#note('opportunity', answer, 'updated', {})
  }
}

// Every acknowledged change is there, with exactly one audit row of its version. `until`: only what was acknowledged before.
export function confirm(tables, workload, until = workload.acknowledged.length) {
  const byId = new Map()
  for (const table of ['account', 'lead', 'opportunity', 'activity']) {
    byId.set(table, new Map((tables[table] ?? []).map((row) => [row.id, row])))
  }
  const audits = new Map()
  for (const row of tables.audit_entry ?? []) {
    if (!['created', 'updated', 'deleted', 'restored'].includes(row.action)) continue
    const key = `${row.record_id}/${row.version}`
    audits.set(key, (audits.get(key) ?? 0) + 1)
  }
  const last = new Map()
  for (const change of workload.acknowledged.slice(0, until)) {
    const row = byId.get(change.table).get(change.id)
    assert.ok(row, `acknowledged ${change.table} ${change.id} is lost (${change.what})`)
    assert.ok(row.version >= change.version, `${change.table} ${change.id}: version ${row.version} < acknowledged ${change.version}`)
    assert.equal(audits.get(`${change.id}/${change.version}`), 1,
      `audit rows of ${change.table} ${change.id} version ${change.version} (${change.what})`)
    last.set(`${change.table}/${change.id}`, change)
  }
  for (const change of last.values()) {
    const row = byId.get(change.table).get(change.id)
    if (row.version !== change.version) continue  // a change without an answer came after
    for (const [field, value] of Object.entries(change.fields)) assert.equal(row[field], value, `${change.table} ${change.id}.${field}`)
  }
  return last.size
}

// Nothing is half-written, whatever happened.
export function invariants(tables) {
  const rows = (name) => tables[name] ?? []
  const ids = (name) => new Set(rows(name).map((row) => row.id))
  const accounts = ids('account')
  const opportunities = ids('opportunity')
  for (const object of ['account', 'lead']) {
    const open = new Map()
    for (const row of rows('ownership')) {
      if (row.object !== object || row.to_at !== null) continue
      assert.equal(open.has(row.record_id), false, `${object} ${row.record_id} has two present owners`)
      open.set(row.record_id, row)
    }
    for (const row of rows(object)) {
      if (row.deleted_at !== null || row.status === 'voided') continue
      assert.ok((row.owner_id === null) !== (row.pool_id === null), `${object} ${row.id}: owner xor pool`)
      const holder = open.get(row.id)
      assert.ok(holder, `${object} ${row.id} has no ownership row`)
      assert.deepEqual([holder.owner_id, holder.pool_id], [row.owner_id, row.pool_id], `holder of ${object} ${row.id}`)
    }
  }
  const history = new Map()
  for (const row of rows('stage_change')) history.set(row.opportunity_id, [...(history.get(row.opportunity_id) ?? []), row])
  for (const deal of rows('opportunity')) {
    const changes = (history.get(deal.id) ?? []).sort((a, b) => a.created_at - b.created_at || a.id - b.id)
    assert.ok(changes.length > 0, `opportunity ${deal.id} has no stage history`)
    // Changes of one millisecond may have ids of two blocks: follow the chain instead of the order.
    const next = new Map()
    for (const change of changes) next.set(change.from_stage_id, [...(next.get(change.from_stage_id) ?? []), change])
    assert.equal(next.get(null)?.length, 1, `opportunity ${deal.id} begins once`)
    assert.equal(changes.at(-1).to_stage_id, deal.stage_id, `opportunity ${deal.id} ends in its stage`)
    for (let i = 1; i < changes.length; i += 1) {
      assert.equal(changes[i].from_stage_id, changes[i - 1].to_stage_id, `stage history of ${deal.id} has a gap`)
    }
    assert.ok(accounts.has(deal.account_id), `opportunity ${deal.id} has no account`)
  }
  for (const lead of rows('lead')) {
    if (lead.status !== 'converted') continue
    assert.ok(accounts.has(lead.account_id), `lead ${lead.id} is converted without an account`)
    if (lead.opportunity_id !== null) assert.ok(opportunities.has(lead.opportunity_id), `lead ${lead.id} has no opportunity`)
  }
  for (const row of rows('activity')) {
    assert.ok(row.account_id === null || accounts.has(row.account_id), `activity ${row.id} of nothing`)
  }
  for (const object of ['account', 'lead', 'opportunity']) {
    const codes = rows(object).map((row) => row.code)
    assert.equal(new Set(codes).size, codes.length, `codes of ${object} are unique`)
  }
}
