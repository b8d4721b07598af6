import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFile } from '@mycelium/node';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mycelium-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one holder at a time, and the next when it lets go', () => {
  const file = path.join(folder, 'lock');
  const lock = lockFile(file);
  expect(lock).toBeDefined();
  expect(lockFile(file)).toBeUndefined();
  lock?.release();
  const again = lockFile(file);
  expect(again).toBeDefined();
  again?.release();
});

test('a killed holder holds nothing', async () => {
  const file = path.join(folder, 'lock');
  const code = `import { lockFile } from '@mycelium/node'; lockFile(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(lockFile(file)).toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'close');
  const lock = lockFile(file);
  expect(lock).toBeDefined();
  lock?.release();
});
