// The program behind bin/bench. Every figure is of one server on loopback with signed-in people of a seeded company: rights, department
// scopes and field rules are on. The load comes from this process, the raw statements from raw_bench, one after the other on the same data.
import { spawn, spawnSync } from 'node:child_process'
import { constants, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { binary, Server } from '../tests/faults/support.mjs'
import { pgbenchOfCreate } from './pgbench_create.mjs'
import { calm, measure, memoryMb, signIn, usualWorks } from '../tests/load/measuring.mjs'

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '1000000' }, database: { type: 'string', default: 'both' }, seconds: { type: 'string', default: '5' },
    growth: { type: 'boolean', default: false }, fresh: { type: 'boolean', default: false }, baseline: { type: 'string' },
    out: { type: 'string', default: 'build/bench/figures.json' },
  },
})
const seconds = Number(flags.seconds)
const clients = 64
const worse = 1.1  // a figure may vary by a tenth from run to run
const folder = path.resolve('build/bench')
mkdirSync(folder, { recursive: true })

const fixed = (value, digits = 0) => (value === undefined ? '–' : value.toFixed(digits))
const cells = (values, widths) => values.map((value, i) => (i === 0 ? value.padEnd(widths[i]) : value.padStart(widths[i]))).join(' ')
const widths = [46, 10, 9, 7, 16, 9, 9, 9, 6]

// ---- Places

function psql(url, statement) {
  const result = spawnSync('psql', [url, '-qAtc', statement], { encoding: 'utf8', timeout: 1_800_000 })
  if (result.status !== 0) throw new Error(result.stderr)
  return result.stdout.trim()
}

function placed(kind, size, data) {
  if (kind === 'sqlite') return { kind, data, flags: ['--data', data] }
  const url = new URL(process.env.KEHAI_TEST_POSTGRES)
  url.pathname = `/bench_${size}`
  return { kind, data, database: url.toString(), flags: ['--data', data, '--database', url.toString()] }
}

// What was seeded is kept: SQLite's folder, and PostgreSQL's database as long as its server.
async function seeded(kind, size) {
  const place = placed(kind, size, path.join(folder, `${kind}-${size}`))
  const stamp = path.join(place.data, 'seeded')
  const server = process.env.KEHAI_TEST_POSTGRES
  const mark = () => psql(server, `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'bench_${size}'`)
  if (flags.fresh || !existsSync(stamp) || (kind === 'postgres' && mark() !== 'seeded')) {
    rmSync(place.data, { recursive: true, force: true })
    if (kind === 'postgres') {
      psql(server, `DROP DATABASE IF EXISTS bench_${size}`)
      psql(server, `CREATE DATABASE bench_${size}`)
    }
    const result = spawnSync(binary, ['seed', ...place.flags, '--accounts', size, '--opportunities', size], { encoding: 'utf8', timeout: 7_200_000, maxBuffer: 64e6 })
    if (result.status !== 0) throw new Error(`seed: ${result.stderr.slice(-500)}`)
    console.log(`${kind}: ${result.stdout.split('\n')[0]}`)
    if (kind === 'postgres') psql(place.database, 'VACUUM ANALYZE')
  }
  // An upgrade and what jobs find after seeding are not part of any figure.
  const first = await Server.start(place)
  console.log(`${kind}: at rest after ${(await calm(first)).toFixed(0)} s`)
  await first.stop()
  writeFileSync(stamp, '')
  if (kind === 'postgres') {
    psql(server, `COMMENT ON DATABASE bench_${size} IS 'seeded'`)
    psql(place.database, 'VACUUM ANALYZE')
  }
  return copied(place, size)
}

// What a run writes must not be there for the next one.
function copied({ kind, data }, size) {
  const copy = placed(kind, `${size}_run`, `${data}-run`)
  rmSync(copy.data, { recursive: true, force: true })
  cpSync(data, copy.data, { recursive: true, mode: constants.COPYFILE_FICLONE })
  if (kind === 'postgres') {
    psql(process.env.KEHAI_TEST_POSTGRES, `DROP DATABASE IF EXISTS bench_${size}_run`)
    psql(process.env.KEHAI_TEST_POSTGRES, `CREATE DATABASE bench_${size}_run TEMPLATE bench_${size} STRATEGY file_copy`)
    spawnSync('sync')  // what the copy still has to write is no part of any figure
  }
  return copy
}

function raw(place, owner, departments) {
  const target = place.kind === 'postgres' ? place.database : path.join(place.data, 'kehai.db')
  const program = path.join(path.dirname(binary), '../../bench/raw_bench')
  const result = spawnSync(program, [place.kind, target, String(owner), departments.join(','), String(Math.min(seconds, 3))], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`raw_bench: ${result.stderr}`)
  return JSON.parse(result.stdout)
}

// ---- Rows of the table. `value` is what the budget is about; `is` says in which unit; ours/raw where the floor was measured.

class Table {
  constructor(kind, size) {
    this.kind = kind
    this.size = size
    this.rows = []
    console.log(`\n${kind}, ${size} accounts and opportunities`)
    console.log(cells(['work', 'ours', 'raw', 'ratio', 'budget', 'p50 ms', 'p99 ms', 'req/s', ''], widths))
  }
  add(name, row) {
    const within = row.budget === undefined ? undefined : row.atLeast ? row.value >= row.budget : row.value <= row.budget
    this.rows.push({ name, ...row, within })
    const budget = row.budget === undefined ? '' : `${row.atLeast ? '>=' : '<='} ${fixed(row.budget, row.digits)} ${row.is}`
    console.log(cells([name, fixed(row.value, row.digits), fixed(row.raw), row.raw ? fixed(row.value / row.raw, 2) : '', budget,
      fixed(row.p50, 1), fixed(row.p99, 1), fixed(row.rate), within === false ? 'OVER' : ''], widths))
  }
}

async function metrics(server, wanted) {
  const text = await (await fetch(`${server.origin}/metrics`)).text()
  return Number(new RegExp(`^${wanted} (\\d+)`, 'm').exec(text)?.[1])
}

// Single requests, one after the other: the CPU of one is too little to be seen, so many are sent.
async function load(place, server, work, more = {}) {
  const [, sessions, number, make, different] = work
  const result = await measure({ server, database: place.postmaster, sessions, clients: number, make, different, seconds, ...more })
  if (result.refused > 0) throw new Error(`${work[0]}: ${result.refused} of ${result.requests} refused`)
  return result
}
const figures = (result) => ({ p50: result.p50, p99: result.p99, rate: result.requests / result.seconds, database_cpu: result.database_cpu })

async function lists(table, place, server, sessions, works) {
  const owner = sessions.sales.user.id
  const seen = await sessions.manager.expect(200, 'GET', '/api/v1/accounts?$apply=groupby((scope_department_id),aggregate($count as n))')
  const floor = raw(place, owner, seen.value.map((row) => row.scope_department_id).filter(Boolean))
  for (const name of ['own', 'department', 'all']) {
    const result = await load(place, server, works[name])
    table.add(`${works[name][0]}, µs of CPU`, { value: result.cpu, raw: floor[name].cpu, budget: floor[name].cpu + 80, is: 'µs', ...figures(result) })
  }
  const steady = await load(place, server, works.own, { rate: 2000 })
  table.add('list page, own, 2,000 req/s, p99', { value: steady.p99, digits: 1, budget: 10, is: 'ms', ...figures(steady) })
  await deepPage(table, place, server, sessions, works)
  return floor
}

async function deepPage(table, place, server, sessions, works) {
  let link = '/api/v1/accounts?$orderby=updated_at desc&$top=500&$select=id'
  for (let rows = 0; rows < 100_000; rows += 500) {
    const next = (await sessions.admin.expect(200, 'GET', link))['@odata.nextLink']
    if (!next) break
    link = next
  }
  const { pathname, search } = new URL(link, server.origin)
  const deep = (pathname + search).replace(/([?&])(\$|%24)top=500/, '$1$top=50').replace(/&(\$|%24)select=id/, '')
  const first = await load(place, server, works.all)
  const result = await load(place, server, ['deep page', sessions.crowd.admin, clients, () => ({ path: deep })])
  table.add('a page 100,000 rows deep, CPU beside the first', { value: result.cpu / first.cpu, digits: 2, budget: 1.2, is: '×', ...figures(result) })
}

async function others(table, place, server, sessions, works) {
  const read = await load(place, server, works.read)
  table.add('read one record, µs of CPU', { value: read.cpu, budget: 45, is: 'µs', ...figures(read) })
  for (const [name, budget] of [['search', 1000], ['search_own', 1000], ['duplicates', 5000]]) {
    const result = await load(place, server, works[name])
    table.add(`${works[name][0]}, µs of CPU`, { value: result.cpu, budget, is: 'µs', ...figures(result) })
  }
  const count = await load(place, server, works.count)
  table.add(`${works.count[0]}, µs of CPU`, { value: count.cpu, ...figures(count) })
  await boards(table, sessions)
}

// What one person waits for, one request at a time.
async function once(session, path) {
  const start = performance.now()
  await session.expect(200, 'GET', path)
  return performance.now() - start
}
async function boards(table, sessions) {
  for (const role of ['sales', 'manager', 'admin']) {
    const times = []
    for (let i = 0; i < 9; ++i) times.push(await once(sessions[role], '/api/v1/opportunities/board'))
    times.sort((a, b) => a - b)
    table.add(`board, ${role}, median`, { value: times[4], digits: 1, budget: 50, is: 'ms', p50: times[4], p99: times[8] })
  }
  for (const [role, scope] of [['manager', 'department'], ['admin', 'all']]) {
    const first = await once(sessions[role], `/api/v1/workbench?scope=${scope}`)
    const again = []
    for (let i = 0; i < 9; ++i) again.push(await once(sessions[role], `/api/v1/workbench?scope=${scope}`))
    again.sort((a, b) => a - b)
    table.add(`workbench of ${scope}, first`, { value: first, digits: 1, budget: 100, is: 'ms' })
    table.add(`workbench of ${scope}, again, median`, { value: again[4], digits: 1, budget: 2, is: 'ms' })
  }
}

async function creates(table, place, server, works) {
  const commits = await metrics(server, 'kehai_database_commits')
  const result = await load(place, server, works.create)
  const synced = ((await metrics(server, 'kehai_database_commits')) - commits) / result.requests
  const floor = place.kind === 'postgres' ? await pgbench(place, works) : undefined
  table.add('create an account, per second', {
    value: result.requests / result.seconds, raw: floor?.rate, budget: floor ? floor.rate / 2 : 5000, atLeast: true, is: '/s', ...figures(result),
  })
  table.add('create an account, µs of CPU', { value: result.cpu })
  table.add('commits (fsync) per create', { value: synced, digits: 2, ...(place.kind === 'sqlite' ? { budget: 0.1, is: '' } : {}) })
}

// The same rows and indexes, written by PostgreSQL's own load program.
async function pgbench(place, works) {
  const [, [session], clients] = works.create
  const marker = `${Date.now()}`
  const made = await session.expect(201, 'POST', '/api/v1/accounts', { name: `压测${marker}号设备有限公司`, phone: '13900000000', duplicate_reason: 'load' })
  return pgbenchOfCreate(place.database, { id: made.id, marker, clients, seconds })
}

// Twice: the database that a run is measured on is a copy, and what the first import reads of it lies on the disk.
async function importRows(table, place, size) {
  const rows = Math.min(Math.round(size / 10), 100_000)
  await importedIn(place, rows, '136')
  const { seconds, most } = await importedIn(place, rows, '137')
  table.add(`import of ${rows} rows, per second`, { value: rows / seconds, budget: 1_000_000 / 120, atLeast: true, is: '/s' })
  table.add('import, resident at most', { value: most, budget: 512, is: 'MB' })
}

function importedIn(place, rows, prefix) {
  const run = Date.now().toString(36)
  const file = path.join(folder, 'import.csv')
  let text = '客户名称,电话\n'
  for (let i = 0; i < rows; ++i) text += `批${run}第${i}号机械有限公司,${prefix}${String(i).padStart(8, '0')}\n`
  writeFileSync(file, text)
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(binary, ['import', 'account', file, ...place.flags, '--duplicates', 'create'], { stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (bytes) => { errors = (errors + bytes).slice(-500) })
    let most = 0
    const watch = setInterval(() => { try { most = Math.max(most, memoryMb(child.pid)) } catch { /* ended */ } }, 100)
    child.on('close', (code) => {
      clearInterval(watch)
      rmSync(file)
      if (code !== 0) return reject(new Error(`import: exit ${code}: ${errors}`))
      resolve({ seconds: (performance.now() - start) / 1000, most })
    })
  })
}

async function cold(table, place) {
  const begun = performance.now()
  const server = await Server.start(place)
  await fetch(server.origin + '/api/v1/').then((answer) => answer.arrayBuffer())
  table.add('cold start to first answer', { value: performance.now() - begun, budget: 200, is: 'ms' })
  table.add('resident, idle', { value: memoryMb(server.pid), budget: 64, is: 'MB' })
  await server.stop()
}

async function walk(kind, size) {
  const place = await seeded(kind, size)
  if (kind === 'postgres') place.postmaster = postmaster(place)
  const table = new Table(kind, size)
  await cold(table, place)
  const server = await Server.start(place)
  try {
    const sessions = await signIn(server, clients)
    const works = await usualWorks(sessions, clients)
    table.floor = await lists(table, place, server, sessions, works)
    await others(table, place, server, sessions, works)
    await creates(table, place, server, works)
    table.add('resident, after 64 clients', { value: memoryMb(server.pid), budget: 300, is: 'MB' })
  } finally {
    await server.stop()
  }
  await importRows(table, place, Number(size))
  table.add('program without web UI', { value: statSync(binary).size / 1e6, digits: 1, budget: 64, is: 'MB' })
  if (kind === 'sqlite') rmSync(place.data, { recursive: true, force: true })
  return { kind, size: Number(size), rows: table.rows, floor: table.floor.all.cpu }
}

function postmaster(place) {
  const result = spawnSync('psql', [place.database, '-Atc', "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"], { encoding: 'utf8' })
  return Number(result.stdout.trim())
}

// ---- Growth and baseline

function growth(small, large) {
  console.log(`\n${large.kind}: from ${small.size} to ${large.size}`)
  for (const row of large.rows) {
    const before = small.rows.find((other) => other.name === row.name)
    if (!before || !before.value) continue
    const heavy = /^(create|search)/.test(row.name)
    const limit = /^(list page|read)/.test(row.name) ? 1.2 : heavy ? 2 : undefined
    const factor = row.atLeast || /per second/.test(row.name) ? before.value / row.value : row.value / before.value
    console.log(cells([row.name, fixed(before.value, row.digits), fixed(row.value, row.digits), fixed(factor, 2), limit ? `<= ${limit} ×` : '', limit && factor > limit ? 'OVER' : ''], [46, 10, 10, 8, 10, 6]))
  }
}

// CPU figures in units of the floor of their own run: another machine or another hour has another floor.
function slower(result, baseline) {
  const before = baseline.find((other) => other.kind === result.kind && other.size === result.size)
  if (!before) return []
  return result.rows.filter((row) => {
    const old = before.rows.find((other) => other.name === row.name)
    return old?.value && /µs of CPU/.test(row.name) && row.value / result.floor > worse * (old.value / before.floor)
  }).map((row) => row.name)
}

if (!['both', 'sqlite', 'postgres'].includes(flags.database) || !(Number(flags.size) >= 1000)) {
  console.error('bin/bench: --database both|sqlite|postgres, --size at least 1000')
  process.exit(2)
}
const kinds = flags.database === 'both' ? ['sqlite', 'postgres'] : [flags.database]
const results = []
for (const kind of kinds) {
  const small = flags.growth ? await walk(kind, String(Math.round(Number(flags.size) / 10))) : undefined
  const result = await walk(kind, flags.size)
  if (small) growth(small, result)
  results.push(...(small ? [small] : []), result)
}
mkdirSync(path.dirname(path.resolve(flags.out)), { recursive: true })
writeFileSync(flags.out, JSON.stringify(results, null, 1))
let over = results.flatMap((result) => result.rows.filter((row) => row.within === false).map((row) => `${result.kind} ${result.size}: ${row.name}`))
console.log(`\n${over.length} figures over the budget; ${flags.out}`)
if (flags.baseline) {
  const baseline = JSON.parse(readFileSync(flags.baseline, 'utf8'))
  let failed = false
  for (const result of results) {
    const first = slower(result, baseline)
    if (first.length === 0) continue
    console.log(`slower than ${flags.baseline}, measured once more: ${first.join('; ')}`)
    const again = slower(await walk(result.kind, String(result.size)), baseline)
    const both = first.filter((name) => again.includes(name))
    if (both.length > 0) console.log(`SLOWER, twice: ${both.join('; ')}`)
    failed ||= both.length > 0
  }
  process.exit(failed ? 1 : 0)
}
