// A power cut at any moment: what the server did to its database and log is recorded, and the disk as it may look when the
// power fails is made of that: what a finished fsync covers is there; of what was written after it, nothing, everything, or
// any sectors in any order. The program opens each such disk; what people were told is there. The same record without
// the fsync of the log at each commit must be seen to lose something, else this test would see nothing.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isLong, newFolder, newPlace, pause, runBeside, runWell, Server, signInAll } from './support.mjs'

const cuts = Number(process.env.KEHAI_ROUNDS ?? (isLong ? 400 : 12))
const seed = Number(process.env.KEHAI_SEED ?? Math.floor(Math.random() * 1e9))
const sector = 512
const names = ['kehai.db', 'kehai.db-wal']
const folder = 2

// The same numbers for the same seed (mulberry32).
function makeRandom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

let shim
before(() => {
  shim = path.join(newFolder(), 'power_log.so')
  const source = path.join(path.dirname(fileURLToPath(import.meta.url)), 'power_log.c')
  const built = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, source], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
})

function readLog(file) {
  const bytes = readFileSync(file)
  const entries = []
  for (let at = 0; at + 24 <= bytes.length;) {
    const kind = String.fromCharCode(bytes.readUInt32LE(at))
    const entry = { kind, file: bytes.readUInt32LE(at + 4), offset: Number(bytes.readBigInt64LE(at + 8)), size: Number(bytes.readBigInt64LE(at + 16)) }
    at += 24
    if (kind === 'w') {
      entry.bytes = bytes.subarray(at, at + entry.size)
      at += entry.size
    }
    if (at > bytes.length) break
    entry.end = at  // of the record: how long it was when this was done
    entries.push(entry)
  }
  return entries
}

// The record of one server's work: {entries, told: [{name, end}], base: folder as it was before}.
async function work() {
  const place = newPlace('sqlite')
  runWell(['seed', ...place.flags, '--accounts', '5', '--opportunities', '2'])
  const base = path.join(newFolder(), 'base')
  cpSync(place.data, base, { recursive: true })
  const log = path.join(newFolder(), 'log')
  const server = await Server.start(place, [], { environment: {
    LD_PRELOAD: shim, KEHAI_POWER_DATABASE: path.join(place.data, names[0]), KEHAI_POWER_LOG: log } })
  const clients = await signInAll(server.origin, ['admin', 'sales1_1_2', 'sales1_2_2', 'sales1_3_2'])
  const told = []
  let number = 0
  const save = async (client, count) => {
    for (let i = 0; i < count; i += 1) {
      const name = `断电${++number}号有限公司`
      await client.expect(201, 'POST', '/api/v1/accounts', { name, duplicate_reason: 'test' })
      // What the server did before it answered is in the record by now.
      told.push({ name, end: statSync(log).size })
    }
  }
  const everybody = (count) => Promise.all(clients.map((client) => save(client, count)))
  const syncsOfDatabase = () => readLog(log).filter((entry) => entry.kind === 'e' && entry.file === 0).length
  await everybody(8)
  // Quiet makes the server write its log into the database; the next changes begin the log anew.
  const before = syncsOfDatabase()
  for (let tries = 0; syncsOfDatabase() === before; tries += 1) {
    assert.ok(tries < 600, 'the log was never written into the database')
    await pause(50)
  }
  const first = told.length
  await everybody(8)
  await server.kill()
  return { base, entries: readLog(log), told, first }
}

// How much of the record is on the disk for sure when the power fails behind entry `last`: [entries of each file].
function durable(entries, last) {
  const begun = [0, 0, 0]
  const sure = [0, 0, 0]
  for (let i = 0; i <= last; i += 1) {
    if (entries[i].kind === 'b') begun[entries[i].file] = i
    if (entries[i].kind === 'e') sure[entries[i].file] = begun[entries[i].file]
  }
  return sure
}

function apply(content, entry, keepsSector) {
  if (entry.kind === 't') {
    if (entry.offset <= content.length) return content.subarray(0, entry.offset)
    return Buffer.concat([content, Buffer.alloc(entry.offset - content.length)])
  }
  const end = entry.offset + entry.size
  const out = end > content.length ? Buffer.concat([content, Buffer.alloc(end - content.length)]) : content
  for (let at = 0; at < entry.size;) {
    const size = Math.min(sector - ((entry.offset + at) % sector), entry.size - at)
    if (keepsSector()) entry.bytes.copy(out, entry.offset + at, at, at + size)
    at += size
  }
  return out
}

const always = () => true
// What became of a write that no fsync covers: {whole entries kept?, sectors of a kept entry kept?}.
const variations = {
  nothing: () => [() => false, always],
  everything: () => [always, always],
  some: (random) => [() => random() < 0.5, always],
  torn: (random) => [always, () => random() < 0.7],
}

function makeDisk({ base, entries }, last, variation, random) {
  const place = newPlace('sqlite')
  cpSync(base, place.data, { recursive: true })
  const sure = durable(entries, last)
  const [keeps, keepsSector] = variations[variation](random)
  names.forEach((name, file) => {
    const target = path.join(place.data, name)
    let content = existsSync(target) ? readFileSync(target) : null
    for (let i = 0; i <= last; i += 1) {
      const entry = entries[i]
      if (entry.file !== file) continue
      const isSure = i < sure[file]
      // That a file was made or removed is the folder's affair.
      if (entry.kind === 'c' && (i < sure[folder] || keeps())) content ??= Buffer.alloc(0)
      if (entry.kind === 'u' && (i < sure[folder] || keeps())) content = null
      if (content === null || (entry.kind !== 'w' && entry.kind !== 't')) continue
      if (isSure) content = apply(content, entry, always)
      else if (keeps()) content = apply(content, entry, keepsSector)
    }
    rmSync(target, { force: true })
    if (content !== null) writeFileSync(target, content)
  })
  return place
}

// What is wrong with the company on this disk: {unopenable?, lost: names}.
async function examine(place, record, last) {
  const opened = await runBeside(['export', ...place.flags, 'account', '--format', 'csv', '--columns', 'name'])
  if (opened.code !== 0) return { unopenable: opened.err, lost: [] }
  const sound = await runBeside(['check', ...place.flags])
  const there = new Set(opened.out.replace('\ufeff', '').split(/\r\n/))
  const lost = record.told.filter((one) => one.end <= record.entries[last].end && !there.has(one.name)).map((one) => one.name)
  rmSync(place.data, { recursive: true, force: true })
  return { unopenable: sound.code === 0 ? undefined : sound.err, lost }
}

// Moments after the start, half of them just before a sync ends.
function moments(record, count, random) {
  const { entries, told } = record
  const from = entries.findIndex((entry) => entry.end >= told[0].end)
  const beforeEnd = entries.map((entry, i) => (entry.kind === 'e' && i > from ? i - 1 : -1)).filter((i) => i >= 0)
  const out = [entries.length - 1]
  while (out.length < count) {
    out.push(out.length % 2 ? from + Math.floor(random() * (entries.length - from)) : beforeEnd[Math.floor(random() * beforeEnd.length)])
  }
  return out
}

async function examineAll(record, wanted, random) {
  const disks = []
  moments(record, wanted.count, random).forEach((last, i) => {
    disks.push({ last, variation: wanted.variations[i % wanted.variations.length] })
  })
  const findings = []
  const next = async () => {
    for (let disk = disks.shift(); disk; disk = disks.shift()) {
      const finding = await examine(makeDisk(record, disk.last, disk.variation, random), record, disk.last)
      findings.push({ ...disk, ...finding })
    }
  }
  await Promise.all([next(), next()])
  return findings
}

test(`power cuts at ${cuts} moments`, { timeout: 1_800_000 }, async (context) => {
  const random = makeRandom(seed)
  const record = await work()
  const findings = await examineAll(record, { count: cuts, variations: Object.keys(variations) }, random)
  const unopenable = findings.filter((one) => one.unopenable)
  const lost = findings.filter((one) => one.lost.length > 0)
  context.diagnostic(`seed ${seed}: ${record.entries.length} writes and syncs, ${record.told.length} acknowledged; ${findings.length} disks: ` +
    `unopenable ${unopenable.length}, with something lost ${lost.length}`)
  assert.deepEqual(unopenable, [], `seed ${seed}`)
  assert.deepEqual(lost, [], `seed ${seed}`)
})

// The same record as it would be with synchronous=NORMAL, where the log is not synced at each commit.
function withoutSyncs(record) {
  const log = 1
  return { ...record, entries: record.entries.map((entry) => (entry.kind === 'e' && entry.file === log ? { ...entry, kind: '-' } : entry)) }
}

test('the control: without the fsync of each commit, the same look finds what is lost', { timeout: 300_000 }, async (context) => {
  const random = makeRandom(seed + 1)
  const record = withoutSyncs(await work())
  const findings = await examineAll(record, { count: isLong ? 20 : 2, variations: ['nothing'] }, random)
  const lost = findings.map((one) => one.lost.length)
  context.diagnostic(`seed ${seed}: acknowledged and lost on each disk: ${lost}; unopenable ${findings.filter((one) => one.unopenable).length}`)
  assert.ok(lost[0] > 0, 'the cut at the end loses changes that were acknowledged')
})
