// What a release carries against attacks: every source is compiled and every program linked with the flags that cmake/flags.cmake
// promises, and a release program that stands in build/release has what they bring. The debug program has not, which the check must say.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const check = (program) => spawnSync(join(root, 'tools/check_hardening'), [program], { encoding: 'utf8' })

const compiled = [
  '-O2', '-D_GLIBCXX_ASSERTIONS', '-D_FORTIFY_SOURCE=3', '-fstack-protector-strong', '-fstack-clash-protection', '-fcf-protection',
  '-ftrivial-auto-var-init=zero', '-Werror=format-security',
]
const everywhere = compiled.filter((flag) => !['-D_GLIBCXX_ASSERTIONS', '-Werror=format-security'].includes(flag)) // also in C
const linked = ['-pie', '-Wl,-z,relro,-z,now,-z,noexecstack']

test('every source and every program of the release preset has the flags', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kehai_flags_'))
  try {
    const made = spawnSync('cmake', ['--preset', 'release', '-B', folder, '-DKEHAI_WEB=OFF', '-DKEHAI_TESTS=OFF'], { cwd: root, encoding: 'utf8' })
    assert.equal(made.status, 0, made.stderr)
    const commands = JSON.parse(readFileSync(join(folder, 'compile_commands.json'), 'utf8'))
    assert.ok(commands.length > 100, `only ${commands.length} sources`)
    for (const { command, file } of commands) {
      if (file.endsWith('.S')) continue // data, no code
      const words = new Set(command.split(/\s+/))
      const missing = (file.endsWith('.c') ? everywhere : compiled).filter((flag) => !words.has(flag))
      assert.deepEqual(missing, [], `${file} is compiled without them`)
      assert.ok(words.has('-fPIC') || words.has('-fPIE'), `${file} is not position independent`)
    }
    const programs = readFileSync(join(folder, 'build.ninja'), 'utf8').split(/^build /m).filter((rule) => /: CXX_EXECUTABLE_LINKER/.test(rule.split('\n')[0]))
    assert.ok(programs.some((rule) => rule.startsWith('src/app/kehai:')))
    for (const rule of programs) {
      const flags = /^ {2}LINK_FLAGS = (.*)$/m.exec(rule)?.[1] ?? ''
      assert.deepEqual(linked.filter((flag) => !flags.split(/\s+/).includes(flag)), [], rule.split('\n')[0])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the check sees what a debug program lacks', () => {
  const program = process.env.KEHAI_BINARY ?? join(root, 'build/dev/src/app/kehai')
  const { status, stdout } = check(program)
  assert.equal(status, 1, stdout)
  assert.match(stdout, /^NO {3}relocations bound at start$/m)
  assert.match(stdout, /^NO {3}checked library calls$/m)
})

test('the release program has what the flags bring', (context) => {
  const program = join(root, 'build/release/src/app/kehai')
  if (!existsSync(program)) {
    console.log('SKIPPED: hardening of the release program (build/release is not built; bin/build)')
    context.skip('no release program')
    return
  }
  console.log(`release program of ${statSync(program).mtime.toISOString()}`)
  const { status, stdout } = check(program)
  assert.equal(status, 0, stdout)
})
