// The real program, started on a fresh folder (and, for PostgreSQL, a fresh database).
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

const candidates = [
  process.env.KEHAI_BINARY,
  join(root, 'build/kehai'),
  join(root, 'build/release/src/app/kehai'),
  join(root, 'build/dev/src/app/kehai'),
];

export function binary() {
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Error('the program is not built: set KEHAI_BINARY');
  return found;
}

/** A database of its own on the PostgreSQL server of the tests; null for the embedded one. */
function freshDatabase(kind) {
  if (kind === 'sqlite') return null;
  const server = process.env.KEHAI_TEST_POSTGRES;
  const name = `kehai_e2e_${randomBytes(6).toString('hex')}`;
  const psql = (command) => execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-c', command, server]);
  psql(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: String(url), drop: () => psql(`drop database if exists ${name} with (force)`) };
}

/**
 * Starts `kehai COMMAND` and waits until it answers. `setupUrl` is there when nobody has set the
 * company up yet.
 */
export async function startProgram(command, kind = 'sqlite') {
  const folder = mkdtempSync(join(tmpdir(), 'kehai-e2e-'));
  const database = freshDatabase(kind);
  const child = spawn(
    binary(),
    [
      ...[command, '--data', folder, '--listen', '127.0.0.1:0'],
      // The systems that it tells of changes are on this machine.
      ...['--outbound-network', '127.0.0.0/8'],
      ...(database ? ['--database', database.url] : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const origin = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL'); // left alone, it would keep the whole run from ending
      reject(new Error(`not ready in time:\n${output}`));
    }, 300_000);
    let ready = false;
    const read = (chunk) => {
      if (ready && output.length > 100_000) return; // the log of requests, which grows with every one
      output += chunk;
      if (ready) return;
      const match = /ready at (http:\/\/\S+)/.exec(output);
      if (match) {
        ready = true;
        clearTimeout(timer);
        resolve(match[1]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)));
  });
  const setupUrl = async () => {
    for (let round = 0; round < 50; round++) {
      const match = /http:\/\/\S+\/setup\?token=\S+/.exec(output);
      if (match) return match[0];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no set-up address:\n${output}`);
  };
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    database?.drop();
  };
  return { origin, setupUrl, stop, output: () => output };
}
