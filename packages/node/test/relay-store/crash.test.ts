// The store under load in a process of its own that is killed: what it had answered is there afterwards.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openRelayStore } from '@mycelium/node';
import { expect, test } from 'vitest';
import { clock, indices, limits, range, routeOf, temporaryFolder } from './frames.ts';

/** Runs until it has answered `answers` times, then kills it. What it answered, the last for each queue. */
async function runAndKill(folder: string, answers: number): Promise<Map<string, number>> {
  const script = path.join(import.meta.dirname, 'crash-writer.ts');
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
  const told = new Map<string, number>();
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what = '', queue = '', index = ''] = line.split(' ');
    told.set(`${what} ${queue}`, Number(index));
    count += 1;
    if (count === answers) child.kill('SIGKILL'); // what it still told by then counts, too
  }
  expect(await ended).toBe('SIGKILL');
  return told;
}

test('killed again and again under load, it loses nothing that it answered, and uses no index twice', async () => {
  const folder = temporaryFolder();
  const told = new Map<string, number>();
  for (const answers of [5, 40, 77, 128, 160, 233]) {
    for (const [what, index] of await runAndKill(folder, answers)) told.set(what, index);
    const store = await openRelayStore({ folder, limits, clock, reserveBytes: 1 << 16 });
    for (const queue of [1, 2, 3, 4]) {
      const state = await store.state(routeOf(queue));
      const { first, next } = state ?? { first: 0, next: 0 };
      expect(next).toBeGreaterThanOrEqual(told.get(`stored ${queue}`) ?? 0);
      expect(first).toBeGreaterThanOrEqual(told.get(`trimmed ${queue}`) ?? 0);
      expect(await indices(store, queue), `queue ${queue} after ${answers} answers`).toEqual(
        range(first, next),
      );
    }
    await store.close();
  }
});
