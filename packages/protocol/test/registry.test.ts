import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { signatureContexts } from '@mycelium/protocol';
import { repository } from './vector-files.ts';

const registry = readFileSync(path.join(repository, 'spec/registry.md'), 'utf8');

/** Sources of all packages and apps, without what is installed in them. */
function sources(): readonly string[] {
  const folders = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(path.join(repository, kind)).map((name) => path.join(repository, kind, name, 'src')),
  );
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(path.join(folder, name), 'utf8')),
  );
}

test('every context string in the code is in spec/registry.md, once', () => {
  const used = new Set<string>(signatureContexts);
  for (const source of sources()) {
    for (const [, context] of source.matchAll(/['"`](mycelium [a-z -]+ [0-9]+)(?:\\0)?['"`]/g))
      used.add(context ?? '');
  }
  expect(used.size).toBeGreaterThan(20);
  for (const context of used) {
    const rows = registry.split('\n').filter((line) => line.startsWith(`| \`${context}\` |`));
    expect(rows.length, `rows for "${context}" in spec/registry.md`).toBe(1);
  }
});
