/** Time from the machine. */
import type { Clock } from '@mycelium/runtime';

/** Node's timers fire at once when asked for more than this, so longer waits are cut into pieces. */
const timerMsMax = 0x7fff_ffff;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const dueMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = dueMs - performance.now();
      timer = setTimeout(leftMs > timerMsMax ? wait : call, Math.min(Math.max(leftMs, 0), timerMsMax));
      timer.unref();
    };
    wait();
    return () => clearTimeout(timer);
  },
};
