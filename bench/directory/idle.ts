/** What a directory node takes when nobody asks it anything: the program itself, beside another one that it knows. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestNode } from '../../test/harness/node.ts';
import { World } from '../../test/harness/program.ts';
import { cpuMicroseconds } from '../processes/cpu-time.ts';

export interface IdleFigures {
  /** Undefined where there is no /proc. */
  readonly residentMb: number | undefined;
  readonly corePercent: number | undefined;
}

export async function measureIdle(seconds: number): Promise<IdleFigures> {
  const world = new World();
  try {
    const first = await new TestNode(world, 'first', { roles: 'directory' }).start();
    const bootstrap = [first.address.split('@')[1] ?? ''];
    const node = await new TestNode(world, 'second', { roles: 'directory', bootstrap }).start();
    const pid = node.up?.pid ?? 0;
    await sleep(3_000);
    const before = cpuMicroseconds(pid);
    await sleep(seconds * 1_000);
    const after = cpuMicroseconds(pid);
    const corePercent =
      before === undefined || after === undefined ? undefined : (after - before) / 10_000 / seconds;
    return { residentMb: residentMb(pid), corePercent };
  } finally {
    await world.end();
  }
}

function residentMb(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? undefined : Number(found[1]) / 1024;
  } catch {
    return undefined;
  }
}
