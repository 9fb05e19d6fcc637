import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = import.meta.dirname;

/** What each folder may import besides itself. */
const allowed: Record<string, string[]> = {
  api: [],
  locales: [],
  ui: [],
  record: ['api', 'ui'],
  platform: ['api', 'ui', 'record'],
  modules: ['api', 'ui', 'record'],
  app: ['api', 'ui', 'record', 'platform', 'modules', 'locales'],
};

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

it('keeps the layers: ui knows nothing of records, modules nothing of each other', () => {
  const wrong: string[] = [];
  for (const path of files(root)) {
    const [area, module] = relative(root, path).split('/');
    if (!(area in allowed)) continue;
    for (const match of readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'@\/([^']+)'/g)) {
      const [target, other] = match[1].split('/');
      if (target !== area && !allowed[area].includes(target)) {
        wrong.push(`${relative(root, path)} → ${match[1]}`);
      }
      if (area === 'modules' && target === 'modules' && other !== module) {
        wrong.push(`${relative(root, path)} → ${match[1]}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
