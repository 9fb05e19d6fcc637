// Files in and out on the command line, on the embedded database and on PostgreSQL.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { binary, databases, newFolder, newPlace, run, runWell } from './support.mjs'

for (const kind of databases) {
  test(`import and export on the command line (${kind})`, () => {
    const place = newPlace(kind)
    runWell(['demo', '--no-serve', ...place.flags])
    const folder = newFolder()
    const file = path.join(folder, '线索.csv')
    const write = (second) => writeFileSync(file, `\ufeff公司名称,联系电话,备注\n甲测试专用公司,0571-88886661,=1+1\n乙测试专用公司,${second},二\n`)
    const imports = (...more) => run(['import', ...place.flags, 'lead', file, ...more])
    const exports = (...more) => run(['export', ...place.flags, 'lead', '--filter', "contains(company,'测试专用')", '--orderby', 'company desc',
      '--columns', 'company,description', ...more])

    write('12')
    const dry = imports('--dry-run')
    assert.equal(dry.code, 1, dry.err)
    assert.match(dry.out, /公司名称 -> company\n/)
    assert.match(dry.out, /validated: rows 2, good 1, wrong 1, duplicates 0/)
    const nothing = imports()
    assert.equal(nothing.code, 1)
    assert.match(nothing.err, /kehai: \S/)
    assert.doesNotMatch(exports('--format', 'csv').out, /测试专用/)

    const result = path.join(folder, 'result.csv')
    const good = imports('--good-rows', '--result', result)
    assert.equal(good.code, 0, good.err)
    assert.match(good.out, /partial: .*created 1/)
    assert.match(readFileSync(result, 'utf8'), /\b12\b.*field\.phone/)
    write('0571-88886662')
    const rest = imports()
    assert.equal(rest.code, 0, rest.err)
    assert.match(rest.out, /done: rows 2, .*duplicates 1, created 1/)
    assert.match(imports().out, /duplicates 2, created 0/)

    const csv = exports('--format', 'csv')
    assert.equal(csv.code, 0, csv.err)
    assert.equal(csv.out.replace('\ufeff', ''), `公司名称,备注\r\n乙测试专用公司,二\r\n甲测试专用公司,"'=1+1"\r\n`)
    const table = path.join(folder, 'out.xlsx')
    assert.equal(exports('--output', table).code, 0)
    assert.equal(readFileSync(table).subarray(0, 2).toString(), 'PK')

    assert.match(imports('--map', 'nonsense').err, /COLUMN=FIELD|列名=字段|欄名=欄位/)
    assert.match(imports('--map', '备注=').out, /备注 -> -|^(?!.*备注 ->)/s)
    // A column that the guess cannot know, and one that it reads otherwise.
    writeFileSync(file, '\ufeff单位,备注,暗号\n丙测试专用公司,三,来自暗号\n')
    const mapped = imports('--map', '单位=company', '--map', '暗号=description', '--map', '备注=')
    assert.equal(mapped.code, 0, mapped.err)
    assert.match(mapped.out, /单位 -> company\n/)
    assert.match(mapped.out, /暗号 -> description\n/)
    assert.match(mapped.out, /done: rows 1, .*created 1/)
    assert.match(exports('--format', 'csv').out, /丙测试专用公司,来自暗号/)
    assert.notEqual(imports('--map', '暗号=nothing_like_it').code, 0)

    // Two objects from one sheet, and a campaign that nobody has made yet.
    writeFileSync(file, '\ufeff客户名称,联系人,手机\n丁测试专用公司,张三,13812345670\n丁测试专用公司,李四,13812345671\n')
    const beside = run(['import', ...place.flags, 'account', file])
    assert.equal(beside.code, 0, beside.err)
    assert.match(beside.out, /联系人 -> contact.name\n/)
    const contacts = run(['export', ...place.flags, 'contact', '--filter', "account/name eq '丁测试专用公司'", '--columns', 'name', '--orderby', 'id'])
    assert.equal(contacts.out.replace('\ufeff', ''), '姓名\r\n张三\r\n李四\r\n', contacts.err)
    writeFileSync(file, '\ufeff公司名称,市场活动\n戊测试专用公司,春季展会\n')
    assert.notEqual(imports('--dry-run').code, 0)
    assert.equal(imports('--create-missing', 'campaign_id').code, 0)
    assert.match(run(['export', ...place.flags, 'lead', '--filter', "campaign/name eq '春季展会'", '--columns', 'company']).out, /戊测试专用公司/)

    // A workbook on standard output is the same bytes as one in a file.
    const shown = spawnSync(binary, ['export', ...place.flags, 'lead', '--filter', "contains(company,'测试专用')", '--format', 'xlsx'])
    assert.equal(shown.status, 0, String(shown.stderr))
    assert.equal(shown.stdout.subarray(0, 4).toString('latin1'), 'PK\x03\x04')
    const book = path.join(folder, 'shown.xlsx')
    writeFileSync(book, shown.stdout)
    const again = run(['import', ...place.flags, 'lead', book, '--dry-run'])
    assert.match(again.out, /rows 4, /, again.err)
    assert.deepEqual(readdirSync(path.join(place.data, 'files', 'temporary')), [])

    write('0571-88886662')
    assert.match(imports('--import-rows', '1').err, /1/)
    assert.equal(run(['import', ...place.flags, 'lead', path.join(folder, 'nothing.csv')]).code, 1)
    assert.equal(run(['export', ...place.flags, 'lead', '--format', 'pdf']).code, 2)
  })
}
