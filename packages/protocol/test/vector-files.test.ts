import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repository } from './vector-files.ts';

test('the committed vectors are what their generators write', () => {
  const main = path.join(repository, 'vectors/generate/main.ts');
  const run = spawnSync(process.execPath, [main, '--check'], { encoding: 'utf8' });
  expect(`${run.stdout}${run.stderr}`).toBe('');
  expect(run.status).toBe(0);
});

test('a reader in another language computes the same from the vectors', (context) => {
  const present = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  if (present.status !== 0) context.skip('skipped, because python3 is not installed');
  const reader = path.join(repository, 'vectors/reader/read_vectors.py');
  const run = spawnSync('python3', ['-B', reader], { encoding: 'utf8' });
  expect(run.stdout + run.stderr).toMatch(/^(?:[a-z]+: [1-9][0-9]* values agree, 0 differ\n)+$/);
  expect(run.status).toBe(0);
});
