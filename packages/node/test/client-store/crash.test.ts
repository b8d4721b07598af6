// strace kills the writer at exactly its K-th fsync, or lets that fsync fail: nothing that was said to be on disk is lost.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openClientStore } from '@mycelium/node';

const writer = path.join(import.meta.dirname, 'crash-writer.ts');
const key = new Uint8Array(32).fill(7);
const hasStrace = process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0;

/** What the writer said before it ended, under a fault. */
function write(file: string, fault: string): readonly number[] {
  const strace = [
    '-f',
    '-qq',
    '-e',
    'trace=fsync,fdatasync',
    '-e',
    `inject=fsync,fdatasync:${fault}`,
    '-o',
    '/dev/null',
  ];
  const ran = spawnSync('strace', [...strace, process.execPath, writer, file], { encoding: 'utf8' });
  return ran.stdout.split('\n').filter(Boolean).map(Number);
}

function rowsIn(file: string): number {
  const store = openClientStore({ file, key });
  const rows = store.scan('rows').map((row) => [row.key[1], row.value[0], row.value.length]);
  const pairs = store.scan('pairs').map((row) => [row.key[1], row.value[0], 300]);
  store.close();
  expect(pairs).toEqual(rows);
  rows.forEach(([number, value], at) => expect([number, value]).toEqual([at, at]));
  return rows.length;
}

test.for([
  ['killed at', 'signal=KILL'],
  ['failing', 'error=EIO'],
])('%s any fsync: what was acknowledged is there, whole', ([, fault], context) => {
  if (!hasStrace) return context.skip('there is no strace here');
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-crash-'));
  try {
    // The last ones are past the end of the work, and in the middle of closing.
    for (const at of [1, 2, 3, 5, 8, 12, 13]) {
      const file = path.join(folder, `${at}.db`);
      const said = write(file, `${fault}:when=${at}`);
      const found = rowsIn(file);
      expect(found).toBeGreaterThanOrEqual(said.length);
      // The fault did happen; of failing ones SQLite forgives some, of the folder.
      if (at < 8 && fault === 'signal=KILL') expect(said.length).toBeLessThan(10);
      write(file, 'signal=KILL:when=10000');
      expect(rowsIn(file)).toBe(found + 10);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
