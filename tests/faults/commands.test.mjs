// The operator's commands on both databases: users, passwords, checks. What they answer, and that it really works.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Client, databases, newPlace, password, run, runWell, Server } from './support.mjs'

const signIn = (server, login, secret) => new Client(server.origin).post('/api/v1/session', { login, password: secret })

for (const kind of databases) {
  test(`users and checks on ${kind}`, { timeout: 120_000 }, async (context) => {
    const place = newPlace(kind)
    runWell(['seed', ...place.flags, '--accounts', '5', '--opportunities', '0'])
    const add = (login, role, input) =>
      run(['user', 'add', ...place.flags, '--login', login, '--name', '新同事', '--role', role, '--password-stdin'], { input })

    await context.test('user add reads the password from standard input', () => {
      const added = add('newcomer', 'sales', 'river-stone-93-lamp\n')
      assert.equal(added.code, 0, added.err)
      assert.match(added.out, /newcomer/)
      assert.ok(!`${added.out}${added.err}`.includes('river-stone'), 'the password is not shown')
    })
    await context.test('user add refuses with a sentence', () => {
      for (const [login, role, input, sentence] of [
        ['newcomer', 'sales', 'river-stone-93-lamp\n', /login/],
        ['second', 'nobody', 'river-stone-93-lamp\n', /role/],
        ['second', 'sales', 'short\n', /password/i],
        ['second', 'sales', '', /password/i],
      ]) {
        const result = add(login, role, input)
        assert.equal(result.code, 1, `${login} ${role}: ${result.out}`)
        assert.match(result.err, /^kehai: /)
        assert.match(result.err, sentence)
      }
    })
    await context.test('without --password-stdin nothing is read', () => {
      assert.equal(run(['user', 'add', ...place.flags, '--login', 'x', '--name', 'x', '--role', 'sales'], { input: 'secret\n' }).code, 2)
      assert.equal(run(['user', 'reset', ...place.flags, '--login', 'admin'], { input: 'secret\n' }).code, 2)
    })
    await context.test('the new user works; user reset ends all sessions', async () => {
      let server = await Server.start(place)
      assert.equal((await signIn(server, 'newcomer', 'wrong-stone-93-lamp')).status, 401)
      assert.equal((await signIn(server, 'newcomer', 'river-stone-93-lamp')).status, 200)
      const admin = await new Client(server.origin).signIn('admin')
      // The embedded database belongs to the server; PostgreSQL may be used beside it.
      if (kind === 'sqlite') await server.stop()
      const reset = run(['user', 'reset', ...place.flags, '--login', 'admin', '--password-stdin'], { input: 'another-cloud-47-rope\n' })
      assert.equal(reset.code, 0, reset.err)
      if (kind === 'sqlite') server = await Server.start(place)
      else await new Promise((resolve) => setTimeout(resolve, 1500))  // other nodes hear of it within a second
      assert.equal((await admin.again(server.origin).get('/api/v1/accounts?$top=1')).status, 401)
      assert.equal((await signIn(server, 'admin', password)).status, 401)
      assert.equal((await signIn(server, 'admin', 'another-cloud-47-rope')).status, 200)
      assert.equal((await server.stop()).code, 0)
    })
    await context.test('user reset of nobody is refused', () => {
      const result = run(['user', 'reset', ...place.flags, '--login', 'nobody', '--password-stdin'], { input: 'another-cloud-47-rope\n' })
      assert.equal(result.code, 1)
      assert.match(result.err, /^kehai: /)
    })
    await context.test('check', () => {
      const empty = run(['check', ...newPlace(kind).flags])
      assert.equal(empty.code, 1)
      assert.match(empty.err, /^kehai: There is no company/)
      assert.match(runWell(['check', ...place.flags]), /sound/)
      if (kind === 'postgres') {
        sql(place, 'UPDATE account SET pool_id = (SELECT MIN(id) FROM pool) WHERE id = (SELECT MIN(id) FROM account)')
        const damaged = run(['check', ...place.flags])
        assert.equal(damaged.code, 1, damaged.out)
        assert.match(damaged.err, /^kehai: account: has an owner and a pool \(1 record, the first has the id \d+\)$/m)
        sql(place, 'UPDATE account SET pool_id = NULL WHERE id = (SELECT MIN(id) FROM account)')
        assert.match(runWell(['check', ...place.flags]), /sound/)
      }
      damage(place)
      const result = run(['check', ...place.flags])
      assert.equal(result.code, 1, result.out)
      assert.match(result.err, /^kehai: /)
    })
  })
}

function sql(place, statement) {
  const done = spawnSync('psql', [place.database, '-qc', statement])
  assert.equal(done.status, 0, String(done.stderr))
}

// SQLite: bytes in the middle of the file; PostgreSQL keeps its own files, but it can be unfit for writing.
function damage(place) {
  if (place.kind === 'postgres') {
    sql(place, `ALTER DATABASE ${new URL(place.database).pathname.slice(1)} SET default_transaction_read_only = on`)
    return
  }
  const file = openSync(path.join(place.data, 'kehai.db'), 'r+')
  for (let page = 20; page < 60; page += 1) writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, page * 4096)
  closeSync(file)
}
