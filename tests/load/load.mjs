// A load program: creates, list pages, record reads and searches against the real server; prints requests per second,
// p50/p99 and the server's CPU time per request. Bounded in number and time.
//
//   node tests/load/load.mjs --data DIR [--database URL] [--seconds 5] [--clients 64] [--only create,list,…]
// DIR must have been filled by `kehai seed`. The server runs on the same machine, so on few cores the client's own work
// takes its share: the CPU time of the server is the figure that compares.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { parseArgs } from 'node:util'
import { Client, Server } from '../faults/support.mjs'

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' }, database: { type: 'string' }, seconds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '64' }, most: { type: 'string', default: '200000' }, only: { type: 'string' },
  },
})
if (!flags.data) {
  console.error('usage: node tests/load/load.mjs --data DIR [--database URL] [--seconds 5] [--clients 64] [--only create,list]')
  process.exit(2)
}

const ticks = 100  // USER_HZ, which Linux promises to programs
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}
const memoryMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

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

async function measure(name, server, sessions, clients, make) {
  const origin = new URL(server.origin)
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients })
  const times = []
  const statuses = new Map()
  const most = Number(flags.most)
  const end = performance.now() + Number(flags.seconds) * 1000
  const cpu = cpuSeconds(server.pid)
  const begun = performance.now()
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    const { headers } = sessions[client % sessions.length]
    while (performance.now() < end && times.length < most) {
      const start = performance.now()
      const status = await send(agent, origin, headers, make(client))
      times.push(performance.now() - start)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }))
  const seconds = (performance.now() - begun) / 1000
  const used = cpuSeconds(server.pid) - cpu
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1)
  const count = [...statuses].map(([status, number]) => `${status}×${number}`).join(' ')
  console.log(`${name.padEnd(22)} ${String(clients).padStart(3)} clients ${(times.length / seconds).toFixed(0).padStart(7)} req/s  ` +
    `p50 ${at(0.5).padStart(6)} ms  p99 ${at(0.99).padStart(6)} ms  CPU ${((used / times.length) * 1e6).toFixed(0).padStart(6)} µs/req  ${count}`)
}

const place = { flags: ['--data', flags.data, ...(flags.database ? ['--database', flags.database] : [])] }
const server = await Server.start(place)
try {
  console.log(`ready after ${server.readyAfter.toFixed(0)} ms, resident ${memoryMb(server.pid).toFixed(0)} MB`)
  const people = { sales: 'sales1_1_2', manager: 'manager1', admin: 'admin' }
  const sessions = {}
  for (const [role, login] of Object.entries(people)) sessions[role] = await new Client(server.origin).signIn(login)
  const page = await sessions.sales.expect(200, 'GET', '/api/v1/accounts?$top=500&$select=id,name')
  const own = page.value
  const pick = (list) => list[Math.floor(Math.random() * list.length)]
  const words = ['云恒', '上海', 'zhineng', 'shzn', '科技', '138', '有限公司']
  let number = 0
  const run = Math.random().toString(36).slice(2, 7)
  const clients = Number(flags.clients)
  const list = (query) => () => ({ path: encodeURI(`/api/v1/accounts?${query}`) })
  const works = {
    create: ['create an account', [sessions.sales], clients, () => {
      number += 1
      return { method: 'POST', path: '/api/v1/accounts', body: { name: `压测${run}${number}号设备有限公司`, phone: `139${String(number).padStart(8, '0')}`, duplicate_reason: 'load' } }
    }],
    own: ['list page, own', [sessions.sales], clients, list("$orderby=updated_at desc&$top=50&$filter=owner_id eq @me")],
    list: ['list page, own scope', [sessions.sales], clients, list('$orderby=updated_at desc&$top=50')],
    department: ['list page, department', [sessions.manager], clients, list('$orderby=updated_at desc&$top=50')],
    all: ['list page, all', [sessions.admin], clients, list('$orderby=updated_at desc&$top=50')],
    read: ['read one record', [sessions.sales], clients, () => ({ path: `/api/v1/accounts/${pick(own).id}` })],
    search: ['search, admin', [sessions.admin], clients, () => ({ path: encodeURI(`/api/v1/search?q=${pick(words)}&limit=20`) })],
    search_own: ['search, sales', [sessions.sales], clients, () => ({ path: encodeURI(`/api/v1/search?q=${pick(words)}&limit=20`) })],
  }
  const wanted = flags.only ? flags.only.split(',') : Object.keys(works)
  for (const name of wanted) await measure(works[name][0], server, ...works[name].slice(1))
  console.log(`resident ${memoryMb(server.pid).toFixed(0)} MB`)
} finally {
  await server.stop()
}
