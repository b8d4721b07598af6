/** What Linux says of another process: how much of it is in memory, and whether it does anything. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Part of a core below which a process is idle, seen over so long. */
const idleShare = 0.05;
const lookMs = 2_000;
const looksMax = 60;
/** Of /proc/PID/stat: USER_HZ, which is 100 wherever Node runs. */
const tickMs = 10;

/** Kilobytes of it that are in memory now; NaN where there is no /proc. */
export function readResidentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readOf(pid, 'status'))?.[1]);
}

/** Until it has nothing more to do, as far as can be seen; two minutes at most. */
export async function untilIdle(pid: number): Promise<void> {
  for (let look = 0, before = readBusyMs(pid); look < looksMax; look += 1) {
    await sleep(lookMs);
    const now = readBusyMs(pid);
    if (!(now - before > idleShare * lookMs)) return;
    before = now;
  }
}

/** Milliseconds of the processor that it has used; NaN where there is no /proc. */
export function readBusyMs(pid: number): number {
  // Behind its name, which may have blanks: the fields from the third on.
  const fields = readOf(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function readOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
