/** A clone, set up where there is neither a compiler nor make nor Python, runs. A check; its time is no promise. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Case, type Result, skipped } from '../case.ts';
import { round } from '../statistics.ts';

const root = path.resolve(import.meta.dirname, '../..');
const runFile = promisify(execFile);
const counts =
  'Seconds for `node scripts/run.js` in a fresh clone (npm ci, patches), with a PATH that holds Node, npm, git and sh but no ' +
  'compiler, make or Python, and then `mycelium --version`; packages come from the registry or npm’s cache.';

/** A folder with links to these programs and nothing else. */
async function narrowPath(folder: string): Promise<string> {
  mkdirSync(folder);
  symlinkSync(process.execPath, path.join(folder, 'node'));
  for (const name of ['npm', 'git', 'sh', 'env', 'uname']) {
    const { stdout } = await runFile('sh', ['-c', `command -v ${name}`]);
    symlinkSync(stdout.trim(), path.join(folder, name));
  }
  return folder;
}

async function run(): Promise<readonly Result[]> {
  if (process.platform === 'win32') return [skipped('install', 's', counts, 'it is written for Unix')];
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-'));
  try {
    const clone = path.join(folder, 'clone');
    await runFile('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone]);
    const { npm_execpath: _, ...inherited } = process.env;
    const env = { ...inherited, PATH: await narrowPath(path.join(folder, 'bin')) };
    const started = performance.now();
    await runFile(process.execPath, ['scripts/run.js'], { cwd: clone, env });
    const seconds = (performance.now() - started) / 1000;
    await runFile(process.execPath, ['bin/mycelium.js', '--version'], { cwd: clone, env });
    return [{ case: 'install', value: round(seconds), unit: 's', spread: null, ratios: {}, counts }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const install: Case = { names: ['install'], run };
