/**
 * V8's heap of young objects stays at its 1 MB while the node starts and waits (main.js): but a node that is busy then
 * collects it a hundred times a second, and each time looks at everything that it holds. Once that happens it may grow
 * to what V8 thinks best, 32 MB at most.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';

/** As many as this within a second are not made by a node that waits. */
const collectionsMax = 40;
const secondMs = 1_000;

/** The answer ends the watch. */
export function growWhenBusy(): () => void {
  let sinceMs = 0;
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) {
      if (startTime - sinceMs > secondMs) {
        sinceMs = startTime;
        collections = 0;
      }
      collections += 1;
    }
    if (collections <= collectionsMax) return;
    observer.disconnect();
    v8.setFlagsFromString('--semi-space-growth-factor=2');
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}
