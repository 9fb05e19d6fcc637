// Crowds at the door: raw connections that behave badly, a witness who works beside them, and what the process holds meanwhile.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import net from 'node:net'
import { pause, Server } from './support.mjs'

// A connection that sends exactly what it is told to.
export class Peer {
  // `deaf`: reads nothing until it listens.
  static connect(server, { deaf = false } = {}) {
    const peer = new Peer()
    peer.text = ''
    peer.socket = net.connect(server.port, '127.0.0.1')
    peer.socket.setNoDelay(true)
    peer.ended = new Promise((resolve) => peer.socket.on('close', () => { peer.closed = true; resolve() }))
    peer.socket.on('error', () => {})
    if (deaf) peer.socket.pause()
    else peer.listen()
    return new Promise((resolve) => {
      peer.socket.on('connect', () => resolve(peer))
      peer.socket.on('close', () => resolve(peer))
    })
  }
  listen() {
    this.statuses = []
    let rest = ''
    this.socket.on('data', (part) => {
      const text = part.toString('latin1')
      if (this.text.length < 100_000) this.text += text
      for (const [, status] of (rest + text).matchAll(/HTTP\/1\.1 (\d{3})/g)) this.statuses.push(status)
      rest = text.slice(-11)
    })
    this.socket.resume()
  }
  // How many answers had this status.
  count(status) { return this.statuses.filter((one) => one === status).length }
  // Resolves when the bytes are on their way; false when the connection is gone.
  send(bytes) {
    if (this.closed || this.socket.destroyed) return Promise.resolve(false)
    const sent = new Promise((resolve) => this.socket.write(bytes, (error) => resolve(!error)))
    return Promise.race([sent, this.ended.then(() => false)])
  }
  // Of the first answer; 0 while there is none.
  get status() { return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0) }
  async answered(milliseconds = 15_000) {
    const begun = performance.now()
    while (!this.status && !this.closed && performance.now() - begun < milliseconds) await pause(20)
    return this.status
  }
  leave() { this.socket.destroy() }
}

export const connectMany = (server, count, options) => Promise.all(Array.from({ length: count }, () => Peer.connect(server, options)))
export const leaveAll = (peers) => peers.forEach((peer) => peer.leave())

// Bytes in memory, and the descriptors, of a process.
export const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
export function descriptors(pid) {
  return readdirSync(`/proc/${pid}/fd`).map((name) => {
    try { return readlinkSync(`/proc/${pid}/fd/${name}`) } catch { return '' }
  })
}
// Seconds of processor time until now.
export function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
export const megabytes = (bytes) => `${Math.round(bytes / 1e5) / 10} MB`

// A server whose whole log is kept.
export async function startLogged(place, options) {
  const server = await Server.start(place, [], options)
  server.said = ''
  server.child.stdout.on('data', (bytes) => { server.said += bytes })
  // Lines that are no answers: warnings of the edge.
  server.warnings = () => server.said.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line))
    .filter(({ level, message }) => level === 'warning' && message?.startsWith('http: ')).map(({ message }) => message)
  server.heard = async (pattern, milliseconds = 10_000) => {
    const begun = performance.now()
    while (!server.warnings().some((line) => pattern.test(line))) {
      assert.ok(performance.now() - begun < milliseconds, `the log says nothing like ${pattern}: ${server.warnings().join('\n')}`)
      await pause(50)
    }
  }
  return server
}

const percentile = (times, percent) => [...times].sort((a, b) => a - b)[Math.ceil((times.length * percent) / 100) - 1]

// A signed-in person who opens one list after the other. Nobody's misbehaviour may cost this person an answer, and none may take
// much longer than without it: the bounds are wide, because the machine may have other work.
export class Witness {
  constructor(server, client) {
    Object.assign(this, { server, client })
  }
  async #work(going) {
    const times = []
    let peak = 0
    while (times.length < 20 || going()) {
      const begun = performance.now()
      const answer = await this.client.get('/api/v1/accounts?$top=20')
      times.push(performance.now() - begun)
      assert.equal(answer.status, 200, `${answer.status} ${JSON.stringify(answer.json)}`)
      peak = Math.max(peak, memory(this.server.pid))
      await pause(20)
    }
    return { count: times.length, median: percentile(times, 50), p95: percentile(times, 95), peak }
  }
  async alone() {
    this.before = await this.#work(() => false)
    this.pid = this.server.pid
  }
  // Works while `happening` goes on; `mayTake`: bytes of memory that it may cost the process.
  async during(context, name, mayTake, happening) {
    let over = false
    const done = happening().finally(() => { over = true })
    const [seen, result] = await Promise.all([this.#work(() => !over), done])
    const rise = seen.peak - this.before.peak
    context.diagnostic(`${name}: ${seen.count} answers for another user, p95 ${Math.round(seen.p95)} ms (alone ` +
      `${Math.round(this.before.p95)}), memory +${megabytes(rise)}`)
    const bound = Math.max(5000, 50 * this.before.p95)
    assert.ok(seen.p95 <= bound, `p95 ${Math.round(seen.p95)} ms, alone ${Math.round(this.before.p95)} ms`)
    assert.ok(rise <= mayTake, `${megabytes(rise)} more memory`)
    assert.equal(this.server.child.exitCode, null, 'the same process')
    return { ...seen, result }
  }
}
