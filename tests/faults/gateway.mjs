// PostgreSQL behind a door that can be closed.
import net from 'node:net'

// Stands between the server and PostgreSQL.
export class Gateway {
  static open(target) {
    const gateway = new Gateway()
    gateway.target = target
    gateway.pairs = new Set()
    gateway.mode = 'open'
    gateway.passed = 0  // bytes of answers
    gateway.held = []
    gateway.onAnswer = () => {}
    gateway.listener = net.createServer((client) => gateway.join(client))
    return new Promise((resolve) => gateway.listener.listen(0, '127.0.0.1', () => resolve(gateway)))
  }
  join(client) {
    client.on('error', () => {})
    if (this.mode === 'refusing') return client.resetAndDestroy()
    const pair = { client, server: null }
    this.pairs.add(pair)
    client.on('close', () => { pair.server?.destroy(); this.pairs.delete(pair) })
    if (this.mode === 'silent') return
    pair.server = net.connect(this.target.port, this.target.hostname)
    pair.server.on('error', () => client.destroy())
    pair.server.on('close', () => client.destroy())
    client.on('data', (bytes) => this.#pass(pair.server, bytes))
    pair.server.on('data', (bytes) => {
      this.passed += bytes.length
      this.#pass(client, bytes)
      this.onAnswer()
    })
  }
  #pass(to, bytes) {
    if (this.mode === 'held') this.held.push(() => to.write(bytes))
    else if (this.mode !== 'silent') to.write(bytes)
  }
  // Once, when so many bytes of answers have passed from now on.
  after(bytes, act) {
    const wanted = this.passed + bytes
    this.onAnswer = () => {
      if (this.passed < wanted) return
      this.onAnswer = () => {}
      act()
    }
  }
  // held: everything waits, as on a machine that has no time, and comes when the mode is open again.
  release() {
    this.mode = 'open'
    for (const go of this.held.splice(0)) go()
  }
  // refusing: connections are reset, as when the server has ended. silent: nothing is answered, as when a cable is pulled.
  set(mode) {
    this.mode = mode
    if (mode === 'silent' || mode === 'held') return
    for (const { client, server } of this.pairs) {
      client.resetAndDestroy()
      server?.destroy()
    }
  }
  get port() { return this.listener.address().port }
  close() {
    this.set('refusing')
    this.listener.close()
  }
}
