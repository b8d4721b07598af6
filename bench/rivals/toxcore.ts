/** Texts a second between two processes of c-toxcore: toxcore.c, built here when Debian's `libtoxcore-dev` and gcc are installed. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Budget } from '../case.ts';

const runFile = promisify(execFile);
const source = path.join(import.meta.dirname, 'toxcore.c');

/** The messages a second of each round, or why there are none. */
export async function toxcoreRates(budget: Budget): Promise<readonly number[] | string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-tox-'));
  const program = path.join(folder, 'toxcore');
  const [rounds, messages] = budget.quick ? [4, 5_000] : [7, 50_000];
  try {
    await runFile('gcc', ['-O2', '-o', program, source, '-ltoxcore']);
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return 'not installed: libtoxcore-dev and gcc (apt install libtoxcore-dev gcc)';
  }
  try {
    // The first round warms up.
    const { stdout } = await runFile(program, [String(rounds + 1), String(messages)], { timeout: 300_000 });
    return stdout.trim().split('\n').slice(1).map(Number);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return `it failed here: ${said === '' ? String(error) : said}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
