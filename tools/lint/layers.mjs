// Fails when a folder includes what it may not (docs/architecture.md, "Who may include whom"), and on a few other habits that the
// compiler does not see. Run from the project's root: node tools/lint/layers.mjs
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const allowed = {
  base: [],
  db: ['base'],
  query: ['base', 'db'],
  record: ['base', 'db', 'query'],
  http: ['base'],
  platform: ['base', 'db', 'query', 'record', 'http/client.h', 'http/address.h'],
  modules: ['base', 'db', 'query', 'record', 'platform'],
  api: ['base', 'db', 'query', 'record', 'http', 'platform'],
  app: ['base', 'db', 'query', 'record', 'http', 'platform', 'modules', 'api'],
}
// Modules in order: a later one may read an earlier one's headers, never the other way round. What lies beside the folders is for all of them.
const moduleOrder = ['catalog', 'territory', 'team', 'pool', 'account', 'contact', 'lead', 'opportunity', 'activity', 'task', 'arbitration', 'duplicates',
  'data_quality', 'timeline', 'workbench']
// SQL is written in these places only; everything else goes through them.
const sqlAllowed = [/^src\/db\//, /^src\/query\/compile_/, /^src\/record\/(store|change_log|list|aggregate|page|plan|migrator|totals|tx)[a-z_]*\.cc$/, /_test\.cc$/, /_bench\.cc$/, /^src\/query\/test_/]
const sqlPattern = /"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE (TABLE|INDEX)|ALTER TABLE)\s/

const problems = []
const report = (file, line, text) => problems.push(`${file}:${line}: ${text}`)

function* walk(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* walk(path)
    else if (/\.(h|cc)$/.test(name)) yield path
  }
}

function checkInclude(file, line, target) {
  const layer = file.split('/')[1]
  const targetLayer = target.split('/')[0]
  if (!(targetLayer in allowed) || targetLayer === layer) {
    if (layer === 'modules' && targetLayer === 'modules') checkModuleOrder(file, line, target)
    return
  }
  const fits = allowed[layer].some((entry) => entry === targetLayer || entry === target)
  if (!fits) report(file, line, `${layer}/ may not include ${target}`)
}

function checkModuleOrder(file, line, target) {
  const folderOf = (path) => (path.split('/').length > 2 ? path.split('/')[1] : undefined)
  const [from, to] = [folderOf(file.slice('src/'.length)), folderOf(target)]
  if (to === undefined) return
  for (const module of [from, to]) {
    if (module !== undefined && !moduleOrder.includes(module)) return report(file, line, `module ${module} has no place in the order of modules`)
  }
  const shown = from ?? 'what lies beside the modules'
  if (moduleOrder.indexOf(to) > (from === undefined ? -1 : moduleOrder.indexOf(from))) report(file, line, `module ${shown} may not know the later module ${to}`)
}

for (const file of walk('src')) {
  const isTest = /_test\.cc$/.test(file)
  readFileSync(file, 'utf8').split('\n').forEach((text, index) => {
    const line = index + 1
    const include = /^\s*#include "([^"]+)"/.exec(text)
    if (include && !isTest) checkInclude(file, line, include[1])
    if (/#include <boost\/(asio|beast)/.test(text)) report(file, line, 'no networking library outside the HTTP server')
    if (/#include <(sqlite3|libpq-fe)/.test(text) && !file.startsWith('src/db/')) report(file, line, 'database drivers stay in db/')
    if (/#include <(regex|iostream|filesystem)>/.test(text) && file.endsWith('.h') && !file.includes('/transfer/')) report(file, line, 'heavy header in a header')
    if (!isTest && /\b(TODO|FIXME|XXX)\b/.test(text)) report(file, line, 'unfinished mark')
    if (sqlPattern.test(text) && !sqlAllowed.some((pattern) => pattern.test(file))) report(file, line, 'SQL text outside db/, query/ and the record store')
  })
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  console.error(`layers: ${problems.length} problems`)
  process.exit(1)
}
console.log('layers: fine')
