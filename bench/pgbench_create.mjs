// What PostgreSQL itself can write: pgbench inserts the rows of one create again and again, with the indexes that are there.
// The rows are found by the transaction that wrote them, so the script has whatever the program writes today.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const firstId = 10 ** 12  // far above what a seeded company has; each client of pgbench counts up from a place of its own
const perClient = 10 ** 8

function ask(database, sql) {
  const result = spawnSync('psql', [database, '-XAtc', sql], { encoding: 'utf8', maxBuffer: 64e6 })
  if (result.status !== 0) throw new Error(`psql: ${result.stderr}`)
  return result.stdout.split('\n').filter(Boolean)
}

// [{table, row}] of the transaction that made the account.
function rowsOfCreate(database, id) {
  const [transaction] = ask(database, `SELECT xmin FROM account WHERE id = ${id}`)
  const tables = ask(database, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
  return tables.flatMap((table) =>
    ask(database, `SELECT row_to_json(t) FROM "${table}" t WHERE t.xmin = '${transaction}' AND t.xmax = '0'`).map((row) => ({ table, row: JSON.parse(row) })))
}

const quoted = (text) => `'${text.replaceAll("'", "''")}'`

// Ids that the create gave out become numbers of pgbench's own, and so does what stood only in this record's texts.
function scriptOf(rows, marker) {
  const made = new Map()
  for (const { row } of rows) if (Number.isInteger(row.id) && !made.has(row.id)) made.set(row.id, made.size)
  const value = (cell) => {
    if (cell === null) return 'NULL'
    if (typeof cell !== 'string') return made.has(cell) ? `:n::bigint * ${made.size} + ${made.get(cell)}` : String(cell)
    return cell.includes(marker) ? cell.split(marker).map(quoted).join(' || :n::text || ') : quoted(cell)
  }
  const inserts = rows.map(({ table, row }) => {
    const columns = Object.keys(row)
    return `INSERT INTO "${table}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map((column) => value(row[column])).join(', ')});`
  })
  return ['\\set step :step + 1', `\\set n ${firstId / made.size} + :client_id * ${perClient} + :step`, 'BEGIN;', ...inserts, 'COMMIT;', ''].join('\n')
}

/** Transactions per second of pgbench writing what creating the account `id` wrote; `marker` is the part of its texts that was only its. */
export function pgbenchOfCreate(database, { id, marker, clients, seconds }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'kehai-bench-'))
  try {
    const script = path.join(folder, 'create.sql')
    const rows = rowsOfCreate(database, id)
    writeFileSync(script, scriptOf(rows, marker))
    const result = spawnSync('pgbench', ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds), '-D', `step=${Date.now() % 1e7}`, '-f', script, database], { encoding: 'utf8' })
    const rate = /^tps = ([\d.]+)/m.exec(result.stdout)
    if (result.status !== 0 || !rate) throw new Error(`pgbench: ${result.stderr.slice(0, 800)}`)
    return { rate: Number(rate[1]), rows: rows.length }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
