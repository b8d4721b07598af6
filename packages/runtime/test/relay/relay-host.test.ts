import {
  beginStamp,
  encodeIntake,
  encodeStatus,
  encodeSubscribe,
  encodeTrim,
  routeKey,
  searchStamp,
} from '@mycelium/protocol';
import type { QueueStore } from '@mycelium/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailFrame, primitives, queueOf, requestIdOf } from '../../../protocol/test/mail/members.ts';
import { type Client, createScene, type Scene } from './scene.ts';

const queue = queueOf(1);
const { route } = queue;
const requestId = requestIdOf(700);
const subscribe = (from: number): Uint8Array => encodeSubscribe({ route, requestId, from });
const frames = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, at) => mailFrame(route, from + at));

/** A store that does as this one does, but for what is put over it. */
function passedOn(store: QueueStore): QueueStore {
  return {
    open: (...args) => store.open(...args),
    state: (...args) => store.state(...args),
    append: (...args) => store.append(...args),
    read: (...args) => store.read(...args),
    trim: (...args) => store.trim(...args),
    expire: () => store.expire(),
    usage: () => store.usage(),
    close: () => store.close(),
  };
}

async function owner(scene: Scene, name = 'Alice', base = 0): Promise<Client> {
  const alice = scene.connect(name);
  alice.open(queue, 'owner', { base });
  await scene.settle();
  return alice;
}

async function reader(scene: Scene, from: number, name = 'Bob'): Promise<Client> {
  const bob = scene.connect(name);
  bob.open(queue, 'reader');
  await scene.settle();
  bob.send(subscribe(from));
  await scene.settle();
  return bob;
}

test('Bob, who subscribed before Alice opened her queue, is pushed what she appends', async () => {
  const scene = createScene();
  const bob = await reader(scene, 0);
  expect(bob.heard()).toBe('opened 0-0, done 0-0');
  const alice = await owner(scene);
  alice.send(...frames(0, 3));
  await scene.settle();
  expect(alice.heard()).toBe('opened 0-0, stored 0, stored 1, stored 2');
  expect(bob.heard()).toBe('push 0+3');
  const carol = await reader(scene, 1, 'Carol');
  expect(carol.heard()).toBe('opened 0-3, done 0-3, push 1+2');
});

test('a second connection of the owner takes over; the first is told, and can take over again', async () => {
  const scene = createScene();
  const first = await owner(scene);
  first.send(...frames(0, 2));
  const second = await owner(scene, 'Alice again');
  expect(second.heard()).toBe('opened 0-2');
  first.send(...frames(2, 3));
  second.send(...frames(2, 4));
  await scene.settle();
  expect(first.heard()).toBe('opened 0-0, stored 0, stored 1, error superseded');
  expect(second.heard()).toBe('stored 2, stored 3');
  first.open(queue, 'owner');
  await scene.settle();
  first.send(...frames(4, 5));
  await scene.settle();
  expect(first.heard()).toBe('opened 0-4, stored 4');
});

test('whoever hangs up owns nothing more, and is pushed nothing more', async () => {
  const scene = createScene();
  const alice = await owner(scene);
  const bob = await reader(scene, 0);
  bob.hangUp();
  alice.hangUp();
  expect(scene.host.connections).toBe(0);
  const again = await owner(scene, 'Alice again');
  again.send(...frames(0, 1));
  await scene.settle();
  expect(again.heard()).toBe('opened 0-0, stored 0');
  expect(bob.heard()).toBe('opened 0-0, done 0-0');
});

test('a reader that does not read costs a window and two reads, and gets everything once, in order, when it does', async () => {
  const scene = createScene();
  const bob = await reader(scene, 0);
  bob.isReading = false;
  const alice = await owner(scene);
  for (let from = 0; from < 3000; from += 100) {
    alice.send(...frames(from, from + 100));
    await scene.settle();
    expect(bob.unread).toBeLessThan(60_000);
  }
  expect(alice.items.length).toBe(3001);
  bob.isReading = true;
  bob.read();
  await scene.settle();
  const got = bob.pushed();
  expect(got.map(({ index }) => index)).toEqual(Array.from({ length: 3000 }, (_, at) => at));
  expect(got.every(({ index, frame }) => Buffer.compare(frame, mailFrame(route, index)) === 0)).toBe(true);
});

test('who does not read answers is not read from', async () => {
  const scene = createScene();
  const mallory = scene.connect('Mallory');
  mallory.isReading = false;
  for (let asked = 0; asked < 1000 && !mallory.isPaused; asked += 1) {
    mallory.send(encodeStatus({ route, requestId }));
    await scene.settle();
  }
  expect(mallory.isPaused).toBe(true);
  expect(mallory.unread).toBeLessThan(20_000);
  mallory.isReading = true;
  mallory.read();
  expect(mallory.isPaused).toBe(false);
});

test('a full queue, a full store and a failing disk are told; opened again, the owner goes on where it was', async () => {
  const scene = createScene({ limits: { framesPerQueueMax: 4 } });
  const alice = await owner(scene);
  alice.send(...frames(0, 6));
  await scene.settle();
  expect(alice.heard()).toBe(
    'opened 0-0, stored 0, stored 1, stored 2, stored 3, error queue-full, error out-of-order',
  );
  alice.send(...frames(4, 5));
  expect(alice.heard()).toBe('error out-of-order');
  alice.send(encodeTrim({ route, requestId, upTo: 3 }));
  alice.open(queue, 'owner');
  await scene.settle();
  expect(alice.heard()).toBe('done 3-4, opened 3-4');
  for (const reason of ['store-full', 'failed'] as const) {
    scene.store.fail(reason);
    alice.send(...frames(4, 5));
    await scene.settle();
    scene.store.fail();
    alice.open(queue, 'owner');
    await scene.settle();
    expect(alice.heard()).toBe(`error ${reason}, opened 3-4`);
  }
  alice.send(...frames(4, 5));
  await scene.settle();
  expect(alice.heard()).toBe('stored 4');
});

test('when the disk fails under a read, it is read again a second later, and nothing is missed', async () => {
  let failing = true;
  const scene = createScene({
    store: (store): QueueStore => ({
      ...passedOn(store),
      read: (...args) => (failing ? Promise.reject(new Error('EIO')) : store.read(...args)),
    }),
  });
  const alice = await owner(scene);
  alice.send(...frames(0, 3));
  await scene.settle();
  const bob = await reader(scene, 0);
  alice.send(...frames(3, 4));
  await scene.clock.advance(1500);
  expect(bob.heard()).toBe('opened 0-3, done 0-3');
  failing = false;
  await scene.clock.advance(1000);
  expect(bob.pushed().map(({ index }) => index)).toEqual([0, 1, 2, 3]);
});

function stamped(nowMs: number, number: number, difficulty = 4): Uint8Array {
  const sealed = new Uint8Array(20).fill(number);
  const frame = encodeIntake({
    route,
    requestId: requestIdOf(number),
    stampTimeMs: nowMs,
    stampNonce: 0n,
    sealed,
  });
  return searchStamp(primitives, beginStamp(frame, difficulty), 1 << 16).frame;
}

test('strangers write to an intake queue: stamped, no frame twice, and only so many', async () => {
  const scene = createScene();
  const alice = scene.connect('Alice');
  alice.open(queue, 'owner', { intakeDifficulty: 4 });
  alice.open(queue, 'reader');
  await scene.settle();
  alice.send(subscribe(0));
  const carol = scene.connect('Carol');
  const nowMs = scene.clock.nowMs();
  const first = stamped(nowMs, 1);
  carol.send(first);
  await scene.settle();
  expect(carol.heard()).toBe('stored 0');
  const mallory = scene.connect('Mallory');
  mallory.send(first, first);
  await scene.settle();
  expect(mallory.heard(), 'the same frame again').toBe('stored 0, stored 0');
  mallory.send(stamped(nowMs, 2), stamped(nowMs, 3), stamped(nowMs, 4));
  await scene.settle();
  expect(mallory.heard()).toBe('error rate, stored 1, stored 2');
  expect(alice.pushed().map(({ index }) => index)).toEqual([0, 1, 2]);
  await scene.clock.advance(30_000);
  mallory.send(stamped(nowMs, 4));
  await scene.settle();
  expect(mallory.heard()).toBe('stored 3');
});

test('strangers write to no queue but an intake queue', async () => {
  const scene = createScene();
  await owner(scene);
  const carol = scene.connect('Carol');
  carol.send(stamped(scene.clock.nowMs(), 1));
  await scene.settle();
  expect(carol.heard()).toBe('error no-queue');
});

test('whatever the order of subscribing, appending, stopping to read and hanging up, every reader gets every frame once, in order', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({
      do: fc.constantFrom('subscribe' as const, 'block' as const, 'read' as const),
      who: fc.nat(2),
    }),
    fc.record({ do: fc.constant('settle' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const scene = createScene();
      const alice = await owner(scene);
      const readers = await Promise.all([0, 1, 2].map((number) => reader(scene, 0, `Bob ${number}`)));
      let next = 0;
      const seen = readers.map(() => new Set<number>());
      const take = (): void =>
        readers.forEach((one, at) => {
          for (const { index, frame } of one.pushed()) {
            expect(Buffer.compare(frame, mailFrame(route, index))).toBe(0);
            seen[at]?.add(index);
          }
        });
      for (const one of steps) {
        if (one.do === 'append') {
          alice.send(...frames(next, next + one.count));
          next += one.count;
        } else if (one.do === 'settle') await scene.settle();
        else {
          const bob = readers[one.who]!;
          if (one.do === 'subscribe') {
            take();
            bob.send(subscribe(seen[one.who]?.size ?? 0));
          } else bob.isReading = one.do === 'read';
          if (one.do === 'read') bob.read();
        }
      }
      for (const bob of readers) {
        bob.isReading = true;
        bob.read();
      }
      await scene.settle();
      take();
      for (const one of seen) expect([...one]).toEqual(Array.from({ length: next }, (_, at) => at));
    }),
    { numRuns: 40 },
  );
});

test('a queue whose server does not answer keeps back nothing of another, and each is answered in order', async () => {
  const silent = Promise.withResolvers<undefined>();
  const other = queueOf(2);
  const scene = createScene({
    store: (store): QueueStore => ({
      ...passedOn(store),
      queuesApart: true,
      append: async (appends) => {
        const outcomes = store.append(appends);
        if (appends.some((append) => routeKey(append.route) === routeKey(other.route))) await silent.promise;
        return outcomes;
      },
    }),
  });
  const alice = await owner(scene);
  const bob = await reader(scene, 0);
  alice.open(other, 'owner');
  await scene.settle();
  bob.heard();
  alice.heard();
  alice.send(...frames(0, 2), mailFrame(other.route, 0));
  await scene.settle();
  alice.send(...frames(2, 3));
  await scene.settle();
  expect(alice.heard()).toBe('stored 0, stored 1, stored 2');
  expect(bob.heard()).toBe('push 0+2, push 2+1');
  silent.resolve(undefined);
  await scene.settle();
  expect(alice.heard()).toBe('stored 0');
});

test('the store is tidied at the start and every hour; stopping waits for what is under way', async () => {
  const scene = createScene();
  scene.host.start();
  const alice = await owner(scene);
  alice.send(...frames(0, 2));
  await scene.settle();
  await scene.clock.advance(31 * 86_400_000);
  expect((await scene.store.usage()).frames).toBe(0);
  alice.hangUp(); // the month of silence did that before
  const again = await owner(scene, 'Alice again');
  again.send(...frames(2, 4));
  await scene.host.stop();
  expect(again.heard()).toBe('opened 2-2, stored 2, stored 3');
  expect(scene.clock.timersLeft).toBeLessThanOrEqual(2); // of the links
});

test('after a crash the relay has what it answered, and everybody goes on', async () => {
  const before = createScene();
  const alice = await owner(before);
  alice.send(...frames(0, 5));
  await before.settle();
  alice.send(...frames(5, 7)); // not answered
  const scene = createScene({ stored: before.store.crash() });
  const again = await owner(scene);
  const bob = await reader(scene, 2);
  again.send(...frames(5, 7));
  await scene.settle();
  expect(again.heard()).toBe('opened 0-5, stored 5, stored 6');
  expect(bob.pushed().map(({ index }) => index)).toEqual([2, 3, 4, 5, 6]);
});
