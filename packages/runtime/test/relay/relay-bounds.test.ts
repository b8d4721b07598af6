// What the operator decides, and what a flood of strangers does not do (spec/mail.md, "Bounds", "Intake").
import {
  beginStamp,
  encodeIntake,
  encodeSubscribe,
  searchStamp,
  type TransportKey,
} from '@mycelium/protocol';
import { perHour, type Append, type AppendOutcome, type QueueStore } from '@mycelium/runtime';
import type { VirtualClock } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import {
  mailFrame,
  primitives,
  queueOf,
  requestIdOf,
  type QueueMembers,
} from '../../../protocol/test/mail/members.ts';
import { createScene, type Client, type Scene } from './scene.ts';

const frames = ({ route }: QueueMembers, from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, at) => mailFrame(route, from + at));

async function open(
  scene: Scene,
  client: Client,
  number: number,
  intakeDifficulty?: number,
): Promise<string> {
  client.open(queueOf(number), 'owner', intakeDifficulty === undefined ? {} : { intakeDifficulty });
  await scene.settle();
  return client.heard();
}

let strangersFrames = 0;

/** A frame of a stranger with a stamp of that many bits; each is another one. */
function intakeFrame(scene: Scene, { route }: QueueMembers, difficulty: number): Uint8Array {
  strangersFrames += 1;
  const frame = encodeIntake({
    route,
    requestId: requestIdOf(strangersFrames),
    stampTimeMs: scene.clock.nowMs(),
    stampNonce: BigInt(strangersFrames) << 32n,
    sealed: new Uint8Array(4046).fill(strangersFrames),
  });
  let search = beginStamp(frame, difficulty);
  while (!search.found) search = searchStamp(primitives, search, 1000);
  return search.frame;
}

test('with a list, only those on it have mail kept; everybody reads and introduces themselves as before', async () => {
  const alicesKey = new Uint8Array(32).fill('A'.charCodeAt(0));
  const mayOwn = (key: TransportKey): boolean => Buffer.compare(key, alicesKey) === 0;
  const scene = createScene({ policy: { mayOwn } });
  const alice = scene.connect('Alice');
  expect(await open(scene, alice, 1, 2)).toBe('opened 0-0');
  const mallory = scene.connect('Mallory');
  expect(await open(scene, mallory, 2)).toBe('error not-authorized');
  mallory.send(intakeFrame(scene, queueOf(1), 2));
  await scene.settle();
  expect(mallory.heard()).toBe('stored 0');
  mallory.open(queueOf(1), 'reader');
  await scene.settle();
  mallory.send(encodeSubscribe({ route: queueOf(1).route, requestId: requestIdOf(1), from: 0 }));
  await scene.settle();
  expect(mallory.heard()).toBe('opened 0-1, done 0-1, push 0+1');
  expect(await scene.store.usage()).toMatchObject({ queues: 1 });
});

test('a source may make only so many queues; it goes on with those it has, and others are not concerned', async () => {
  const scene = createScene({ policy: { sourceQueues: perHour(2) } });
  const mallory = scene.connect('Mallory', '192.0.2.7');
  const again = scene.connect('Mallory again', '192.0.2.7');
  expect(await open(scene, mallory, 1)).toBe('opened 0-0');
  expect(await open(scene, again, 2)).toBe('opened 0-0');
  mallory.open(queueOf(3), 'owner');
  await scene.settle();
  const [refusal] = mallory.items;
  expect(refusal).toMatchObject({ control: { name: 'rate', retryAfterMs: 1_800_000 } });
  mallory.items.splice(0);
  expect(await open(scene, again, 1)).toBe('opened 0-0');
  expect(await open(scene, scene.connect('Bob', '192.0.2.8'), 4)).toBe('opened 0-0');
  expect(await open(scene, scene.connect('a program of this machine'), 5)).toBe('opened 0-0');
  await scene.clock.advance(1_800_000);
  expect(await open(scene, scene.connect('Mallory later', '192.0.2.7'), 3)).toBe('opened 0-0');
});

test('a source has only so many queues open, over all its connections; those of a connection that ends are free again', async () => {
  const scene = createScene({ policy: { sourceOpens: 3 } });
  const first = scene.connect('Mallory', '198.51.100.7');
  const second = scene.connect('Mallory again', '198.51.100.7');
  expect(await open(scene, first, 1)).toBe('opened 0-0');
  expect(await open(scene, first, 1), 'a second time').toBe('opened 0-0');
  first.open(queueOf(1), 'reader');
  await scene.settle();
  expect(first.heard()).toBe('opened 0-0');
  expect(await open(scene, second, 2)).toBe('opened 0-0');
  expect(await open(scene, second, 3)).toBe('error limit');
  expect(await open(scene, scene.connect('Alice', '198.51.100.8'), 3)).toBe('opened 0-0');
  first.hangUp();
  expect(await open(scene, second, 3)).toBe('opened 0-0');
  expect(await open(scene, second, 4)).toBe('opened 0-0');
  expect(await open(scene, second, 5)).toBe('error limit');
});

test('a source may append only so many bytes; what is refused can go again later, in its place', async () => {
  const scene = createScene({ policy: { sourceBytes: perHour(1024) } });
  const mallory = scene.connect('Mallory', '192.0.2.7');
  await open(scene, mallory, 1);
  mallory.send(...frames(queueOf(1), 0, 8));
  await scene.settle();
  mallory.send(...frames(queueOf(1), 8, 10));
  await scene.settle();
  expect(mallory.heard()).toBe(
    'stored 0, stored 1, stored 2, stored 3, stored 4, stored 5, stored 6, stored 7, error rate, error rate',
  );
  const bob = scene.connect('Bob', '192.0.2.8');
  await open(scene, bob, 2);
  bob.send(...frames(queueOf(2), 0, 1));
  await scene.clock.advance(900_000);
  expect(bob.heard()).toBe('stored 0');
  const later = scene.connect('Mallory later', '192.0.2.7');
  expect(await open(scene, later, 1)).toBe('opened 0-8');
  later.send(...frames(queueOf(1), 8, 10));
  await scene.settle();
  expect(later.heard()).toBe('stored 8, stored 9');
});

test('one queue takes only so many frames in a time, whatever connections they come by; other queues of the connection go on', async () => {
  const scene = createScene({ policy: { queueFrames: { perSecond: 1, burst: 4 } } });
  const alice = scene.connect('Alice');
  await open(scene, alice, 1);
  await open(scene, alice, 2);
  alice.send(...frames(queueOf(1), 0, 4), ...frames(queueOf(2), 0, 1));
  await scene.settle();
  const again = scene.connect('Alice again');
  await open(scene, again, 1);
  again.send(...frames(queueOf(1), 4, 6));
  alice.send(...frames(queueOf(2), 1, 2));
  await scene.settle();
  expect(again.heard()).toBe('error rate, error rate');
  expect(alice.heard()).toBe('stored 0, stored 1, stored 2, stored 3, stored 0, stored 1');
  await scene.clock.advance(2000);
  again.open(queueOf(1), 'owner');
  await scene.settle();
  again.send(...frames(queueOf(1), 4, 6));
  await scene.settle();
  expect(again.heard()).toBe('opened 0-4, stored 4, stored 5');
});

test('a relay may ask strangers for more work than the owner of the queue does, never for less', async () => {
  const scene = createScene({ policy: { stampBitsMin: 8 } });
  const alice = scene.connect('Alice');
  await open(scene, alice, 1, 2);
  await open(scene, alice, 2, 10);
  const mallory = scene.connect('Mallory');
  const answers: string[] = [];
  for (const [queue, bits] of [
    [queueOf(1), 8],
    [queueOf(2), 10],
  ] as const) {
    mallory.send(intakeFrame(scene, queue, bits));
    await scene.settle();
    answers.push(mallory.heard());
  }
  mallory.send(intakeFrame(scene, queueOf(1), 2));
  await scene.settle();
  expect(answers).toEqual(['stored 0', 'stored 0']);
  expect(mallory.heard()).toBe('error stamp');
});

test('a stranger of one source leaves only so much; then nobody looks at its stamps any more', async () => {
  const scene = createScene({ policy: { sourceIntake: perHour(2), queueIntake: perHour(1000) } });
  await open(scene, scene.connect('Alice'), 1, 0);
  const mallory = scene.connect('Mallory', '192.0.2.7');
  for (let sent = 0; sent < 3; sent += 1) mallory.send(intakeFrame(scene, queueOf(1), 0));
  await scene.settle();
  expect(mallory.heard()).toBe('error rate, stored 0, stored 1');
  const carol = scene.connect('Carol', '192.0.2.9');
  carol.send(intakeFrame(scene, queueOf(1), 0));
  await scene.settle();
  expect(carol.heard()).toBe('stored 2');
});

/** A disk that takes a millisecond for each frame, and writes what has gathered in one go, as the relay's log does. */
function slowDisk(clock: () => VirtualClock, store: QueueStore): QueueStore {
  const waiting: {
    readonly appends: readonly Append[];
    readonly done: (outcomes: readonly AppendOutcome[]) => void;
  }[] = [];
  let writing = false;
  const write = (): void => {
    const batch = waiting.splice(0);
    writing = batch.length > 0;
    if (!writing) return;
    clock().after(
      batch.reduce((sum, { appends }) => sum + appends.length, 0),
      () => {
        for (const { appends, done } of batch) void store.append(appends).then(done);
        write();
      },
    );
  };
  const append = (appends: readonly Append[]): Promise<readonly AppendOutcome[]> =>
    new Promise((done) => {
      waiting.push({ appends, done });
      if (!writing) write();
    });
  return {
    append,
    open: (route, base, difficulty) => store.open(route, base, difficulty),
    state: (route) => store.state(route),
    read: (route, from, framesMax, bytesMax) => store.read(route, from, framesMax, bytesMax),
    trim: (route, upTo) => store.trim(route, upTo),
    expire: () => store.expire(),
    usage: () => store.usage(),
    close: () => store.close(),
  };
}

test('a flood of strangers from many places does not delay the mail of contacts', async () => {
  const scene: Scene = createScene({
    store: (store) => slowDisk(() => scene.clock, store),
    policy: { queueIntake: perHour(1000) },
  });
  const people = scene.connect('Alice');
  for (let number = 1; number <= 20; number += 1) await open(scene, people, number, 0);
  const contact = scene.connect('Bob', '192.0.2.1');
  await open(scene, contact, 50);
  const strangers = Array.from({ length: 40 }, (_, at) =>
    scene.connect(`stranger ${at}`, `198.51.100.${at}`),
  );
  for (const [at, stranger] of strangers.entries()) {
    for (let sent = 0; sent < 25; sent += 1) stranger.send(intakeFrame(scene, queueOf(1 + (at % 20)), 0));
  }
  await scene.settle();
  contact.send(...frames(queueOf(50), 0, 10));
  const sentMs = scene.clock.monotonicMs();
  expect(await scene.clock.runUntil(() => contact.items.length >= 10, 10_000)).toBe(true);
  // Behind what the disk was writing (32 frames of strangers at most) and with what gathered meanwhile (32 again).
  expect(scene.clock.monotonicMs() - sentMs).toBeLessThanOrEqual(32 + 32 + 10);
  expect(contact.heard().split(', ')).toHaveLength(10);
  // The strangers' frames were not thrown away either: they take the second that they take.
  await scene.clock.advance(2_000);
  const stored = strangers
    .flatMap((stranger) => stranger.heard().split(', '))
    .filter((word) => word.startsWith('stored'));
  expect(stored).toHaveLength(1000);
});

test('more strangers than can wait are told when to come again', async () => {
  const scene: Scene = createScene({
    store: (store) => slowDisk(() => scene.clock, store),
    policy: {
      queueIntake: perHour(10_000),
      sourceIntake: perHour(10_000),
      allIntake: { perSecond: 1e6, burst: 1e6 },
    },
  });
  await open(scene, scene.connect('Alice'), 1, 0);
  const mallory = scene.connect('Mallory', '192.0.2.7');
  for (let sent = 0; sent < 1_200; sent += 1) {
    mallory.send(intakeFrame(scene, queueOf(1), 0));
    if (sent % 10 === 0) await scene.settle();
  }
  await scene.settle();
  const words = mallory.heard().split(', ');
  expect(words.filter((word) => word === 'error rate')).toHaveLength(1_200 - 1_024 - 32);
});
