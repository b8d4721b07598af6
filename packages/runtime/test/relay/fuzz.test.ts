// Mallory sends a relay whatever she likes: real frames truncated, made longer, bent, repeated, out of order, cut into any pieces,
// with keys of her own and without those of others. The machine, the host and the store are the real ones.
import {
  beginStamp,
  concatBytes,
  emptyMailStream,
  encodeFetch,
  encodeIntake,
  encodeStatus,
  encodeSubscribe,
  encodeTrim,
  encodeUnsubscribe,
  readMailStream,
  searchStamp,
  type MailItem,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlSamples } from '../../../protocol/test/mail/control-samples.ts';
import {
  mailFrame,
  openBytes,
  primitives,
  queueOf,
  requestIdOf,
} from '../../../protocol/test/mail/members.ts';
import { createScene, relayKey, type Client, type Scene } from './scene.ts';

const alices = queueOf(1);
const mallorys = queueOf(2);
const intakes = queueOf(3);

/** One thing that she may say, of which the frames follow once her challenge is known. */
type Saying = (mallory: Client, number: number) => Uint8Array;

const at = (mallory: Client) => ({ at: { challenge: mallory.challenge, transportKey: relayKey } });
const sayings: Readonly<Record<string, Saying>> = {
  'opens her queue': (mallory, number) =>
    openBytes(mallorys, 'owner', { ...at(mallory), requestId: requestIdOf(number) }),
  'reads her queue': (mallory, number) =>
    openBytes(mallorys, 'reader', { ...at(mallory), requestId: requestIdOf(number) }),
  "opens Alice's queue with her own key": (mallory, number) =>
    openBytes(alices, 'owner', { ...at(mallory), seed: mallorys.ownerSeed, requestId: requestIdOf(number) }),
  "reads Alice's queue with her own key": (mallory, number) =>
    openBytes(alices, 'reader', {
      ...at(mallory),
      seed: mallorys.readerSeed,
      requestId: requestIdOf(number),
    }),
  appends: (_, number) => mailFrame(mallorys.route, number),
  'appends 4 KiB': (_, number) => mailFrame(mallorys.route, number, 4),
  "appends to Alice's queue": (_, number) => mailFrame(alices.route, number),
  subscribes: (_, number) =>
    encodeSubscribe({ route: mallorys.route, requestId: requestIdOf(number), from: number % 5 }),
  "subscribes to Alice's": (_, number) =>
    encodeSubscribe({ route: alices.route, requestId: requestIdOf(number), from: 0 }),
  unsubscribes: (_, number) => encodeUnsubscribe({ route: mallorys.route, requestId: requestIdOf(number) }),
  fetches: (_, number) =>
    encodeFetch({
      route: mallorys.route,
      requestId: requestIdOf(number),
      from: number % 9,
      count: number % 257,
    }),
  "fetches Alice's": (_, number) =>
    encodeFetch({ route: alices.route, requestId: requestIdOf(number), from: 0, count: 9 }),
  trims: (_, number) =>
    encodeTrim({ route: mallorys.route, requestId: requestIdOf(number), upTo: number % 7 }),
  "trims Alice's": (_, number) =>
    encodeTrim({ route: alices.route, requestId: requestIdOf(number), upTo: 100 }),
  'asks for the status': (_, number) =>
    encodeStatus({ route: new Uint8Array(16), requestId: requestIdOf(number) }),
  introduces: (_, number) => introduction(intakes.route, number),
  'introduces where nobody takes it': (_, number) => introduction(alices.route, number),
};

function introduction(route: Uint8Array, number: number): Uint8Array {
  const requestId = requestIdOf(number);
  const frame = encodeIntake({
    route,
    requestId,
    stampTimeMs: startMs,
    stampNonce: 0n,
    sealed: Uint8Array.of(7),
  });
  return searchStamp(primitives, beginStamp(frame, 0), 1).frame;
}
const startMs = createScene().clock.nowMs();

/** What becomes of a frame on its way. */
type Bend = (frame: Uint8Array, dice: number) => readonly Uint8Array[];

const bends: Readonly<Record<string, Bend>> = {
  straight: (frame) => [frame],
  twice: (frame) => [frame, frame],
  truncated: (frame, dice) => [frame.subarray(0, dice % frame.length)],
  longer: (frame, dice) => [frame, new Uint8Array(1 + (dice % 300))],
  'a length of 64 KiB': (frame) => [changed(frame, 2, [0xff, 0xff])],
  'another type': (frame, dice) => [changed(frame, 0, [dice & 0xff])],
  'another version': (frame, dice) => [changed(frame, 1, [dice & 0xff])],
  'a bit': (frame, dice) => {
    const where = dice % frame.length;
    return [changed(frame, where, [(frame[where] ?? 0) ^ (1 << (dice % 8))])];
  },
  'an index of 2^53': (frame) => [changed(frame, 32, [0, 0, 0, 0, 0, 0, 0x20, 0])],
};

function changed(frame: Uint8Array, where: number, bytes: readonly number[]): Uint8Array {
  const copy = frame.slice();
  copy.set(bytes, where);
  return copy;
}

const sentence = fc.record({
  saying: fc.constantFrom(...Object.keys(sayings)),
  bend: fc.oneof(
    { weight: 6, arbitrary: fc.constant('straight') },
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(bends)) },
  ),
  dice: fc.nat(),
});
const sample = fc.record({ sample: fc.nat(controlSamples.length - 1), dice: fc.nat() });
const noise = fc.record({ noise: fc.uint8Array({ maxLength: 150 }) });
const speech = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: sentence },
    { weight: 1, arbitrary: sample },
    { weight: 1, arbitrary: noise },
  ),
  { minLength: 1, maxLength: 30 },
);
type Speech = typeof speech extends fc.Arbitrary<infer T> ? T : never;

function bytesOf(mallory: Client, said: Speech): Uint8Array {
  return concatBytes(
    ...said.flatMap((part, at) => {
      if ('noise' in part) return [part.noise];
      if ('sample' in part) return [controlSamples[part.sample]?.frame ?? new Uint8Array(0)];
      // Numbers of her own, so that each request has an id that no other has.
      const frame = sayings[part.saying]?.(mallory, 1000 + at) ?? new Uint8Array(0);
      return bends[part.bend]?.(frame, part.dice) ?? [];
    }),
  );
}

const requests = new Set([
  'open',
  'subscribe',
  'unsubscribe',
  'fetch',
  'trim',
  'intake',
  'status',
  'look-up',
  'publish',
]);
const hers = new Set(['error']);

/** Requests in the bytes up to the first thing that ends the connection, by request id. */
function requestsIn(bytes: Uint8Array): {
  readonly counts: ReadonlyMap<string, number>;
  readonly fatal: boolean;
} {
  const { items, refusal } = readMailStream(emptyMailStream, bytes);
  const counts = new Map<string, number>();
  for (const item of items) {
    if (item.kind === 'control' && hers.has(item.control.kind)) continue;
    if (item.kind === 'push' || (item.kind === 'control' && !requests.has(item.control.kind)))
      return { counts, fatal: true };
    const id = item.frame.subarray(20, 32);
    counts.set(String(id), (counts.get(String(id)) ?? 0) + 1);
  }
  return { counts, fatal: refusal !== undefined };
}

/** Answers by request id; pushes of subscriptions and last words have none. */
function answersIn(items: readonly MailItem[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    if (item.kind === 'mail') continue;
    const control = item.kind === 'push' ? item.push : item.control;
    if (control.kind === 'hello') continue;
    const { requestId } = control;
    if (requestId.every((byte) => byte === 0)) continue;
    counts.set(String(requestId), (counts.get(String(requestId)) ?? 0) + 1);
  }
  return counts;
}

/** Alice and Bob at the same relay: she appends, he is pushed. */
async function conversation(scene: Scene): Promise<{ readonly alice: Client; readonly bob: Client }> {
  const alice = scene.connect('Alice');
  alice.open(alices, 'owner');
  alice.open(intakes, 'owner', { intakeDifficulty: 0 });
  const bob = scene.connect('Bob');
  bob.open(alices, 'reader');
  await scene.settle();
  bob.send(encodeSubscribe({ route: alices.route, requestId: requestIdOf(1), from: 0 }));
  await scene.settle();
  alice.items.splice(0);
  bob.items.splice(0);
  return { alice, bob };
}

test('each whole request gets exactly one answer, nothing is said after the end, and Alice and Bob notice nothing', async () => {
  await fc.assert(
    fc.asyncProperty(speech, fc.array(fc.nat(), { maxLength: 6 }), async (said, cuts) => {
      const scene = createScene();
      const { alice, bob } = await conversation(scene);
      const mallory = scene.connect('Mallory');
      const bytes = bytesOf(mallory, said);
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
      let from = 0;
      for (const [piece, end] of ends.entries()) {
        mallory.send(bytes.subarray(from, end));
        from = end;
        alice.send(mailFrame(alices.route, piece));
        if (piece % 2 === 0) await scene.settle();
      }
      await scene.settle();

      const { counts, fatal } = requestsIn(bytes);
      const answers = answersIn(mallory.items);
      for (const [id, count] of answers)
        expect(count, `answers to ${id}`).toBeLessThanOrEqual(counts.get(id) ?? 0);
      if (!fatal) expect(new Map(answers)).toEqual(new Map(counts));
      expect(mallory.isClosed, 'closed after what broke the rules, and only then').toBe(fatal);
      const before = mallory.items.length;
      alice.send(mailFrame(alices.route, ends.length));
      await scene.settle();
      if (mallory.isClosed) expect(mallory.items.length).toBe(before);

      const expected = Array.from({ length: ends.length + 1 }, (_, index) => index);
      expect(alice.heard()).toBe(expected.map((index) => `stored ${index}`).join(', '));
      const pushed = bob.pushed();
      expect(pushed.map(({ index }) => index)).toEqual(expected);
      for (const { index, frame } of pushed) expect(frame).toEqual(mailFrame(alices.route, index));
      for (const item of mallory.items) {
        if (item.kind === 'push') expect(item.push.route).not.toEqual(alices.route);
      }
    }),
    { numRuns: 400 },
  );
});

test('what is said in any order, repeated and bent, never makes one connection cost another its queue', async () => {
  const scene = createScene();
  const { alice, bob } = await conversation(scene);
  const everything = Object.keys(sayings).flatMap((saying) =>
    Object.keys(bends).map((bend) => ({ saying, bend, dice: 12_345 })),
  );
  for (const [turn, part] of everything.entries()) {
    const mallory = scene.connect('Mallory');
    mallory.send(bytesOf(mallory, [{ saying: 'opens her queue', bend: 'straight', dice: 0 }, part, part]));
    alice.send(mailFrame(alices.route, turn));
    await scene.settle();
    mallory.hangUp();
  }
  expect(alice.heard().split(', ')).toEqual(everything.map((_, index) => `stored ${index}`));
  expect(bob.pushed()).toHaveLength(everything.length);
  expect(scene.host.connections).toBe(2);
});
