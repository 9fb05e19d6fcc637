// What a backup costs those who save meanwhile, and that rows, files and keys of an archive are of one moment. The short form
// only asserts what the machine's load cannot change and prints the times; the long one asserts their ratio.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { databases, isLong, newFolder, newPlace, readArchive, runBeside, runWell, Server, signInAll } from './support.mjs'

const rows = isLong ? 10_000 : 1000
const writes = isLong ? 2000 : 150  // in each of the two phases
const mostWait = 10_000
const mostRatio = 2

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex')
const rank = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

// Four people save accounts one after the other, every third with an attached file of its own.
class Savers {
  constructor(clients) {
    this.clients = clients
    this.saved = []  // {id, file, hash, from, to} in the order of the answers; times in ms
    this.number = 0
    this.working = true
    this.done = Promise.all(clients.map((client) => this.#work(client.again())))
    this.done.catch(() => { this.working = false })
  }
  async #work(client) {
    while (this.working) {
      const number = ++this.number
      const fields = { name: `备份时${number}号${randomBytes(4).toString('hex')}有限公司`, duplicate_reason: 'test' }
      const one = {}
      if (number % 3 === 0) {
        const content = randomBytes(20_000)
        const answer = await client.upload('/api/v1/files', `附件${number}.txt`, content)
        assert.equal(answer.status, 201, answer.bytes.toString())
        Object.assign(one, { file: answer.json.id, hash: hashOf(content) })
        fields.attachments = [{ id: one.file }]
      }
      one.from = performance.now()
      one.id = (await client.expect(201, 'POST', '/api/v1/accounts', fields)).id
      one.to = performance.now()
      this.saved.push(one)
    }
    client.close()
  }
  // Until so many more are saved; throws what a saver met.
  async more(count) {
    const wanted = this.saved.length + count
    while (this.saved.length < wanted) {
      await Promise.race([this.done, new Promise((resolve) => setTimeout(resolve, 5))])
      if (!this.working) await this.done
    }
  }
  async stop() {
    this.working = false
    await this.done
  }
}

// Backups one after the other until there were enough saves beside them.
async function backUpBeside(place, savers, count) {
  const backups = []
  const first = savers.saved.length
  while (savers.saved.length < first + count) {
    const archive = path.join(newFolder(), 'company.tar')
    const before = savers.saved.length
    const from = performance.now()
    const result = await runBeside(['backup', ...place.flags, archive])
    backups.push({ archive, before, from, to: performance.now() })
    assert.equal(result.code, 0, result.err)
  }
  return backups
}

function times(saved) {
  const waits = saved.map((one) => one.to - one.from).sort((a, b) => a - b)
  return { p50: rank(waits, 0.5), p99: rank(waits, 0.99), most: waits.at(-1), count: waits.length }
}

// The longest time within a backup in which nobody's save was acknowledged.
function longestSilence(backup, saved) {
  const marks = [backup.from, ...saved.map((one) => one.to).filter((at) => at > backup.from && at < backup.to), backup.to]
  return Math.max(...marks.slice(1).map((at, i) => at - marks[i]))
}

for (const kind of databases) {
  test(`saving goes on beside a backup on ${kind}`, { timeout: isLong ? 1_800_000 : 180_000 }, async (context) => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', String(rows), '--opportunities', String(rows)])
    const server = await Server.start(place)
    context.after(() => server.kill())
    const clients = await signInAll(server.origin, ['admin', 'sales1_1_2', 'sales1_2_2', 'sales1_3_2'])
    const list = await clients[0].expect(200, 'GET', '/api/v1/accounts?$top=20&$orderby=id')
    const savers = new Savers(clients)
    await savers.more(20)
    const start = savers.saved.length
    await savers.more(writes)
    const alone = times(savers.saved.slice(start))
    const backups = await backUpBeside(place, savers, writes)
    const { archive, before } = backups.at(-1)
    await savers.stop()
    const beside = times(savers.saved.filter((one) => backups.some((backup) => one.from < backup.to && one.to > backup.from)))
    const silence = Math.max(...backups.map((backup) => longestSilence(backup, savers.saved)))
    const ratio = beside.p99 / alone.p99
    const told = (figures) => `p50 ${figures.p50.toFixed(0)}, p99 ${figures.p99.toFixed(0)}, slowest ${figures.most.toFixed(0)} ms of ${figures.count}`
    context.diagnostic(`${kind}: saving alone ${told(alone)}; beside ${backups.length} backups of ` +
      `${Math.round(backups.reduce((sum, one) => sum + one.to - one.from, 0) / backups.length)} ms ${told(beside)}; ` +
      `p99 ${ratio.toFixed(1)} times; longest silence ${silence.toFixed(0)} ms`)

    await context.test('nobody waits for its end', () => {
      assert.ok(beside.count >= writes / 2, `${beside.count} saves beside the backups`)
      assert.ok(beside.most < mostWait, `a save took ${beside.most.toFixed(0)} ms`)
      assert.ok(silence < mostWait, `${silence.toFixed(0)} ms without an acknowledged save`)
      if (isLong) assert.ok(ratio < mostRatio, `p99 rose ${ratio.toFixed(2)} times`)
    })

    const { tables, entries } = readArchive(readFileSync(archive))
    const acknowledged = savers.saved.slice(0, before).filter((one) => one.file)
    const target = newPlace('sqlite')
    runWell(['restore', ...target.flags, archive])

    await context.test('each file that a row of the archive names is in the restored folder with its content', () => {
      const files = new Map(tables.file.map((row) => [row.id, row]))
      const named = new Map(tables.account__attachments.map((row) => [row.value, row.record_id]))
      for (const one of acknowledged) {
        assert.equal(named.get(one.file), one.id, `account ${one.id} names its file`)
        assert.equal(files.get(one.file)?.sha256, one.hash)
      }
      for (const id of named.keys()) {
        const { sha256, size } = files.get(id)
        const content = readFileSync(path.join(target.data, 'files/records', sha256.slice(0, 2), sha256))
        assert.deepEqual([hashOf(content), content.length], [sha256, size])
      }
      assert.ok(acknowledged.length > 0 && named.size >= acknowledged.length)
      const taken = Object.keys(entries).filter((name) => name.startsWith('files/records/')).length
      context.diagnostic(`${kind}: ${tables.account.length} accounts and ${named.size} named files in the archive, ${taken} contents`)
    })

    await context.test('the restored company knows the sessions, pages and files that were handed out before', async () => {
      runWell(['check', ...target.flags])
      const restored = await Server.start(target)
      try {
        const admin = clients[0].again(restored.origin)
        const page = await admin.expect(200, 'GET', list['@odata.nextLink'])
        assert.ok(page.value.length > 0, 'the key of page tokens is the same')
        for (const one of acknowledged.slice(-5)) {
          const file = await admin.get(`/api/v1/accounts/${one.id}/files/${one.file}`)
          assert.equal(file.status, 200)
          assert.equal(hashOf(file.bytes), one.hash)
        }
      } finally {
        assert.equal((await restored.stop()).code, 0, restored.log)
      }
    })
    assert.equal((await server.stop()).code, 0, server.log)
  })
}
