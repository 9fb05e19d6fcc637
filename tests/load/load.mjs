// A load program: creates, list pages, record reads and searches against the real server; prints requests per second,
// p50/p99 and the server's CPU time per request. Bounded in number and time.
//
//   node tests/load/load.mjs --data DIR [--database URL] [--seconds 5] [--clients 64] [--only create,list,…]
// DIR must have been filled by `kehai seed`. The server runs on the same machine, so on few cores the client's own work
// takes its share: the CPU time of the server is the figure that compares.
import { parseArgs } from 'node:util'
import { Server } from '../faults/support.mjs'
import { measure, memoryMb, signIn, usualWorks } from './measuring.mjs'

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' }, database: { type: 'string' }, seconds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '64' }, only: { type: 'string' },
  },
})
if (!flags.data) {
  console.error('usage: node tests/load/load.mjs --data DIR [--database URL] [--seconds 5] [--clients 64] [--only create,list]')
  process.exit(2)
}

async function run(name, server, sessions, clients, make, different) {
  const result = await measure({ server, sessions, clients, make, different, seconds: Number(flags.seconds) })
  console.log(`${name.padEnd(22)} ${String(clients).padStart(3)} clients ${(result.requests / result.seconds).toFixed(0).padStart(7)} req/s  ` +
    `p50 ${result.p50.toFixed(1).padStart(6)} ms  p99 ${result.p99.toFixed(1).padStart(6)} ms  CPU ${result.cpu.toFixed(0).padStart(6)} µs/req${result.refused > 0 ? `  ${result.refused} refused` : ''}`)
}

const place = { flags: ['--data', flags.data, ...(flags.database ? ['--database', flags.database] : [])] }
const server = await Server.start(place)
try {
  console.log(`ready after ${server.readyAfter.toFixed(0)} ms, resident ${memoryMb(server.pid).toFixed(0)} MB`)
  const clients = Number(flags.clients)
  const sessions = await signIn(server, clients)
  const works = await usualWorks(sessions, clients)
  const wanted = flags.only ? flags.only.split(',') : Object.keys(works)
  for (const name of wanted) await run(works[name][0], server, ...works[name].slice(1))
  console.log(`resident ${memoryMb(server.pid).toFixed(0)} MB`)
} finally {
  await server.stop()
}
