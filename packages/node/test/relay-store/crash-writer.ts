// A process that appends, trims and opens without end, and tells each answer of the store on standard output before it
// goes on. crash.test.ts kills it.   node crash-writer.ts FOLDER
import { writeSync } from 'node:fs';
import { openRelayStore } from '@mycelium/node';
import type { QueueStore } from '@mycelium/runtime';

const limits = {
  retentionMs: 30 * 86_400_000,
  framesPerQueueMax: 1_000_000,
  queuesMax: 1000,
  bytesMax: 1 << 30,
};
const sizes = [128, 128, 128, 512, 2048, 4096] as const;

// frames.ts needs vitest; the same frames again.
function frameOf(queue: number, index: number): Uint8Array {
  const frame = new Uint8Array(sizes[index % sizes.length] ?? 128);
  frame.fill((queue * 37 + index * 11) & 0xff);
  frame.set([index & 0xff, (index >> 8) & 0xff, index >> 16, queue]);
  return frame;
}

async function keepWriting(store: QueueStore, queue: number): Promise<never> {
  const route = new Uint8Array(16).fill(queue);
  const state = await store.open(route, 0, undefined);
  if (typeof state === 'string') throw new Error(state);
  for (let { next } = state; ;) {
    const appends = Array.from({ length: 20 }, (_, at) => ({
      route,
      frame: frameOf(queue, next + at),
      index: next + at,
    }));
    const outcomes = await store.append(appends);
    if (outcomes.some(({ kind }) => kind !== 'stored')) throw new Error('an append was refused');
    next += appends.length;
    writeSync(1, `stored ${queue} ${next}\n`);
    if (next % 200 === 0) {
      await store.trim(route, next - 150);
      writeSync(1, `trimmed ${queue} ${next - 150}\n`);
    }
  }
}

const [folder = ''] = process.argv.slice(2);
const store = await openRelayStore({
  folder,
  limits,
  clock: { nowMs: () => Date.now() },
  segmentBytesMax: 256 << 10,
  reserveBytes: 1 << 16,
});
await Promise.all([1, 2, 3, 4].map((queue) => keepWriting(store, queue)));
