import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createPlainFrameCipher,
  type FeedReader,
  frameBytes,
  frameCount,
  frameRunBytes,
  openFrame,
  openFrames,
  type OpenedFrame,
  type Primitives,
  reserve,
  type Result,
  sealMessages,
  skippedKeyCount,
  stepChain,
} from '../../src/index.ts';
import { alice, bob, bytesOf, guards, primitives, seal, sealMany, textOf } from './actors.ts';

/** One by one, as a reader that knows no batches. */
function openEach(
  reader: FeedReader,
  frames: readonly Uint8Array[],
): { readonly reader: FeedReader; readonly results: readonly Result<OpenedFrame>[] } {
  let at = reader;
  const results = frames.map((frame): Result<OpenedFrame> => {
    const result = openFrame(at, frame, 0, primitives);
    if (!result.ok) return result;
    at = result.value.reader;
    return { ok: true, value: result.value.opened };
  });
  return { reader: at, results };
}

function expectSameAsEach(reader: FeedReader, frames: readonly Uint8Array[]): void {
  const { reader: after, results } = openFrames(reader, frames, 0, primitives);
  expect({ reader: after, results }).toEqual(openEach(reader, frames));
}

test('Messages of every class sealed together are the same bytes as one by one', () => {
  const messages = [0, 56, 57, 440, 441, 1976, 1977, 70_000, 3].map((length) => bytesOf(length));
  const count = messages.reduce((sum, { content }) => sum + frameCount(content.length), 0);
  const fresh = guards(count);
  const start = reserve(alice(), count);
  const together = sealMessages(start, messages, fresh, primitives);
  let writer = start;
  let used = 0;
  for (const [at, message] of messages.entries()) {
    const own = fresh.subarray(used, used + frameCount(message.content.length) * 8);
    const { writer: next, messages: alone } = sealMessages(writer, [message], own, primitives);
    expect(together.messages[at]).toEqual(alone[0]);
    used += own.length;
    writer = next;
  }
  expect(together.writer).toEqual(writer);
  expect(together.retired).toEqual([start.chainKey]);
  const frames = together.messages.flatMap((message) => message.frames);
  expect(openFrames(bob(), frames, 0, primitives).results.every(({ ok }) => ok)).toBe(true);
});

test('No message at all leaves the writer as it was, and no frame the reader', () => {
  const writer = alice();
  const sealed = sealMessages(writer, [], new Uint8Array(0), primitives);
  expect(sealed).toEqual({ writer, messages: [], retired: [] });
  const reader = bob();
  expect(openFrames(reader, [], 0, primitives)).toEqual({ reader, results: [], retired: [] });
});

test('More frames than one run holds are opened in one call', () => {
  const count = (2 * frameRunBytes) / frameBytes.short + 3;
  const { writer, frames } = sealMany(alice(), count);
  const reader = bob();
  const { reader: after, results, retired } = openFrames(reader, frames, 0, primitives);
  expect(results.map((result) => result.ok && result.value.sequence)).toEqual(frames.map((_, at) => at));
  expect(after).toMatchObject({ generation: count, chainKey: writer.chainKey });
  expect(retired).toEqual([reader.chainKey]);
});

/** What Mallory does to a batch: frames left out, repeated, moved, changed in any byte, cut off. */
const mischief = fc.array(
  fc.record({
    frame: fc.nat(11),
    change: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc.record({ at: fc.nat(127), bits: fc.integer({ min: 1, max: 255 }) }),
      fc.constant('cut' as const),
    ),
  }),
  { maxLength: 24 },
);

test('Whatever is done to the frames of a batch, each is judged as if it had come alone', () => {
  const { frames } = sealMany(alice(), 12);
  fc.assert(
    fc.property(mischief, (given) => {
      const batch = given.map(({ frame, change }) => {
        const bytes = frames[frame]!.slice();
        if (change === 'cut') return bytes.subarray(0, 100);
        if (change !== undefined) bytes[change.at] = bytes[change.at]! ^ change.bits;
        return bytes;
      });
      expectSameAsEach(bob(), batch);
    }),
    { numRuns: 200 },
  );
});

test('An authentic frame that breaks a rule of the sealed header takes nothing along, before it or behind it', () => {
  const { frames } = sealMany(alice(), 6);
  const bad = forgedPadding(3);
  const batch = [...frames.slice(0, 3), bad, ...frames.slice(4)];
  const { reader, results } = openFrames(bob(), batch, 0, primitives);
  expect(results.map((result) => (result.ok ? result.value.sequence : result.refusal.code))).toEqual([
    0,
    1,
    2,
    'padding',
    4,
    5,
  ]);
  expect(skippedKeyCount(reader.skipped)).toBe(1);
  expectSameAsEach(bob(), batch);
  expectSameAsEach(bob(), [bad]);
  expectSameAsEach(bob(), [...batch, frames[3]!]);
});

/** Frame `number` as Alice would seal it with a one in its last byte. */
function forgedPadding(number: number): Uint8Array {
  let { chainKey } = alice();
  for (let at = 0; at < number; at += 1) ({ chainKey } = stepChain(chainKey, primitives));
  const { messageKey } = stepChain(chainKey, primitives);
  const frame = sealMany(alice(), number + 1).frames[number]!.slice();
  const plain = new Uint8Array(80);
  const [sealed, associated, nonce] = [frame.subarray(32), frame.subarray(0, 32), frame.subarray(20, 32)];
  primitives.open(plain, sealed, associated, nonce, messageKey);
  plain[79] = 1;
  primitives.seal(sealed, plain, associated, nonce, messageKey);
  return frame;
}

test('A batch with a gap keeps the keys between, and opens what was left out when it comes', () => {
  const { frames } = sealMany(alice(), 20);
  const batch = [...frames.slice(0, 4), ...frames.slice(9, 14)];
  const reader = bob();
  const first = openFrames(reader, batch, 0, primitives);
  expect(first.reader.generation).toBe(14);
  expect(skippedKeyCount(first.reader.skipped)).toBe(5);
  expect(first.retired).toEqual([reader.chainKey, reader.skipped]);
  const late = [...frames.slice(4, 9), ...frames.slice(14)];
  const second = openFrames(first.reader, late, 0, primitives);
  expect(second.results.every(({ ok }) => ok)).toBe(true);
  expect(skippedKeyCount(second.reader.skipped)).toBe(0);
  expectSameAsEach(first.reader, late);
});

test('After a batch nothing of it is left in the memory of the cipher, and keys made on the way are wiped', () => {
  const wiped: Uint8Array[] = [];
  const watched: Primitives = {
    ...primitives,
    wipe: (...secrets) => {
      wiped.push(...secrets);
      primitives.wipe(...secrets);
    },
  };
  const counted = { ...watched, frames: createPlainFrameCipher(watched) };
  const messages = [textOf('one'), bytesOf(300), bytesOf(5_000)];
  const sealed = sealMessages(alice(), messages, guards(5), counted);
  const frames = sealed.messages.flatMap((message) => message.frames);
  const { reader } = openFrames(bob(), [frames[1]!, frames[4]!, frames[0]!], 0, counted);
  expect(counted.frames.memory.every((byte) => byte === 0)).toBe(true);
  expect(wiped.length).toBeGreaterThan(10);
  for (const secret of wiped) {
    expect(secret.every((byte) => byte === 0)).toBe(true);
    expect([reader.chainKey, reader.skipped, sealed.writer.chainKey]).not.toContain(secret);
  }
});

test('What stood in the memory of the cipher goes into no frame, and a message that cannot be sealed leaves nothing there', () => {
  const { memory } = primitives.frames;
  memory.fill(0xaa);
  const { messages } = sealMessages(
    alice(),
    [textOf('a'), bytesOf(60), bytesOf(2_000)],
    guards(4),
    primitives,
  );
  const frames = messages.flatMap((message) => message.frames);
  expect(openFrames(bob(), frames, 0, primitives).results.every(({ ok }) => ok)).toBe(true);
  memory.fill(0);
  const bad = [textOf('for Bob alone'), { ...textOf('x'), timeNs: -1n }];
  expect(() => sealMessages(alice(), bad, guards(2), primitives)).toThrow('time is a u64');
  expect(memory.every((byte) => byte === 0)).toBe(true);
});

test('A frame that fails in the middle of a run stops nothing behind it', () => {
  const { frames } = sealMany(alice(), 9);
  const forged = seal(alice(), textOf('I am frame 4')).frames[0]!.slice();
  forged.set(frames[4]!.subarray(20, 32), 20);
  const batch = frames.map((frame, at) => (at === 4 ? forged : frame));
  const { results } = openFrames(bob(), batch, 0, primitives);
  expect(results.map(({ ok }) => ok)).toEqual(frames.map((_, at) => at !== 4));
  expectSameAsEach(bob(), batch);
});
