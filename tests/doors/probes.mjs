// Every way to ask the program for something. Each probe is asked as one person; what comes back is text.
import { inflateRawSync } from 'node:zlib'
import { Client, isLong, pause } from '../faults/support.mjs'
import { forbidden, sees } from './truth.mjs'

export const unknownId = 9_007_199_254_740_000  // within 53 bits, never given out

// The texts of all parts of an XLSX file, found by its central directory.
function unzip(bytes) {
  const texts = []
  let at = bytes.readUInt32LE(bytes.length - 22 + 16)
  while (bytes.readUInt32LE(at) === 0x02014b50) {
    const [size, nameLength, extraLength, commentLength] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32)]
    const local = bytes.readUInt32LE(at + 42)
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const part = bytes.subarray(begin, begin + size)
    texts.push((bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(part) : part).toString())
    at += 46 + nameLength + extraLength + commentLength
  }
  return texts.join('\n')
}

export class Asker {
  constructor(company, client, login) {
    Object.assign(this, { company, client, login })
    this.routes = new Set()   // `GET /api/v1/leads/{id}`: what has been asked
    this.count = 0
    this.answers = 0          // with status 200: a walk that is refused everywhere proves nothing
    this.listen = () => {}    // called with (what was asked, text of the answer, answer)
  }
  async ask(method, path, body, headers = {}) {
    const url = `/api/v1${path}`
    const answer = await this.client.request(method, url, body, headers)
    this.count += 1
    if (answer.status < 300) this.answers += 1
    if (answer.status >= 500 && answer.status !== 501) throw new Error(`${method} ${url} as ${this.login}: ${answer.status} ${JSON.stringify(answer.json)}`)
    const text = answer.bytes.subarray(0, 2).toString() === 'PK' ? unzip(answer.bytes) : answer.bytes.toString()
    this.routes.add(`${method} ${this.company.template(url)}`)
    this.listen(`${method} ${url}${body ? ` ${JSON.stringify(body)}` : ''}`, text + JSON.stringify(answer.headers), answer)
    return answer
  }
  get(path) { return this.ask('GET', path) }
}

// The short form asks about every eighth secret: each field of each object still comes in several times.
export const some = (secrets) => (isLong ? secrets : secrets.filter((_, i) => i % 8 === 0))

const quoted = (text) => `'${text}'`
const literal = (type, mark) => (type === 'money' ? mark : quoted(mark))
const encode = encodeURIComponent

// ---- Reading

async function lists(asker) {
  const { company } = asker
  for (const meta of Object.values(company.meta)) {
    const at = `/${meta.collection}`
    for (const form of ['$top=500', '$count=true', 'count=bounded', 'deleted=true&$top=500', '$format=csv', '$format=xlsx', '$select=id', '$search=q']) {
      await asker.get(`${at}?${form}`)
    }
    await asker.get(`${at}/$count`)
    const navigations = []
    for (const field of meta.fields) {
      const { name } = field
      await asker.get(`${at}?$select=id,${name}&$top=500`)
      await asker.get(`${at}?$orderby=${name}&$top=500&$select=id`)
      await asker.get(`${at}?$filter=${encode(`${name} ne null`)}&$top=500`)
      await asker.get(`${at}?$apply=${encode(`groupby((${name}),aggregate($count as n))`)}`)
      if (['reference', 'user', 'department'].includes(field.type) && name.endsWith('_id')) navigations.push(name.slice(0, -3))
    }
    for (const navigation of navigations) await asker.get(`${at}?$expand=${navigation}&$top=500`)
    if (navigations.length) await asker.get(`${at}?$expand=${navigations.join(',')}&$top=500`)
  }
}

async function singleRecords(asker) {
  const { company } = asker
  const everybody = Object.values(company.users).map(({ id }) => id).join(',')
  for (const record of company.records) {
    const meta = company.meta[record.object]
    const at = `/${meta.collection}/${record.id}`
    await asker.get(at)
    await asker.get(`${at}/timeline`)
    await asker.get(`${at}/members`)
    await asker.get(`${at}/unseeing?users=${everybody}`)
    await asker.get(`${at}/public_numbers`)
    for (const file of record.files) for (const form of ['', '?inline=true']) await asker.get(`${at}/files/${file}${form}`)
    for (const related of meta.related) await asker.get(`${at}/${company.meta[related.object].collection}`)
    for (const field of meta.fields) {
      if (field.type === 'reference' && field.name.endsWith('_id')) await asker.get(`${at}/${field.name.slice(0, -3)}`)
    }
  }
  for (const meta of Object.values(company.meta)) {
    for (const part of ['', '/timeline', '/members', '/unseeing', '/public_numbers', '/owner', `/files/${unknownId}`]) await asker.get(`/${meta.collection}/${unknownId}${part}`)
  }
  // What belongs to a record without being one.
  for (const { id } of company.records.filter((one) => one.object === 'opportunity')) await asker.get(`/opportunities/${id}/key_activities`)
  for (const { id } of await company.admin.all('/api/v1/stage_changes?$select=id')) {
    for (const part of ['', '/timeline', '/opportunity', '/owner']) await asker.get(`/stage_changes/${id}${part}`)
  }
  for (const part of ['', '/timeline', '/account', '/claimant', '/holder', '/decider']) await asker.get(`/arbitrations/${company.dispute.id}${part}`)
  for (const path of ['', '/deliveries', '/deliveries?status=waiting', '/user', '/timeline']) await asker.get(`/webhooks/${company.webhook.id}${path}`)
  for (const verb of ['show_secret', 'send_test', 'resume', 'deliveries/1/send']) await asker.ask('POST', `/webhooks/${company.webhook.id}/${verb}`, {})
  for (const { id } of (await company.admin.all('/api/v1/roles'))) await asker.get(`/roles/${id}/rights`)
}

async function pages(asker) {
  // The file of one record at the address of another that the person may read.
  const [mine] = asker.company.records.filter((one) => !one.deleted && sees(asker.company, asker.login, one).seen)
  for (const other of mine ? asker.company.records : []) {
    for (const file of other.id === mine.id ? [] : other.files) await asker.get(`/${asker.company.meta[mine.object].collection}/${mine.id}/files/${file}`)
  }
  // Somebody else's files cannot be made one's own: the answer is that for files that there are not.
  for (const other of asker.company.records.filter((one) => one.files.length).slice(0, 5)) {
    await asker.ask('POST', '/leads', { company: '借别人的文件', wechat: 'wx_borrow', attachments: other.files })
  }
  for (const path of ['/session', '/session/tokens', '/session/preferences', '/meta', '/$metadata', '/$metadata?$format=json', '/openapi.json', '/picklists', '/organisation', '/switches', '/regions',
    '/notifications?$top=500', '/notifications/unread_count', '/imports', '/workbench', '/workbench?scope=me', '/workbench?scope=department', '/workbench?scope=all',
    '/data_quality', '/data_quality/findings?$top=200', '/data_quality/export',
    '/opportunities/board', '/opportunities/board?owner=all', '/opportunities/board?owner=me']) await asker.get(path)
  await asker.ask('POST', '/data_quality/run', {})
}

// Words are looked for whole, by their beginning and, for numbers, by their end; the answers may contain what was asked for only
// where it may be seen.
async function searches(asker) {
  for (const { mark } of some(forbidden(asker.company, asker.login))) {
    for (const part of [mark, mark.slice(0, 6), mark.slice(-4)]) await asker.get(`/search?q=${encode(part)}&limit=50`)
  }
}

async function exports_(asker) {
  for (const id of asker.company.jobs.exports) {  // other people's
    await asker.get(`/exports/${id}`)
    await asker.get(`/exports/${id}/file`)
  }
  for (const object of Object.keys(asker.company.meta)) {
    for (const format of ['csv', 'xlsx']) {
      const begun = await asker.ask('POST', '/exports', { object, format })
      if (begun.status !== 202) continue
      await until(asker, `/exports/${begun.json.id}`, (job) => job.status === 'done' || job.status === 'failed')
      await asker.get(`/exports/${begun.json.id}/file`)
      asker.company.jobs.exports.push(begun.json.id)
    }
  }
}

async function until(asker, path, done) {
  for (let turn = 0; turn < 600; turn += 1) {
    const answer = await asker.get(path)
    if (answer.status !== 200 || done(answer.json)) return answer
    await pause(20)
  }
  throw new Error(`${path} does not end`)
}

// A file that repeats what must not be seen: neither the check nor the result may tell more than the file says.
async function imports(asker) {
  const { company, client } = asker
  for (const id of company.jobs.imports) {  // other people's
    for (const path of ['', '/rows?status=error', '/result?format=csv']) await asker.get(`/imports/${id}${path}`)
    for (const verb of ['apply', 'cancel', 'undo']) await asker.ask('POST', `/imports/${id}/${verb}`, {})
  }
  for (const object of ['account', 'contact', 'lead', 'opportunity']) {
    const meta = company.meta[object]
    const title = meta.title_field
    const hidden = company.records.filter((one) => one.object === object && !one.deleted && !sees(company, asker.login, one).seen)
    const phone = meta.fields.find((one) => one.type === 'phone')?.name
    const columns = [title, ...(phone ? [phone] : []), 'id']
    const lines = [columns.join(',')]
    for (const one of hidden) lines.push([one.marks[title], ...(phone ? [one.marks[phone]] : []), one.id].join(','))
    const upload = await client.upload('/api/v1/imports', { object }, 'rows.csv', `${lines.join('\n')}\n`)
    asker.routes.add('POST /api/v1/imports')
    // What the file itself says is known.
    const known = new Set(lines.join(',').split(','))
    const { listen } = asker
    asker.listen = (what, text, answer) => listen(what, text, answer, known)
    if (upload.status === 201) await oneImport(asker, upload.json.id, title, phone)
    asker.listen = listen
  }
}

async function oneImport(asker, id, title, phone) {
  asker.company.jobs.imports.push(id)
  const ended = (job) => !['validating', 'applying'].includes(job.status)
  for (const settings of [{ mode: 'create' }, { mode: 'update', key: title }, { mode: 'update', key: 'id' }]) {
    const mapping = { [title]: title, ...(phone ? { [phone]: phone } : {}), id: settings.key === 'id' ? 'id' : null }
    await asker.ask('PUT', `/imports/${id}/settings`, { mapping, duplicates: 'skip', ...settings })
    await asker.ask('POST', `/imports/${id}/validate`)
    await until(asker, `/imports/${id}`, ended)
    for (const status of ['error', 'duplicate', 'good']) await asker.get(`/imports/${id}/rows?status=${status}&$top=500`)
    await asker.get(`/imports/${id}/result?format=csv`)
    await asker.get(`/imports/${id}/result?format=xlsx&rows=rejected`)
  }
}

async function duplicates(asker) {
  const { company } = asker
  await asker.ask('POST', '/duplicates/join', { ticket: 'no ticket' })
  await asker.ask('POST', '/duplicates/arbitrate', { ticket: 'no ticket', evidence: 'q' })
  for (const { mark, object, field } of some(forbidden(company, asker.login))) {
    const type = company.meta[object].fields.find((one) => one.name === field).type
    const value = type === 'email' ? `${mark}@example.cn` : mark
    for (const [asked, name] of [[object, field], ['lead', 'company'], ['account', 'name'], ['contact', 'mobile']]) {
      const answer = await asker.ask('POST', '/duplicates', { object: asked, values: { [name]: value }, id: null })
      for (const { ticket } of answer.json?.hits ?? []) {
        if (!ticket) continue
        await asker.ask('POST', '/duplicates/join', { ticket })
        await asker.ask('POST', '/duplicates/arbitrate', { ticket })
      }
    }
  }
}

async function batches(asker) {
  const { company } = asker
  for (let at = 0; at < company.records.length; at += 50) {
    const requests = company.records.slice(at, at + 50).map((record, i) =>
      ({ id: String(i), method: 'GET', url: `${company.meta[record.object].collection}/${record.id}` }))
    await asker.ask('POST', '/$batch', { requests })
  }
}

// Side by side with a record of one's own kind, seen or not. Merging is asked for with versions that nobody has: it changes nothing.
async function merges(asker) {
  const { company } = asker
  for (const object of ['account', 'contact', 'lead']) {
    const at = `/${company.meta[object].collection}`
    const records = company.records.filter((one) => one.object === object && !one.deleted)
    for (let i = 0; i + 1 < records.length; i += 1) {
      const pair = [records[i].id, records[i + 1].id]
      await asker.ask('POST', `${at}/merge_preview`, { records: pair.map((id) => ({ id })) })
      const refused = await asker.ask('POST', `${at}/merge`, { master_id: pair[0], records: pair.map((id) => ({ id, version: 0 })) })
      if (refused.status < 400) throw new Error(`${at}/merge as ${asker.login}: ${refused.status}`)
    }
  }
  await asker.ask('POST', `/merges/${unknownId}/undo`, {})
}

export const readings = { lists, singleRecords, pages, searches, exports: exports_, imports, duplicates, batches, merges }

// ---- Asking with a word, for comparison with a word that nobody has

// Questions whose answers would differ if the word were looked at.
export function questions(company, { mark, object, field }) {
  const meta = company.meta[object]
  const type = meta.fields.find((one) => one.name === field).type
  const asks = (word) => {
    const value = literal(type, word)
    const conditions = [`${field} eq ${value}`, `${field} ne ${value}`, `not (${field} eq ${value})`, `${field} in (${value})`]
    if (type === 'money') conditions.push(`${field} gt ${Number(word) - 1} and ${field} lt ${Number(word) + 1}`)
    else conditions.push(`contains(${field},${value})`, `startswith(${field},${value})`, `${field} ge ${value} and ${field} le ${value}`, `case(${field} eq ${value}:true,true:false)`)
    const paths = conditions.map((condition) => `/${meta.collection}/$count?$filter=${encode(condition)}`)
    paths.push(`/${meta.collection}?$filter=${encode(conditions[0])}&$select=id`)
    paths.push(`/${meta.collection}?$apply=${encode(`filter(${conditions[0]})/aggregate($count as n)`)}`)
    paths.push(`/${meta.collection}?$search=${encode(word)}&$select=id`, `/search?q=${encode(word)}`)
    // The same by way of what refers to the record.
    for (const other of Object.values(company.meta)) {
      const reference = other.fields.find((one) => one.type === 'reference' && one.target === object && !one.multiple && one.name.endsWith('_id'))
      if (!reference) continue
      const path = `${reference.name.slice(0, -3)}/${field}`
      paths.push(`/${other.collection}/$count?$filter=${encode(`${path} eq ${value}`)}`)
      if (type !== 'money') paths.push(`/${other.collection}/$count?$filter=${encode(`contains(${path},${value})`)}`)
    }
    return paths
  }
  const { mark: strange } = company.unheardOf(type)
  const known = asks(mark)
  const unknown = asks(strange)
  return known.map((path, i) => ({ known: path, unknown: unknown[i], mark, strange }))
}

// ---- Writing to what may not be seen: the same answer as for an id that never was

export function writings(company, login) {
  const found = []
  for (const record of company.records) {
    if (record.deleted || sees(company, login, record).seen) continue
    const meta = company.meta[record.object]
    const both = (method, path, body, headers) => found.push({
      method, body, headers, known: `/${meta.collection}/${record.id}${path}`, unknown: `/${meta.collection}/${unknownId}${path}`,
    })
    both('PATCH', '', { description: 'x' }, { 'If-Match': '*' })
    both('PATCH', '', { nothing_of_this_name: 1 }, { 'If-Match': '*' })
    both('PATCH', '', { description: 'x' })
    both('DELETE', '', undefined, { 'If-Match': '*' })
    both('POST', '/restore')
    for (const action of meta.actions.filter((one) => one.on === 'record')) both('POST', `/${action.name}`, {})
    for (const action of meta.actions.filter((one) => one.bulk)) {
      found.push({ method: 'POST', known: `/${meta.collection}/${action.name}`, body: { ids: [record.id] }, unknownBody: { ids: [unknownId] },
        unknown: `/${meta.collection}/${action.name}`, ids: [record.id, unknownId] })
    }
  }
  // Naming it in something new.
  for (const record of company.records) {
    if (record.deleted || sees(company, login, record).seen) continue
    for (const object of ['contact', 'opportunity', 'activity', 'task']) {
      const meta = company.meta[object]
      const reference = meta.fields.find((one) => one.type === 'reference' && one.target === record.object && !one.multiple && !one.read_only)
      if (!reference) continue
      const body = (id) => ({ name: '新', title: '新', content: '新', method: 'phone', amount: 1, expected_close_date: '2027-03-31', [reference.name]: id })
      const fields = (id) => Object.fromEntries(Object.entries(body(id)).filter(([name]) => meta.fields.some((one) => one.name === name)))
      found.push({ method: 'POST', known: `/${meta.collection}`, unknown: `/${meta.collection}`, body: fields(record.id), unknownBody: fields(unknownId), ids: [record.id, unknownId] })
    }
  }
  return found
}

// A client that also sends files.
export class UploadClient extends Client {
  async upload(path, fields, name, content) {
    const boundary = '----kehai'
    const parts = Object.entries(fields).map(([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`)
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n--${boundary}--\r\n`)
    const response = await fetch(new URL(path, this.origin), {
      method: 'POST', body: parts.join(''), headers: { ...this.headers, 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    })
    const text = await response.text()
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
  }
}
