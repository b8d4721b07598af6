/**
 * What every `QueueStore` must do, as cases that any test runner can run:
 * `for (const { title, run } of queueStoreCases) test(title, () => run(subject))`.
 */
import { assert, bytesEqual } from '@mycelium/protocol';
import type { AppendOutcome, Clock, QueueStore, QueueStoreLimits } from '@mycelium/runtime';

export interface QueueStoreSubject {
  /** A new, empty store. */
  create(limits: QueueStoreLimits, clock: Pick<Clock, 'nowMs'>): Promise<QueueStore>;
  /** Ends this store as a killed process would, without `close`, and opens what is left. */
  reopenAfterCrash(store: QueueStore): Promise<QueueStore>;
}

export interface QueueStoreCase {
  readonly title: string;
  readonly run: (subject: QueueStoreSubject) => Promise<void>;
}

const dayMs = 24 * 3_600_000;
const wide: QueueStoreLimits = {
  retentionMs: 30 * dayMs,
  framesPerQueueMax: 1000,
  queuesMax: 100,
  bytesMax: 1 << 24,
};
const sizes = [128, 512, 2048, 4096] as const;

class SettableClock {
  ms = 1_800_000_000_000;
  nowMs(): number {
    return this.ms;
  }
}

const routeNumber = (number: number): Uint8Array => new Uint8Array(16).fill(number);

/** A frame that can be told from every other. */
function frameOf(queue: number, index: number): Uint8Array {
  const frame = new Uint8Array(sizes[index % sizes.length] ?? 128);
  frame.fill(queue, 4, 20);
  frame[20] = index & 0xff;
  frame[21] = index >> 8;
  frame.fill((queue * 31 + index * 7) & 0xff, 32);
  return frame;
}

async function appendFrames(
  store: QueueStore,
  queue: number,
  range: readonly [from: number, to: number],
): Promise<readonly AppendOutcome[]> {
  const appends = [];
  for (let index = range[0]; index < range[1]; index += 1) {
    appends.push({ route: routeNumber(queue), frame: frameOf(queue, index), index });
  }
  return store.append(appends);
}

async function expectFrames(
  store: QueueStore,
  queue: number,
  range: readonly [from: number, to: number],
): Promise<void> {
  const found = await store.read(routeNumber(queue), 0, 10_000, 1 << 24);
  const indices = found.map(({ index }) => index).join(' ');
  const wanted = Array.from({ length: range[1] - range[0] }, (_, at) => range[0] + at).join(' ');
  assert(indices === wanted, `queue ${queue} holds [${wanted}], found [${indices}]`);
  for (const { index, frame } of found) {
    assert(bytesEqual(frame, frameOf(queue, index)), `frame ${index} of queue ${queue} is as it was`);
  }
}

function expectReasons(outcomes: readonly AppendOutcome[], wanted: string): void {
  const found = outcomes.map((outcome) => (outcome.kind === 'stored' ? outcome.index : outcome.reason));
  assert(found.join(' ') === wanted, `outcomes are ${wanted}, found ${found.join(' ')}`);
}

async function expectState(store: QueueStore, queue: number, wanted: string): Promise<void> {
  const state = await store.state(routeNumber(queue));
  const found = state && `${state.first} ${state.next} ${state.intakeDifficulty ?? '-'}`;
  assert(found === wanted, `queue ${queue} stands at ${wanted}, found ${found}`);
}

async function withQueue(subject: QueueStoreSubject, base: number, frames: number): Promise<QueueStore> {
  const store = await subject.create(wide, new SettableClock());
  await store.open(routeNumber(1), base, undefined);
  await appendFrames(store, 1, [base, base + frames]);
  return store;
}

export const queueStoreCases: readonly QueueStoreCase[] = [
  {
    title: 'frames get consecutive indices from the base on, and are read as they were',
    run: async (subject) => {
      const store = await withQueue(subject, 5, 0);
      expectReasons(await appendFrames(store, 1, [5, 9]), '5 6 7 8');
      await expectFrames(store, 1, [5, 9]);
      await expectState(store, 1, '5 9 -');
      await store.close();
    },
  },
  {
    title: 'a queue that nobody opened takes nothing and holds nothing',
    run: async (subject) => {
      const store = await subject.create(wide, new SettableClock());
      expectReasons(await appendFrames(store, 1, [0, 1]), 'no-queue');
      assert((await store.state(routeNumber(1))) === undefined, 'there is no such queue');
      assert((await store.read(routeNumber(1), 0, 10, 1000)).length === 0, 'nothing to read');
      await store.trim(routeNumber(1), 3);
      await store.close();
    },
  },
  {
    title: 'a frame for another index than the next is refused, and so is what follows it',
    run: async (subject) => {
      const store = await withQueue(subject, 0, 2);
      expectReasons(await appendFrames(store, 1, [3, 5]), 'out-of-order out-of-order');
      expectReasons(await appendFrames(store, 1, [1, 3]), 'out-of-order 2');
      await expectFrames(store, 1, [0, 3]);
      await store.close();
    },
  },
  {
    title: 'calls take effect in the order in which they were made, without waiting',
    run: async (subject) => {
      const store = await subject.create(wide, new SettableClock());
      const opened = store.open(routeNumber(1), 0, undefined);
      const first = appendFrames(store, 1, [0, 3]);
      const trimmed = store.trim(routeNumber(1), 2);
      const again = store.open(routeNumber(1), 0, undefined);
      const second = appendFrames(store, 1, [3, 4]);
      await Promise.all([opened, first, trimmed]);
      const state = await again;
      assert(typeof state === 'object' && state.first === 2 && state.next === 3, 'opened at 2 to 3');
      expectReasons(await second, '3');
      await expectFrames(store, 1, [2, 4]);
      await store.close();
    },
  },
  {
    title: 'calls for one queue are answered in the order in which they were made',
    run: async (subject) => {
      const store = await withQueue(subject, 0, 0);
      const answered: number[] = [];
      const ends = [300, 301, 302, 600, 601];
      const calls = ends.map(async (end, at) => {
        await appendFrames(store, 1, [ends[at - 1] ?? 0, end]);
        answered.push(end);
      });
      await Promise.all(calls);
      assert(answered.join(' ') === ends.join(' '), `answered in order, not ${answered.join(' ')}`);
      await store.close();
    },
  },
  {
    title: 'one batch may be for many queues',
    run: async (subject) => {
      const store = await subject.create(wide, new SettableClock());
      await store.open(routeNumber(1), 0, undefined);
      await store.open(routeNumber(2), 7, undefined);
      const outcomes = await store.append([
        { route: routeNumber(1), frame: frameOf(1, 0), index: 0 },
        { route: routeNumber(2), frame: frameOf(2, 7), index: 7 },
        { route: routeNumber(3), frame: frameOf(3, 0), index: 0 },
        { route: routeNumber(1), frame: frameOf(1, 1), index: undefined },
      ]);
      expectReasons(outcomes, '0 7 no-queue 1');
      await expectFrames(store, 1, [0, 2]);
      await expectFrames(store, 2, [7, 8]);
      await store.close();
    },
  },
  {
    title: 'a read is bounded by frames and about by bytes, and brings at least one frame',
    run: async (subject) => {
      const store = await withQueue(subject, 0, 12);
      const indices = async (from: number, framesMax: number, bytesMax: number): Promise<string> =>
        (await store.read(routeNumber(1), from, framesMax, bytesMax)).map(({ index }) => index).join(' ');
      assert((await indices(4, 3, 1 << 20)) === '4 5 6', 'three frames');
      assert((await indices(3, 10, 1)) === '3', 'one frame, however large');
      assert((await indices(12, 10, 1 << 20)) === '', 'nothing beyond the end');
      assert((await indices(0, 0, 1 << 20)) === '', 'none when none is asked for');
      await store.close();
    },
  },
  {
    title: 'what was trimmed is gone, and its indices are never used again',
    run: async (subject) => {
      let store = await withQueue(subject, 0, 6);
      await store.trim(routeNumber(1), 4);
      await expectFrames(store, 1, [4, 6]);
      await store.trim(routeNumber(1), 2);
      await expectState(store, 1, '4 6 -');
      await store.trim(routeNumber(1), 99);
      await expectState(store, 1, '6 6 -');
      store = await subject.reopenAfterCrash(store);
      await expectState(store, 1, '6 6 -');
      await store.open(routeNumber(1), 0, undefined);
      expectReasons(await appendFrames(store, 1, [6, 7]), '6');
      await expectFrames(store, 1, [6, 7]);
      await store.close();
    },
  },
  {
    title: 'opening a queue again keeps it, and changes the stamp that it asks for',
    run: async (subject) => {
      let store = await withQueue(subject, 3, 2);
      await store.open(routeNumber(1), 0, 12);
      await expectState(store, 1, '3 5 12');
      await store.open(routeNumber(1), 4, 14);
      store = await subject.reopenAfterCrash(store);
      await expectState(store, 1, '3 5 14');
      await expectFrames(store, 1, [3, 5]);
      await store.open(routeNumber(1), 0, undefined);
      await expectState(store, 1, '3 5 -');
      await store.close();
    },
  },
  {
    title: 'a base beyond the end forgets what is before it and goes on there',
    run: async (subject) => {
      let store = await withQueue(subject, 0, 3);
      await store.open(routeNumber(1), 10, undefined);
      await expectState(store, 1, '10 10 -');
      expectReasons(await appendFrames(store, 1, [10, 12]), '10 11');
      store = await subject.reopenAfterCrash(store);
      await expectState(store, 1, '10 12 -');
      await expectFrames(store, 1, [10, 12]);
      await store.close();
    },
  },
  {
    title: 'everything answered is there after a crash',
    run: async (subject) => {
      let store = await subject.create(wide, new SettableClock());
      await store.open(routeNumber(1), 0, undefined);
      await store.open(routeNumber(2), 0, 9);
      for (let round = 0; round < 4; round += 1) {
        await appendFrames(store, 1, [round * 5, round * 5 + 5]);
        await appendFrames(store, 2, [round * 3, round * 3 + 3]);
        store = await subject.reopenAfterCrash(store);
        await expectFrames(store, 1, [0, round * 5 + 5]);
        await expectFrames(store, 2, [0, round * 3 + 3]);
      }
      await expectState(store, 2, '0 12 9');
      await store.close();
    },
  },
  {
    title: 'quotas refuse what is new and keep what is held',
    run: async (subject) => {
      const limits = { ...wide, framesPerQueueMax: 4, queuesMax: 2, bytesMax: 20_000 };
      const store = await subject.create(limits, new SettableClock());
      await store.open(routeNumber(1), 0, undefined);
      expectReasons(await appendFrames(store, 1, [0, 5]), '0 1 2 3 queue-full');
      await store.open(routeNumber(2), 0, undefined);
      assert((await store.open(routeNumber(3), 0, undefined)) === 'store-full', 'no third queue');
      await store.trim(routeNumber(1), 1);
      expectReasons(await appendFrames(store, 1, [4, 5]), '4');
      const large = { route: routeNumber(2), frame: new Uint8Array(4096), index: undefined };
      expectReasons(await store.append([large, large, large, large]), '0 1 2 store-full');
      await expectFrames(store, 1, [1, 5]);
      await store.close();
    },
  },
  {
    title: 'frames expire, the indices go on',
    run: async (subject) => {
      const clock = new SettableClock();
      let store = await subject.create(wide, clock);
      await store.open(routeNumber(1), 0, undefined);
      const [outcome] = await appendFrames(store, 1, [0, 3]);
      assert(outcome?.kind === 'stored' && outcome.expiresMs === clock.ms + wide.retentionMs, 'told when');
      clock.ms += 20 * dayMs;
      await appendFrames(store, 1, [3, 5]);
      assert((await store.expire()) === 0, 'nothing is old enough');
      await expectFrames(store, 1, [0, 5]);
      clock.ms += 11 * dayMs;
      assert((await store.expire()) === 3, 'three frames are');
      await expectFrames(store, 1, [3, 5]);
      store = await subject.reopenAfterCrash(store);
      await expectFrames(store, 1, [3, 5]);
      clock.ms += 20 * dayMs;
      assert((await store.expire()) === 2, 'and then the others');
      await store.open(routeNumber(1), 0, undefined);
      expectReasons(await appendFrames(store, 1, [5, 6]), '5');
      clock.ms += 31 * dayMs;
      assert((await store.expire()) === 1, 'and the last, in a store that nobody writes to');
      expectReasons(await appendFrames(store, 1, [6, 7]), '6');
      await expectFrames(store, 1, [6, 7]);
      await store.close();
    },
  },
  {
    title: 'a queue that is empty and unused for twice as long as frames are kept is forgotten',
    run: async (subject) => {
      const clock = new SettableClock();
      const store = await subject.create(wide, clock);
      await store.open(routeNumber(1), 0, undefined);
      clock.ms += 50 * dayMs;
      await store.open(routeNumber(2), 0, undefined);
      await store.expire();
      assert((await store.usage()).queues === 2, 'both are known');
      clock.ms += 11 * dayMs;
      await store.expire();
      assert((await store.usage()).queues === 1, 'one queue is left');
      await store.close();
    },
  },
  {
    title: 'usage counts queues, frames and bytes',
    run: async (subject) => {
      const store = await withQueue(subject, 0, 4);
      const full = await store.usage();
      assert(full.queues === 1 && full.frames === 4 && full.bytes >= 6784, 'four frames');
      await store.trim(routeNumber(1), 4);
      const empty = await store.usage();
      assert(empty.queues === 1 && empty.frames === 0 && empty.bytes === 0, 'none');
      await store.close();
    },
  },
];
