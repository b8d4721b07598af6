/** Starting: until a daemon is ready, and what it takes from memory when nothing happens. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestNode } from '../../test/harness/node.ts';
import { World } from '../../test/harness/program.ts';
import type { Budget, Case, Result } from '../case.ts';
import { aliceAddress } from '../processes/people.ts';
import { median, quantile, round, spreadOf } from '../statistics.ts';

const allRoles = 'user,relay,directory';

async function readyTimes(node: TestNode, starts: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let at = 0; at < starts; at += 1) {
    const started = performance.now();
    await node.start();
    times.push(performance.now() - started);
    await node.stop();
  }
  return times;
}

/** Megabytes of a process that are in memory now; undefined where there is no /proc. */
function residentMb(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? undefined : Number(found[1]) / 1024;
  } catch {
    return undefined;
  }
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const world = new World();
  try {
    const node = new TestNode(world, 'alice', { roles: allRoles });
    await node.start();
    await node.init(aliceAddress);
    await node.stop();
    const times = await readyTimes(node, budget.quick ? 4 : 12);
    await node.start();
    await sleep(budget.quick ? 3_000 : 15_000);
    const idle = residentMb(node.up?.pid ?? 0);
    return [ready(times), rss(idle)];
  } finally {
    await world.end();
  }
}

function ready(times: readonly number[]): Result {
  return {
    case: 'ready',
    value: round(median(times)),
    unit: 'ms',
    spread: spreadOf(times),
    ratios: {},
    quantiles: { fastest: round(quantile(times, 0)), slowest: round(quantile(times, 1)) },
    counts:
      'From spawning `mycelium up --json` (user, relay and directory in one process, an account in the data folder) ' +
      'until its line {"event":"ready"} has been read. Files are in the page cache, compiled code in ours.',
    goal: { bound: 'most', value: 1_000 },
  };
}

function rss(idleMb: number | undefined): Result {
  return {
    case: 'idle.rss',
    value: idleMb === undefined ? null : round(idleMb),
    unit: 'MB',
    spread: null,
    ratios: {},
    counts:
      'VmRSS of that process 15 s (--quick: 3 s) after ready, with one account, no contacts and all three roles; ' +
      'Node itself is in it.',
    goal: { bound: 'most', value: 120 },
    ...(idleMb === undefined && { skipped: 'there is no /proc here' }),
  };
}

export const start: Case = { names: ['ready', 'idle.rss'], run };
