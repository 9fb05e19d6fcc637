// A company to be looked at from all sides: people with different rights, and records whose every free field holds a mark,
// a word or number that occurs nowhere else.
import { allowed } from '../faults/receiver.mjs'
import { isLong, newPlace, password, runWell, Server } from '../faults/support.mjs'
import { UploadClient } from './probes.mjs'

export const objects = ['account', 'contact', 'lead', 'opportunity', 'activity', 'task']

// {value: what is written, mark: what must not come out}, all by chance, but the same in every run: each company draws numbers
// of its own, so that two can be made side by side.
class Draw {
  #state = 20260101
  #number = 0
  #random(below) {
    this.#state = (this.#state * 1103515245 + 12345) % 2147483648
    return Math.floor(this.#state / 65536) % below
  }
  #word() {
    const letters = 'abcdefghjkmnpqrstuvwxyz'
    return `q${Array.from({ length: 9 }, () => letters[this.#random(letters.length)]).join('')}`
  }
  #makers = {
    text: (mark = this.#word()) => ({ value: mark, mark }),
    long_text: (mark = this.#word()) => ({ value: `写的是 ${mark}`, mark }),
    address: (mark = this.#word()) => ({ value: `${mark}路1号`, mark }),
    phone: (mark = `13${String(100000000 + this.#random(30000) * 30000 + ++this.#number)}`) => ({ value: mark, mark }),
    email: (mark = this.#word()) => ({ value: `${mark}@example.cn`, mark }),
    url: (mark = this.#word()) => ({ value: `https://${mark}.example.cn`, mark }),
    // Name and content hold the mark; the value is made by uploading.
    file: (mark = this.#word()) => ({ value: mark, mark }),
    money: (mark = String(1000000 + this.#random(30000) * 300 + ++this.#number)) => ({ value: Number(mark), mark }),
  }
  knows(type) { return Object.hasOwn(this.#makers, type) }
  make(type) { return this.#makers[type]() }
}

// How people are set in the company; `rights` undefined = a built-in role.
const everything = (scope, more = {}) => ({
  objects: [...objects, 'stage_change'].map((object) => ({ object, actions: ['read', 'edit', 'export', 'import'], scope, ...(more[object] ? { fields: more[object] } : {}) })),
})
const hide = (...fields) => fields.map((field) => ({ field, rule: 'hidden' }))
const mask = (...fields) => fields.map((field) => ({ field, rule: 'read', mask: true }))
export const people = [
  { login: 'boss', role: 'manager', department: '华东' },
  { login: 'ann', role: 'sales', department: '华东', superior: 'boss' },
  { login: 'bob', role: 'sales', department: '华南' },
  { login: 'fin', role: 'finance', department: '总部' },
  { login: 'srv', role: 'service', department: '总部' },
  { login: 'view', role: 'viewer', department: '总部' },
  { login: 'lead_of_ann', role: 'superior', department: '华南', above: ['ann'], rights: everything('subordinates') },
  { login: 'south', role: 'south_only', department: '总部', rights: everything('departments'), chosen: '华南' },
  { login: 'clerk', role: 'clerk', department: '总部', rights: everything('all', {
    account: [...hide('name', 'former_names', 'email', 'annual_revenue', 'description', 'attachments'), ...mask('phone')],
    contact: [...hide('email', 'wechat', 'preferences', 'account_id'), ...mask('mobile', 'phone')],
    lead: [...hide('company', 'address', 'bant_note'), ...mask('mobile', 'phone')],
    opportunity: hide('amount', 'need', 'account_id'),
    activity: hide('content', 'attachments'),
    task: hide('title'),
  }) },
  { login: 'mate', role: 'sales', department: '总部' },  // owns nothing, is a member of one customer, one lead and one deal
  { login: 'nobody', role: null, department: '华东' },
]
// The short form walks the second database with those whose rights differ most.
export const walkers = (kind) => (isLong || kind === 'sqlite' ? people : people.filter(({ login }) => ['boss', 'bob', 'clerk', 'mate'].includes(login)))
const owners = ['ann', 'bob', 'boss']
const poolHides = { account: ['phone', 'email', 'address', 'description'], lead: ['mobile', 'phone', 'email', 'bant_note', 'attachments'] }

export class Company {
  #draw = new Draw()
  // A word or number of the same shape that no record holds.
  unheardOf(type) { return this.#draw.make(type) }

  static async open(kind) {
    const company = new Company()
    try {
      return await company.#build(kind)
    } catch (error) {
      company.server?.kill()
      throw error
    }
  }
  async #build(kind) {
    const place = newPlace(kind)
    runWell(['user', 'add', ...place.flags, '--login', 'admin', '--name', '管理员', '--role', 'admin', '--password-stdin'], { input: `${password}\n` })
    this.server = await Server.start(place, allowed)
    this.admin = await new UploadClient(this.server.origin).signIn('admin')
    await this.#hire()
    await this.#openPools()
    this.meta = Object.fromEntries((await this.admin.expect(200, 'GET', '/api/v1/meta')).objects.map((one) => [one.name, one]))
    this.records = []
    this.jobs = { exports: [], imports: [] }
    this.sessions = Object.fromEntries(await Promise.all(owners.map(async (owner) => [owner, await this.signIn(owner)])))
    await this.#fill()
    await this.#readRoutes()
    return this
  }

  // ---- Routes

  // `METHOD /path/{id}` as the program itself lists them.
  async #readRoutes() {
    const { paths } = await this.admin.expect(200, 'GET', '/api/v1/openapi.json')
    this.routes = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    // Paths without parameters come first: /opportunities/board is no record.
    this.templates = Object.keys(paths).sort((a, b) => a.split('{').length - b.split('{').length)
      .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('$', '\\$').replace(/\{\w+\}/g, '[^/]+')}$`) }))
  }
  template(url) {
    const path = url.split('?')[0]
    return this.templates.find((one) => one.pattern.test(path))?.path ?? path
  }

  // ---- People

  async #hire() {
    const { admin } = this
    this.departments = {}
    const make = async (name, parent) => {
      this.departments[name] = (await admin.expect(201, 'POST', '/api/v1/departments', { name, parent_id: parent ?? null })).id
    }
    await make('总部')
    await make('华东', this.departments.总部)
    await make('华南', this.departments.总部)
    const roles = Object.fromEntries((await admin.all('/api/v1/roles')).map((role) => [role.name, role.id]))
    this.rights = {}
    this.users = { admin: { id: admin.user.id, superior: null } }
    for (const person of people) {
      if (person.rights) {
        roles[person.role] = (await admin.expect(201, 'POST', '/api/v1/roles', { name: person.role, label: person.role })).id
        const rights = structuredClone(person.rights)
        if (person.chosen) for (const one of rights.objects) one.departments = [this.departments[person.chosen]]
        await admin.expect(200, 'PUT', `/api/v1/roles/${roles[person.role]}/rights`, rights)
      }
      const made = await admin.expect(201, 'POST', '/api/v1/users', {
        login: person.login, name: `${person.login}员工`, password, department_id: this.departments[person.department],
        superior_id: person.superior ? this.users[person.superior].id : null, role_ids: person.role ? [roles[person.role]] : [],
      })
      this.users[person.login] = { id: made.id, department: person.department, superior: person.superior ?? null }
      const granted = person.role ? await admin.expect(200, 'GET', `/api/v1/roles/${roles[person.role]}/rights`) : { objects: [] }
      this.rights[person.login] = Object.fromEntries(granted.objects.map((one) => [one.object, one]))
      for (const below of person.above ?? []) {
        await admin.expect(200, 'PATCH', `/api/v1/users/${this.users[below].id}`, { superior_id: made.id }, { 'If-Match': '*' })
        this.users[below].superior = person.login
      }
    }
  }

  async #openPools() {
    this.pools = {}
    for (const kind of ['account', 'lead']) {
      const pool = (await this.admin.all(`/api/v1/pools?$filter=kind eq '${kind}'`))[0]
      await this.admin.expect(200, 'PATCH', `/api/v1/pools/${pool.id}`,
        { member_department_ids: [this.departments.华东], hidden_fields: poolHides[kind] }, { 'If-Match': '*' })
      this.pools[kind] = { id: pool.id, department: '华东', hides: poolHides[kind] }
    }
  }

  // The person's own session.
  async signIn(login) { return new UploadClient(this.server.origin).signIn(login) }

  // ---- Records

  async #fill() {
    for (const owner of owners) {
      for (let turn = 0; turn < 2; turn += 1) await this.#family(owner, owners[(owners.indexOf(owner) + 1) % owners.length])
    }
    for (const kind of ['account', 'lead']) {
      for (let turn = 0; turn < 2; turn += 1) {
        const record = await this.#make(this.admin, kind, 'admin', {})
        await this.admin.expect(200, 'POST', `/api/v1/${this.meta[kind].collection}/${record.id}/return`,
          { reason: 'no_need', pool_id: this.pools[kind].id })
        Object.assign(record, { owner: null, pool: kind })
      }
    }
    await this.#erase('account', 'bob')
    await this.#erase('lead', 'ann')
    await this.#join('account', 'ann', 'mate', 'read')
    await this.#join('lead', 'bob', 'mate', 'edit')
    await this.#join('opportunity', 'bob', 'mate', 'read')
    await this.#dispute('account', 'ann', 'bob')
    await this.#addWebhook()
    await this.#change()
  }

  // Somebody claims what he may not see. Nobody above the owner may decide: it waits for the administrators.
  async #dispute(object, owner, claimant) {
    const record = this.records.find((one) => one.object === object && one.owner === owner && !one.deleted)
    const { hits } = await this.sessions[claimant].expect(200, 'POST', '/api/v1/duplicates', { object, values: { name: record.marks.name }, id: null })
    const { mark } = this.#draw.make('text')
    const made = await this.sessions[claimant].expect(201, 'POST', '/api/v1/duplicates/arbitrate', { ticket: hits.find((hit) => hit.ticket).ticket, evidence: mark })
    this.dispute = { id: made.id, mark, seenBy: ['admin', owner, claimant, 'view'] }
  }

  // Its address is often a secret of its own.
  async #addWebhook() {
    const { value: url, mark } = this.#draw.make('url')
    const webhook = { name: 'ERP', url, user_id: this.admin.user.id, objects: ['account'], is_active: false }
    this.webhook = { id: (await this.admin.expect(201, 'POST', '/api/v1/webhooks', webhook)).id, mark }
  }

  async #join(object, owner, login, access) {
    const record = this.records.find((one) => one.object === object && one.owner === owner && !one.deleted)
    await this.admin.expect(200, 'POST', `/api/v1/${this.meta[object].collection}/${record.id}/add_members`, { user_ids: [this.users[login].id], access })
    record.members = { [login]: access }
  }

  // A customer with everything that hangs on it; the other person owns a contact and follows up there.
  async #family(owner, other) {
    const client = this.admin
    const account = await this.#make(client, 'account', owner, {})
    const under = { account_id: account.id }
    const contact = await this.#make(client, 'contact', owner, under, account)
    await this.#make(client, 'contact', other, under, account)
    const deal = await this.#make(client, 'opportunity', owner, { ...under, contact_id: contact.id, expected_close_date: '2027-03-31' }, account)
    const lead = await this.#make(client, 'lead', owner, {})
    for (const [field, target] of [['account_id', account], ['contact_id', contact], ['opportunity_id', deal], ['lead_id', lead]]) {
      // Who follows up is the author, and owns it.
      const activity = await this.#make(this.sessions[owner], 'activity', owner, { [field]: target.id, method: 'phone', contact_ids: [contact.id] }, target)
      await this.#make(this.sessions[owner], 'activity_comment', owner, { activity_id: activity.id }, activity)
      await this.#make(client, 'task', owner, { [field]: target.id }, target)
    }
  }

  async #make(client, object, owner, fixed, parent = null) {
    const meta = this.meta[object]
    const fields = { ...fixed }
    const marks = {}
    const files = []
    for (const field of meta.fields) {
      if (field.read_only || fields[field.name] !== undefined || !this.#draw.knows(field.type) || field.name === 'uscc') continue
      const { value: drawn, mark } = this.#draw.make(field.type)
      const value = field.type === 'file' ? await this.#upload(client, mark) : drawn
      fields[field.name] = field.multiple ? [value] : value
      if (field.type === 'file') files.push(value)
      marks[field.name] = mark
    }
    const made = await client.expect(201, 'POST', `/api/v1/${meta.collection}`, { ...fields, duplicate_reason: 'test', owner_id: this.users[owner].id })
    // A rule may have taken something away again; only what was kept is a secret.
    const kept = JSON.stringify(made)
    for (const [field, mark] of Object.entries(marks)) if (!kept.includes(mark)) delete marks[field]
    const record = { object, id: made.id, owner, pool: null, parent: parent && { object: parent.object, id: parent.id, owner: parent.owner }, marks, files, deleted: false }
    this.records.push(record)
    return record
  }

  async #upload(client, mark) {
    const { status, json } = await client.upload('/api/v1/files', {}, `${mark}.txt`, `写的是 ${mark}`)
    if (status !== 201) throw new Error(`upload: ${status} ${JSON.stringify(json)}`)
    return json.id
  }

  async #erase(object, owner) {
    const record = this.records.find((one) => one.object === object && one.owner === owner && !one.parent)
    const alone = await this.#make(this.admin, object, record.owner, {})
    await this.admin.expect(204, 'DELETE', `/api/v1/${this.meta[object].collection}/${alone.id}`, undefined, { 'If-Match': '*' })
    alone.deleted = true
  }

  // The old value stays a secret too: it is in the audit trail and in the timeline.
  async #change() {
    for (const record of this.records.filter((one) => !one.deleted && one.owner && !['activity', 'activity_comment'].includes(one.object))) {
      const meta = this.meta[record.object]
      const field = meta.fields.find((one) => ['text', 'long_text'].includes(one.type) && record.marks[one.name] && !one.multiple)
      const { value, mark } = this.#draw.make(field.type)
      await this.admin.expect(200, 'PATCH', `/api/v1/${meta.collection}/${record.id}`, { [field.name]: value, duplicate_reason: 'test' }, { 'If-Match': '*' })
      record.old = { field: field.name, mark: record.marks[field.name] }
      record.marks[field.name] = mark
    }
  }

  async close() {
    const { code } = await this.server.stop()
    if (code !== 0) throw new Error(`the server ended with ${code}: ${this.server.log}`)
  }
}
