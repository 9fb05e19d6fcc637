// Drives the real program over loopback: servers, clients, databases and command lines for the fault and load tests.
//   KEHAI_BINARY         the program (build/dev/src/app/kehai)
//   KEHAI_TEST_POSTGRES  postgres://…: tests also run on databases made there (tools/postgres_for_tests run …)
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
export const binary = path.resolve(process.env.KEHAI_BINARY ?? path.join(root, 'build/dev/src/app/kehai'))
export const isLong = process.env.KEHAI_LONG === '1' || process.argv.includes('--long')
export const password = 'kehai-seed-2026'

// ---- Places

const folders = []
export function newFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'kehai_fault_'))
  folders.push(folder)
  return folder
}
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const base = process.env.KEHAI_TEST_POSTGRES
export const databases = base ? ['sqlite', 'postgres'] : ['sqlite']
if (!base) console.log('SKIPPED: PostgreSQL: KEHAI_TEST_POSTGRES is not set')

let made = 0
// A new folder, and on PostgreSQL a new database: what every command gets.
export function newPlace(kind) {
  const place = { kind, data: path.join(newFolder(), 'data'), flags: [] }
  place.flags = ['--data', place.data]
  if (kind === 'postgres') {
    const name = `fault_${process.pid}_${++made}`
    const result = spawnSync('psql', [base, '-qc', `CREATE DATABASE ${name}`], { encoding: 'utf8' })
    if (result.status !== 0) throw new Error(`psql: ${result.stderr}`)
    const url = new URL(base)
    url.pathname = `/${name}`
    place.database = url.toString()
    place.flags.push('--database', place.database)
  }
  return place
}

// ---- Command lines

export function run(args, { input = '', timeout = 120_000, environment = {} } = {}) {
  const result = spawnSync(binary, args, {
    encoding: 'utf8', input, timeout, maxBuffer: 64e6, env: { ...process.env, LANG: 'C', ...environment },
  })
  return { code: result.status, out: result.stdout, err: result.stderr }
}

export function runWell(args, options) {
  const result = run(args, options)
  if (result.code !== 0) throw new Error(`kehai ${args.join(' ')}: exit ${result.code}\n${result.err}`)
  return result.out
}

// Runs beside the test, so that clients go on working.
export function runBeside(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C' } })
    let out = ''
    let err = ''
    child.stdout.on('data', (bytes) => { out += bytes })
    child.stderr.on('data', (bytes) => { err += bytes })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

// ---- Servers

const running = new Set()
const endAll = () => {
  for (const child of running) child.kill('SIGKILL')
}
process.on('exit', endAll)
// What a failed test leaves running would keep its file from ever ending. Other programs use this file, too.
if (process.env.NODE_TEST_CONTEXT) after(endAll)

export class Server {
  // Resolves when the server says that it is ready.
  // `files`: how many file descriptors the process may have.
  static start(place, more = [], { environment = {}, listen = '127.0.0.1:0', files } = {}) {
    const server = new Server()
    const begun = performance.now()
    server.place = place
    const [program, ...before] = files ? ['prlimit', `--nofile=${files}:${files}`, binary] : [binary]
    server.child = spawn(program, [...before, 'serve', ...place.flags, ...(listen ? ['--listen', listen] : []), ...more], {
      stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LANG: 'C', ...environment },
    })
    running.add(server.child)
    server.log = ''
    server.child.stderr.on('data', (bytes) => { server.log = (server.log + bytes).slice(-20_000) })
    server.ended = new Promise((resolve) => {
      server.child.on('close', (code, signal) => {
        running.delete(server.child)
        resolve({ code, signal })
      })
    })
    return new Promise((resolve, reject) => {
      let out = ''
      server.child.stdout.on('data', (bytes) => {
        if (server.origin) return  // what follows is the log of requests: long, and of no use here
        out += bytes
        const found = /ready at (https?:\/\/\S+)/.exec(out)
        if (!found) return
        server.origin = found[1]
        server.readyAfter = performance.now() - begun
        resolve(server)
      })
      server.child.on('error', reject)
      server.ended.then(({ code }) => reject(new Error(`the server ended with ${code}: ${server.log}`)))
    })
  }
  get pid() { return this.child.pid }
  get port() { return Number(new URL(this.origin).port) }
  kill() {
    this.child.kill('SIGKILL')
    return this.ended
  }
  stop() {
    this.child.kill('SIGTERM')
    return this.ended
  }
}

// ---- Clients

export class Client {
  constructor(origin) {
    this.origin = new URL(origin)
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    this.headers = { 'Accept-Language': 'en' }
  }
  // {status, json, bytes, headers}; rejects when the connection breaks: nothing was acknowledged then.
  request(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const isRaw = Buffer.isBuffer(body)  // then `headers` says what it is
      const bytes = body === undefined || isRaw ? body : JSON.stringify(body)
      const { pathname, search } = new URL(path, this.origin)  // escapes what is not escaped yet
      const request = http.request({
        agent: this.agent, host: this.origin.hostname, port: this.origin.port, method, path: pathname + search,
        headers: {
          ...this.headers, ...headers,
          ...(bytes === undefined ? {} : { 'Content-Length': Buffer.byteLength(bytes) }),
          ...(bytes === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }),
        },
      }, (response) => {
        const parts = []
        response.on('data', (part) => parts.push(part))
        response.on('error', reject)
        response.on('aborted', () => reject(new Error('cut off')))
        response.on('end', () => {
          const bytes = Buffer.concat(parts)
          const text = bytes.toString()
          let json
          try { json = text === '' ? undefined : JSON.parse(text) } catch { json = text }
          resolve({ status: response.statusCode, json, bytes, headers: response.headers })
        })
      })
      request.on('error', reject)
      request.setTimeout(60_000, () => request.destroy(new Error('no answer within 60 s')))
      request.end(bytes)
    })
  }
  get(path) { return this.request('GET', path) }
  post(path, body = {}, headers = {}) { return this.request('POST', path, body, headers) }
  // Throws unless the status is the wanted one.
  async expect(status, method, path, body, headers) {
    const answer = await this.request(method, path, body, headers)
    if (answer.status !== status) {
      throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${answer.bytes.toString().slice(0, 500)}`)
    }
    return answer.json
  }
  // One file as a form sends it.
  upload(path, name, content) {
    const body = Buffer.concat([
      Buffer.from(`--kehai\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n`),
      Buffer.from(content), Buffer.from('\r\n--kehai--\r\n'),
    ])
    return this.request('POST', path, body, { 'Content-Type': 'multipart/form-data; boundary=kehai' })
  }
  async signIn(login) {
    const answer = await this.request('POST', '/api/v1/session', { login, password })
    if (answer.status !== 200) throw new Error(`sign in ${login}: ${answer.status} ${JSON.stringify(answer.json)}`)
    this.headers.Cookie = answer.headers['set-cookie'][0].split(';')[0]
    this.headers['X-CSRF-Token'] = answer.json.csrf_token
    this.user = answer.json.user
    return this
  }
  // The same session on another connection, also with a restarted server.
  again(origin = this.origin) {
    const client = new Client(origin)
    client.headers = { ...this.headers }
    client.user = this.user
    return client
  }
  // Every record of a list, page by page.
  async all(path) {
    const records = []
    let next = path
    while (next) {
      const page = await this.expect(200, 'GET', next)
      records.push(...page.value)
      const link = page['@odata.nextLink']
      next = link ?? null
    }
    return records
  }
  close() { this.agent.destroy() }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

// Signs in one after the other: attempts at the same time would count as failed ones.
export async function signInAll(origin, logins) {
  const clients = []
  for (const login of logins) clients.push(await new Client(origin).signIn(login))
  return clients
}

// ---- Archives: an independent look at all tables

export function readArchive(bytes) {
  const tables = {}
  const entries = {}
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const name = bytes.subarray(at, at + 100).toString().replace(/\0.*$/s, '')
    const size = parseInt(bytes.subarray(at + 124, at + 135).toString(), 8)
    const content = bytes.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
    entries[name] = content
    const table = /^tables\/([^/]+)\//.exec(name)?.[1]
    if (!table) continue
    const [columns, ...rows] = gunzipSync(content).toString().trimEnd().split('\n').map((line) => JSON.parse(line))
    tables[table] ??= []
    for (const row of rows) tables[table].push(Object.fromEntries(columns.map((column, i) => [column, row[i]])))
  }
  return { tables, entries }
}

// The tables of a place as they are now, also beside a running server.
export function look(place) {
  const archive = path.join(newFolder(), 'look.tar')
  runWell(['backup', ...place.flags, archive])
  return readArchive(readFileSync(archive)).tables
}
