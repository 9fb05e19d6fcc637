// bin/demo and bin/dev as a newcomer uses them, with the program that is built already (KEHAI_BINARY): they come up, answer, and leave
// nothing behind when they are told to stop.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const binary = process.env.KEHAI_BINARY ?? join(root, 'build/dev/src/app/kehai')
const folder = mkdtempSync(join(tmpdir(), 'kehai_scripts_'))
after(() => rmSync(folder, { recursive: true, force: true }))

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false)).on('close', () => socket.destroy())
    socket.setTimeout(2000, () => resolve(false))
  })
}

/** Starts a script of bin/ and waits for a line of its output. */
async function start(script, args, environment, ready) {
  const child = spawn(join(root, 'bin', script), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that what it leaves behind can be counted
    env: { ...process.env, KEHAI_BINARY: binary, KEHAI_DATA: join(folder, 'data'), ...environment },
  })
  let output = ''
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  const groupLives = () => {
    try {
      process.kill(-child.pid, 0)
      return true
    } catch {
      return false
    }
  }
  after(() => {
    if (groupLives()) process.kill(-child.pid, 'SIGKILL')
  })
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready in time:\n${output}`)), 120_000)
    const read = (chunk) => {
      output += chunk
      if (ready.every((pattern) => pattern.test(output))) {
        clearTimeout(timer)
        resolve()
      }
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    ended.then((end) => {
      clearTimeout(timer)
      reject(new Error(`ended with ${JSON.stringify(end)}:\n${output}`))
    })
  })
  return {
    output: () => output,
    /** Only the script is told, as a service manager or a terminal that closes does. */
    stop: async () => {
      process.kill(child.pid, 'SIGTERM')
      const end = await ended
      for (let round = 0; round < 50 && groupLives(); round++) await new Promise((resolve) => setTimeout(resolve, 100))
      assert.equal(groupLives(), false, 'a process is left behind')
      return end
    },
  }
}

const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '')

test('bin/demo comes up, answers, and stops cleanly', async () => {
  const port = await freePort()
  const demo = await start('demo', ['--listen', `127.0.0.1:${port}`], {}, [/ready at http:\/\/\S+/])
  const origin = `http://127.0.0.1:${port}`
  assert.equal((await fetch(`${origin}/readyz`)).status, 200)
  assert.match(await (await fetch(origin, { headers: { Accept: 'text/html' } })).text(), /<div id="root">/)
  const [, password] = /Demo accounts \(password (\S+)\):/.exec(demo.output()) ?? []
  const [, login] = /^ {2}(\S+) +\S/m.exec(demo.output()) ?? []
  assert.ok(login && password, `no account is printed:\n${demo.output()}`)
  const answer = await fetch(`${origin}/api/v1/session`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Origin: origin }, body: JSON.stringify({ login, password }),
  })
  assert.equal(answer.status, 200, await answer.text())
  assert.deepEqual(await demo.stop(), { code: 0, signal: null })
  assert.equal(await isOpen(port), false)
})

test('bin/dev serves the sources of the web UI beside the server, and stops both', async () => {
  const [port, webPort] = [await freePort(), await freePort()]
  const dev = await start('dev', [], { KEHAI_LISTEN: `127.0.0.1:${port}`, KEHAI_WEB_PORT: String(webPort), NO_COLOR: '1' }, [/ready at http:\/\/\S+/, /Local:\s+http/])
  assert.match(plain(dev.output()), new RegExp(`Local:\\s+http://127\\.0\\.0\\.1:${webPort}`))
  const web = `http://127.0.0.1:${webPort}`
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200)
  assert.match(await (await fetch(web)).text(), /src="\/src\/main\.tsx/)
  assert.match(await (await fetch(`${web}/src/main.tsx`)).text(), /import/)
  assert.equal((await fetch(`${web}/api/v1/session`)).headers.get('content-type')?.split(';')[0], 'application/problem+json')
  assert.deepEqual(await dev.stop(), { code: 0, signal: null })
  assert.equal(await isOpen(port), false)
  assert.equal(await isOpen(webPort), false)
})
