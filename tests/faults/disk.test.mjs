// Disks that are full or read-only: at the start one clear sentence, at work a clear refusal, and reading goes on.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Client, newFolder, run, runWell, Server } from './support.mjs'

// Small disks need the right to mount; a machine that does not give it says so.
async function mounted(context, options, use) {
  const folder = path.join(newFolder(), 'disk')
  mkdirSync(folder)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) {
    console.log('SKIPPED: disk full and read-only disk: mounting is not allowed here')
    return context.skip()
  }
  try {
    return await use(folder)
  } finally {
    spawnSync('umount', ['-l', folder])
  }
}

function refused(folder, sentence) {
  const result = run(['serve', '--data', folder, '--listen', '127.0.0.1:0'], { timeout: 30_000 })
  assert.equal(result.code, 3, result.err)
  assert.equal(result.err.split('\n').filter((line) => line.startsWith('kehai: ')).length, 1, result.err)
  assert.match(result.err, sentence)
}

test('a full disk at the start', (context) => mounted(context, 'size=64k', (folder) =>
  refused(path.join(folder, 'data'), /disk is full|No space left/)))

test('a read-only disk at the start', (context) => mounted(context, 'ro', (folder) =>
  refused(folder, /Read-only file system|cannot be created/)))

test('a disk that becomes read-only keeps a company from starting, with one sentence', (context) => mounted(context, 'size=64m', (folder) => {
  const data = path.join(folder, 'data')
  runWell(['seed', '--data', data, '--accounts', '5', '--opportunities', '0'])
  assert.equal(spawnSync('mount', ['-o', 'remount,ro', folder]).status, 0)
  refused(data, /Read-only file system|Cannot write/)
}))

test('a disk that fills up at work', { timeout: 120_000 }, (context) => mounted(context, 'size=96m', async (folder) => {
  const data = path.join(folder, 'data')
  runWell(['seed', '--data', data, '--accounts', '20', '--opportunities', '5'])
  const server = await Server.start({ flags: ['--data', data] })
  const admin = await new Client(server.origin).signIn('admin')
  const create = (number) => admin.post('/api/v1/accounts', { name: `满盘${number}号有限公司`, duplicate_reason: 'test' })
  const kept = []
  const before = await create(0)
  assert.equal(before.status, 201)
  kept.push(before.json.id)

  // Everything that is left, and then some; tmpfs ends the write itself.
  const filler = path.join(folder, 'filler')
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'])
  let refusal
  for (let number = 1; number <= 2000 && !refusal; number += 1) {
    const answer = await create(number)
    if (answer.status === 201) kept.push(answer.json.id)
    else refusal = answer
  }
  assert.ok(refusal, 'the disk was full at last')
  assert.equal(refusal.status, 507, `${refusal.status} ${JSON.stringify(refusal.json)}`)
  assert.ok(refusal.json.title.length > 5 && refusal.json.code, JSON.stringify(refusal.json))

  await context.test('reading goes on', async () => {
    for (const id of kept) await admin.expect(200, 'GET', `/api/v1/accounts/${id}`)
    await admin.expect(200, 'GET', '/api/v1/accounts?$top=10')
    assert.equal((await admin.get('/healthz')).status, 200)
  })
  await context.test('with room again, writing goes on within 5 s, without a restart', async () => {
    rmSync(filler)
    const begun = performance.now()
    let answer = await create('后')
    while (answer.status !== 201 && performance.now() - begun < 5000) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      answer = await create('后')
    }
    assert.equal(answer.status, 201, JSON.stringify(answer.json))
    kept.push(answer.json.id)
  })
  assert.equal((await server.stop()).code, 0, server.log)
  runWell(['check', '--data', data])
  const again = await Server.start({ flags: ['--data', data] })
  const reader = admin.again(again.origin)
  for (const id of kept) await reader.expect(200, 'GET', `/api/v1/accounts/${id}`)
  assert.equal((await again.stop()).code, 0)
}))
