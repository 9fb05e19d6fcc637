// What the load program and bin/bench share: requests against a running server, closed loop (each client asks again at once) or open
// loop (a fixed rate, whatever the server does), bounded in number and time, with the server's CPU time.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { Client } from '../faults/support.mjs'

const ticks = 100  // USER_HZ, which Linux promises to programs

// Of the processes and their children: PostgreSQL's server has one per connection.
export function cpuSeconds(...pids) {
  const wanted = new Set(pids.filter(Boolean).map(String))
  let used = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
      // A child that ended has left its time with its parent.
      if (wanted.has(pid)) used += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])
      else if (wanted.has(fields[1])) used += Number(fields[11]) + Number(fields[12])
    } catch {
      // The process ended meanwhile.
    }
  }
  return used / ticks
}
export const memoryMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

const bytesOf = (origin, headers, { method = 'GET', path, body }) => {
  const bytes = body === undefined ? '' : JSON.stringify(body)
  const lines = Object.entries({ Host: origin.host, ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(bytes) }) })
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${bytes}`)
}

// As many requests as are different, each with the sign-in of one of the sessions.
const written = ({ origin, sessions, make, different }) =>
  Array.from({ length: different }, (_, number) => bytesOf(origin, sessions[number % sessions.length].headers, make(number)))

// One keep-alive connection that reads no more of an answer than its status and length: whatever the load program does takes the cores
// that the server needs.
class Connection {
  constructor(origin) {
    this.socket = net.connect(Number(origin.port), origin.hostname).setNoDelay(true)
    this.socket.on('data', (bytes) => this.take(bytes))
    this.socket.on('error', (error) => this.done?.reject(error))
    this.socket.on('close', () => this.done?.reject(new Error('the connection was closed')))
  }
  // The status of the answer, once all of it is there.
  send(request) {
    return new Promise((resolve, reject) => {
      this.done = { resolve, reject }
      this.head = ''
      this.left = undefined
      this.socket.write(request)
    })
  }
  take(bytes) {
    if (this.left === undefined) {
      const before = this.head.length
      this.head += bytes.latin1Slice()
      const end = this.head.indexOf('\r\n\r\n')
      if (end < 0) return
      this.status = Number(this.head.slice(9, 12))
      this.left = Number(/\r\ncontent-length: *(\d+)/i.exec(this.head.slice(0, end))?.[1] ?? 0) + end + 4 - before
    }
    this.left -= bytes.length
    if (this.left <= 0) this.done.resolve(this.status)
  }
}

// A fixed number per second, whatever the server does. Late is late: the wait counts from when a request was due.
async function openLoop(origin, { sessions, clients, make, seconds, rate, different = 2000 }) {
  const requests = written({ origin, sessions, make, different })
  const total = seconds * rate
  const times = []
  let refused = 0
  let next = 0
  const begun = performance.now()
  const due = (number) => begun + (number / rate) * 1000
  const work = async () => {
    const connection = new Connection(origin)
    while (next < total) {
      const number = next++
      const early = due(number) - performance.now()
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
      const from = Math.min(due(number), performance.now())  // a timer may be a little early
      const status = await connection.send(requests[number % requests.length])
      times.push(performance.now() - from)
      if (status >= 300) refused += 1
    }
    connection.socket.destroy()
  }
  await Promise.all(Array.from({ length: clients }, work))
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return { requests: times.length, seconds: (performance.now() - begun) / 1000, refused, p50: at(0.5), p99: at(0.99) }
}

// Every client asks again at once: wrk sends what was written down before, for it takes the least of the cores that the server needs.
async function closedLoop(origin, { sessions, clients, make, seconds, different = 2000 }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kehai-load-'))
  const [file, answer] = ['requests', 'result'].map((name) => path.join(folder, name))
  try {
    const requests = written({ origin, sessions, make, different })
    writeFileSync(file, Buffer.concat(requests.flatMap((request) => [Buffer.from(`${request.length}\n`), request])))
    const wrk = ['-t1', `-c${clients}`, `-d${seconds}s`, '--timeout', '30s', '-s', path.join(import.meta.dirname, 'requests.lua'), origin.origin, '--', file, answer]
    await promisify(execFile)('wrk', wrk, { timeout: (seconds + 60) * 1000 })
    const result = JSON.parse(readFileSync(answer, 'utf8'))
    if (result.broken > 0) throw new Error(`${result.broken} requests had no answer`)
    return { requests: result.requests, seconds: result.duration / 1e6, refused: result.refused, p50: result.p50 / 1000, p99: result.p99 / 1000 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// {requests, seconds, refused, p50, p99 in ms, cpu in µs per request}. `rate` per second makes it an open loop; `different`: how many requests
// are made before they begin again.
export async function measure({ server, database, ...work }) {
  const origin = new URL(server.origin)
  const used = [cpuSeconds(server.pid), database ? cpuSeconds(database) : 0]
  const result = await (work.rate ? openLoop(origin, work) : closedLoop(origin, work))
  const cpu = (pid, before) => ((cpuSeconds(pid) - before) / result.requests) * 1e6
  return { ...result, cpu: cpu(server.pid, used[0]), database_cpu: database ? cpu(database, used[1]) : 0 }
}

// People of a seeded company: one with few rows, one of an area, one who sees everything. `crowd` has each of them signed in so many times,
// for the server lets one signed-in client have only a few requests at a time; `crowd.sellers` are different people.
export async function signIn(server, clients) {
  const people = { sales: 'sales1_1_2', manager: 'manager1', admin: 'admin' }
  const sessions = { crowd: {} }
  const all = (logins) => Promise.all(logins.map((login) => new Client(server.origin).signIn(login)))
  for (const [role, login] of Object.entries(people)) {
    const crowd = await all(Array.from({ length: clients }, () => login))
    sessions[role] = crowd[0]
    sessions.crowd[role] = crowd
  }
  const { value: sellers } = await sessions.admin.expect(200, 'GET', `/api/v1/users?$filter=startswith(login,'sales')&$select=id,login&$top=${clients}`)
  sessions.crowd.sellers = await all(sellers.map(({ login }) => login))
  return sessions
}

// Resolves when the server has nothing to do any more: what jobs find after seeding (the data quality of everything) would be counted with
// the requests otherwise. Ten quiet seconds: a job that waits for a disk or a busy PostgreSQL is not done. Returns the seconds it took.
export async function calm(server) {
  const begun = performance.now()
  for (let quiet = 0; quiet < 10;) {
    if (performance.now() - begun > 1_800_000) throw new Error('the server does not come to rest')
    const before = cpuSeconds(server.pid)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    quiet = cpuSeconds(server.pid) - before < 0.05 ? quiet + 1 : 0
  }
  return (performance.now() - begun) / 1000
}

// [what, sessions, clients, request by number, different ones] by name.
export async function usualWorks(sessions, clients) {
  const { crowd } = sessions
  const page = await sessions.sales.expect(200, 'GET', '/api/v1/accounts?$top=500&$select=id,name')
  const own = page.value
  const pick = (list) => list[Math.floor(Math.random() * list.length)]
  const words = ['云恒', '上海', 'zhineng', 'shzn', '科技', '138', '有限公司']
  let number = 0
  const batch = Math.random().toString(36).slice(2, 7)
  // Numbers of their own: with those of earlier runs the duplicate check would find more each time.
  const firstPhone = Math.floor(Math.random() * 99_000_000)
  const list = (query) => () => ({ path: encodeURI(`/api/v1/accounts?${query}`) })
  const search = () => ({ path: encodeURI(`/api/v1/search?q=${pick(words)}&limit=20`) })
  const newest = '$orderby=updated_at desc&$top=50'
  return {
    create: ['create an account', crowd.sellers, clients, () => {
      number += 1
      return { method: 'POST', path: '/api/v1/accounts', body: { name: `压测${batch}${number}号设备有限公司`, phone: `139${String(firstPhone + number).padStart(8, '0')}`, duplicate_reason: 'load' } }
    }, 100_000],
    own: ['list page, own', crowd.sales, clients, list(`${newest}&$filter=owner_id eq @me`)],
    list: ['list page, own scope', crowd.sales, clients, list(newest)],
    department: ['list page, department', crowd.manager, clients, list(newest)],
    all: ['list page, all', crowd.admin, clients, list(newest)],
    read: ['read one record', crowd.sales, clients, () => ({ path: `/api/v1/accounts/${pick(own).id}` })],
    search: ['search, admin', crowd.admin, clients, search],
    search_own: ['search, sales', crowd.sales, clients, search],
    duplicates: ['duplicate check', crowd.sales, clients, () => ({ method: 'POST', path: '/api/v1/duplicates', body: { object: 'account', values: { name: '杭州华星科技有限公司' } } })],
    count: ['count, bounded, beside a page', crowd.manager, clients, list(`${newest}&count=bounded`)],
  }
}
