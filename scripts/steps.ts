// Everything that must hold before a change lands, in the order in which it fails fastest.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Finished, root, runNode } from './processes.ts';
import type { TestCounts } from './vitest-reporter.ts';

export interface Verdict {
  readonly ok: boolean;
  readonly counts: TestCounts;
}

const countsFile = path.join(root, '.cache', 'test-counts.json');

function runTests(): Promise<Finished> {
  const args = ['run', '--reporter=default', '--reporter=./scripts/vitest-reporter.ts'];
  return runNode('node_modules/vitest/vitest.mjs', args, {
    env: { MYCELIUM_TEST_COUNTS: countsFile },
    show: true,
  });
}

const steps: readonly (readonly [name: string, run: () => Promise<Finished>])[] = [
  [
    'format',
    () => runNode('node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  ],
  ['types', () => runNode('scripts/types.ts', [])],
  ['lint', () => runNode('scripts/lint.ts', [])],
  ['fences', () => runNode('scripts/fences.ts', [])],
  ['dead code', () => runNode('node_modules/knip/bin/knip.js', ['--no-progress', '--no-config-hints'])],
  ['docs code', () => runNode('scripts/docs-code.ts', [])],
  ['tests', runTests],
];

function readCounts(): TestCounts {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8')) as TestCounts;
  } catch {
    return { passed: 0, failed: 0, skipped: [] }; // the tests did not get to run
  }
}

/** Runs every step, one line each, and stops at the first that fails, showing what it printed. */
export async function verify(): Promise<Verdict> {
  mkdirSync(path.dirname(countsFile), { recursive: true });
  rmSync(countsFile, { force: true });
  for (const [name, run] of steps) {
    const started = performance.now();
    const { ok, output } = await run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (!ok && name !== 'tests') process.stdout.write(output);
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.padStart(6)} s\n`);
    if (!ok) return { ok, counts: readCounts() };
  }
  return { ok: true, counts: readCounts() };
}
