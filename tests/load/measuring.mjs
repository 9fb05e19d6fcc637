// What the load program and bin/bench share: requests against a running server, closed loop (each client asks again at once) or open
// loop (a fixed rate, whatever the server does), bounded in number and time, with the server's CPU time.
import { readFileSync, readdirSync } from 'node:fs'
import http from 'node:http'
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

// The body is only counted: parsing JSON here would cost more than the server's work.
function send(agent, origin, headers, { method = 'GET', path, body }) {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : JSON.stringify(body)
    const request = http.request({
      agent, host: origin.hostname, port: origin.port, method, path,
      headers: bytes === undefined ? headers : { ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(bytes) },
    }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(bytes)
  })
}

// {requests, seconds, p50, p99 in ms, cpu in µs per request, statuses}. `rate` per second makes it an open loop.
export async function measure({ server, database, sessions, clients, make, seconds, most = 200_000, rate = 0 }) {
  const origin = new URL(server.origin)
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients })
  const times = []
  const statuses = new Map()
  const end = performance.now() + seconds * 1000
  const one = async (client, start) => {
    const status = await send(agent, origin, sessions[client % sessions.length].headers, make(client))
    times.push(performance.now() - start)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const cpu = cpuSeconds(server.pid)
  const databaseCpu = database ? cpuSeconds(database) : 0
  const begun = performance.now()
  if (rate > 0) {
    const open = new Set()
    for (let sent = 0; performance.now() < end && sent < most;) {
      for (; sent < ((performance.now() - begun) / 1000) * rate && sent < most; ++sent) {
        // Late is late: the wait counts from when the request was due.
        const request = one(sent, begun + (sent / rate) * 1000)
        open.add(request)
        request.finally(() => open.delete(request)).catch(() => {})
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await Promise.all(open)
  } else {
    await Promise.all(Array.from({ length: clients }, async (_, client) => {
      while (performance.now() < end && times.length < most) await one(client, performance.now())
    }))
  }
  const used = cpuSeconds(server.pid) - cpu
  const result = {
    requests: times.length, seconds: (performance.now() - begun) / 1000, cpu: (used / times.length) * 1e6,
    database_cpu: database ? ((cpuSeconds(database) - databaseCpu) / times.length) * 1e6 : 0,
    statuses: Object.fromEntries(statuses),
  }
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return { ...result, p50: at(0.5), p99: at(0.99) }
}

// People of a seeded company: one with few rows, one of an area, one who sees everything.
export async function signIn(server) {
  const people = { sales: 'sales1_1_2', manager: 'manager1', admin: 'admin' }
  const sessions = {}
  for (const [role, login] of Object.entries(people)) sessions[role] = await new Client(server.origin).signIn(login)
  return sessions
}

// [what, sessions, clients, request of a client] by name.
export async function usualWorks(sessions, clients) {
  const page = await sessions.sales.expect(200, 'GET', '/api/v1/accounts?$top=500&$select=id,name')
  const own = page.value
  const pick = (list) => list[Math.floor(Math.random() * list.length)]
  const words = ['云恒', '上海', 'zhineng', 'shzn', '科技', '138', '有限公司']
  let number = 0
  const batch = Math.random().toString(36).slice(2, 7)
  const list = (query) => () => ({ path: encodeURI(`/api/v1/accounts?${query}`) })
  const search = () => ({ path: encodeURI(`/api/v1/search?q=${pick(words)}&limit=20`) })
  const newest = '$orderby=updated_at desc&$top=50'
  return {
    create: ['create an account', [sessions.sales], clients, () => {
      number += 1
      return { method: 'POST', path: '/api/v1/accounts', body: { name: `压测${batch}${number}号设备有限公司`, phone: `139${String(number).padStart(8, '0')}`, duplicate_reason: 'load' } }
    }],
    own: ['list page, own', [sessions.sales], clients, list(`${newest}&$filter=owner_id eq @me`)],
    list: ['list page, own scope', [sessions.sales], clients, list(newest)],
    department: ['list page, department', [sessions.manager], clients, list(newest)],
    all: ['list page, all', [sessions.admin], clients, list(newest)],
    read: ['read one record', [sessions.sales], clients, () => ({ path: `/api/v1/accounts/${pick(own).id}` })],
    search: ['search, admin', [sessions.admin], clients, search],
    search_own: ['search, sales', [sessions.sales], clients, search],
    duplicates: ['duplicate check', [sessions.sales], clients, () => ({ method: 'POST', path: '/api/v1/duplicates', body: { object: 'account', values: { name: '杭州华星科技有限公司' } } })],
    count: ['count, bounded, beside a page', [sessions.manager], clients, list(`${newest}&count=bounded`)],
  }
}
