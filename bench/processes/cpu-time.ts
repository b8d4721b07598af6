/** CPU time of another process, all its threads: the figure that a busy machine changes least. */
import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds since it started; undefined where the system does not tell (it is Linux's /proc). */
export function cpuMicroseconds(pid: number): number | undefined {
  const tasks = `/proc/${pid}/task`;
  try {
    let nanoseconds = 0;
    // First figure of a thread's schedstat: time on a CPU, in ns.
    for (const thread of readdirSync(tasks))
      nanoseconds += Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]);
    return nanoseconds / 1_000;
  } catch {
    return undefined;
  }
}
