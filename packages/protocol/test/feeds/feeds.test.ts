import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createWriter,
  expireSkippedKeys,
  type FeedReader,
  frameBytesByType,
  generationBlock,
  hasReserved,
  nextEpoch,
  nonceAt,
  openFrame,
  reserve,
  resume,
  skipChain,
  skippedDeadlineMs,
  skippedKeyCount,
  skippedKeysMax,
} from '../../src/index.ts';
import {
  alice,
  bob,
  bytesOf,
  feedSecret,
  guards,
  open,
  ownerSeed,
  primitives,
  seal,
  sealMany,
  textOf,
} from './actors.ts';
import { sealMessage } from '../../src/index.ts';

const day = 86_400_000;

function refusalOf(reader: FeedReader, frame: Uint8Array, nowMs = 0): string {
  const result = openFrame(reader, frame, nowMs, primitives);
  return result.ok ? 'accepted' : result.refusal.code;
}

test('Bob reads what Alice wrote, in every class', () => {
  let writer = alice();
  let reader = bob();
  for (const length of [0, 1, 56, 57, 440, 441, 1976]) {
    const message = bytesOf(length);
    const sealed = seal(writer, message);
    expect(sealed.frames.length).toBe(1);
    const { reader: next, opened } = open(reader, sealed.frames[0]!);
    expect(opened).toMatchObject({ ...message, sequence: sealed.sequence, part: 0, parts: 1 });
    writer = sealed.writer;
    reader = next;
  }
});

test('both derive the same route, which changes with the owner key and with the secret', () => {
  expect(bob().route).toEqual(alice().route);
  const other = createWriter(
    { feedSecret, ownerSeed: new Uint8Array(32).fill(3), sequence: 0, signed: false },
    primitives,
  );
  expect(other.route).not.toEqual(alice().route);
  expect(bob(alice(), new Uint8Array(32).fill(9)).route).not.toEqual(alice().route);
});

test('Mallory flips any bit of a frame and Bob refuses it, his state as it was', () => {
  const [frame] = seal(alice(), textOf('the vault is under the stairs')).frames;
  const reader = bob();
  for (let at = 0; at < frame!.length; at += 1) {
    const forged = frame!.slice();
    forged[at] = forged[at]! ^ (1 << (at % 8));
    expect(refusalOf(reader, forged)).not.toBe('accepted');
  }
  expect(open(reader, frame!).opened.content).toEqual(textOf('the vault is under the stairs').content);
});

test('a frame that was opened is refused when it comes again', () => {
  const { frames } = sealMany(alice(), 3);
  let reader = bob();
  for (const frame of frames) reader = open(reader, frame).reader;
  for (const frame of frames) expect(refusalOf(reader, frame)).toBe('replayed');
});

test('a frame of another feed or epoch is refused by its route, and by its key when the route is changed', () => {
  const epoch = nextEpoch(alice(), new Uint8Array(32).fill(5), new Uint8Array(32).fill(6), primitives);
  const [frame] = seal(epoch.writer, textOf('hello')).frames;
  expect(refusalOf(bob(), frame!)).toBe('route');
  frame!.set(bob().route, 4);
  expect(refusalOf(bob(), frame!)).toBe('seal');
});

test('frames open in any order, each once', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 12 }, (_, at) => at),
        { minLength: 1 },
      ),
      (order) => {
        const { frames } = sealMany(alice(), 12);
        let reader = bob();
        for (const at of order) {
          const { opened, reader: next } = open(reader, frames[at]!);
          expect(opened.sequence).toBe(at);
          reader = next;
        }
        for (const at of order) expect(refusalOf(reader, frames[at]!)).toBe('replayed');
        expect(skippedKeyCount(reader.skipped)).toBe(Math.max(...order) + 1 - order.length);
      },
    ),
    { numRuns: 50 },
  );
});

test('a jump of 25,000 generations is followed with at most 2,000 keys kept, a longer one is refused', () => {
  const start = alice();
  const at = (generation: number): Uint8Array => {
    const chainKey = skipChain(start.chainKey, generation, primitives);
    return seal({ ...start, chainKey, generation, reservedUntil: generation + 1 }, textOf('far')).frames[0]!;
  };
  expect(refusalOf(bob(), at(25_001))).toBe('jump');
  const { reader } = open(bob(), at(25_000));
  expect(skippedKeyCount(reader.skipped)).toBe(skippedKeysMax);
  expect(refusalOf(reader, at(22_999))).toBe('replayed');
  expect(refusalOf(reader, at(23_000))).toBe('accepted');
});

test('the highest generation there is costs nothing', () => {
  const [frame] = seal(alice(), textOf('x')).frames;
  frame!.fill(0xff, 20, 24);
  expect(refusalOf(bob(), frame!)).toBe('jump');
});

test('skipped keys are gone after seven days, by a timer or when a frame asks', () => {
  const { frames } = sealMany(alice(), 3);
  const { reader } = open(bob(), frames[2]!, 1_000);
  expect(skippedDeadlineMs(reader)).toBe(1_000 + 7 * day);
  expect(refusalOf(reader, frames[0]!, 7 * day)).toBe('accepted');
  expect(refusalOf(reader, frames[0]!, 1_000 + 7 * day)).toBe('replayed');
  expect(expireSkippedKeys(reader, 7 * day)).toEqual({ reader, retired: [] });
  const expired = expireSkippedKeys(reader, 1_000 + 7 * day);
  expect(skippedKeyCount(expired.reader.skipped)).toBe(0);
  expect(expired.retired).toEqual([reader.skipped]);
});

test('forward secrecy: no state after a step opens what came before, and the old secrets are retired', () => {
  const sealed = seal(alice(), textOf('secret'));
  const [frame] = sealed.frames;
  expect(sealed.retired).toEqual([alice().chainKey]);
  const before = bob();
  const after = open(before, frame!);
  expect(after.retired).toEqual([before.chainKey]);
  for (const retired of after.retired) primitives.wipe(retired);
  for (const chainKey of [after.reader.chainKey, sealed.writer.chainKey]) {
    const thief = { ...bob(), chainKey };
    expect(refusalOf(thief, frame!)).toBe('seal');
    expect(refusalOf({ ...thief, generation: 1 }, frame!)).toBe('replayed');
  }
  expect(refusalOf(before, frame!)).toBe('seal');
});

test('Alice seals nothing beyond what her store has reserved', () => {
  const { writer } = sealMany(alice(), generationBlock);
  expect(hasReserved(writer, 1)).toBe(false);
  expect(() => seal(writer, textOf('one more'))).toThrow('reserved');
  const reserved = reserve(writer, 1);
  expect(reserved.reservedUntil).toBe(2 * generationBlock);
  expect(seal(reserved, textOf('one more')).frames.length).toBe(1);
  expect(hasReserved(reserve(alice(), 67), 67)).toBe(true);
});

test('after a restart Alice goes on at the end of the reserved block, and Bob follows', () => {
  const { writer, frames } = sealMany(alice(), 5);
  const { writer: resumed } = resume(writer, primitives);
  expect(resumed).toMatchObject({
    generation: generationBlock,
    reservedUntil: 2 * generationBlock,
    index: 5,
    sequence: 5,
  });
  let reader = bob();
  for (const frame of [...frames, ...seal(resumed, textOf('back')).frames])
    reader = open(reader, frame).reader;
  expect(reader.generation).toBe(generationBlock + 1);
});

test('a restored copy that writes other messages repeats no key and nonce', () => {
  const { writer: backup } = sealMany(alice(), 3);
  const lived = sealMany(backup, generationBlock * 3).frames;
  const restored = sealMany(reserve(resume(backup, primitives).writer, 200), 200).frames;
  const nonces = [...lived, ...restored].map((frame) => Buffer.from(nonceAt(frame, 0)).toString('hex'));
  expect(new Set(nonces).size).toBe(nonces.length);
});

test('a commit ends the epoch: the sequence goes on under new keys and a new queue', () => {
  const { writer } = sealMany(alice(), 4);
  const secret = new Uint8Array(32).fill(8);
  const { writer: next, retired } = nextEpoch(writer, secret, new Uint8Array(32).fill(4), primitives);
  expect(retired).toEqual([writer.chainKey]);
  expect(next).toMatchObject({ index: 0, generation: 0, sequence: 4 });
  const [frame] = seal(next, textOf('new epoch')).frames;
  expect(open(bob(next, secret), frame!).opened.sequence).toBe(4);
});

test('chunks and control frames are not part of a feed', () => {
  for (const type of [4, 20]) {
    const frame = new Uint8Array(frameBytesByType[type]!);
    frame.set([type, 1, (frame.length - 4) & 0xff, (frame.length - 4) >> 8]);
    expect(refusalOf(bob(), frame)).toBe('type');
  }
});

test('an authentic frame with something in its padding is refused', () => {
  const writer = alice();
  const step = primitives.chacha20Block(writer.chainKey);
  const [frame] = seal(writer, textOf('hi')).frames;
  const plain = new Uint8Array(80);
  primitives.open(
    plain,
    frame!.subarray(32),
    frame!.subarray(0, 32),
    frame!.subarray(20, 32),
    step.subarray(32),
  );
  plain[79] = 1;
  primitives.seal(
    frame!.subarray(32),
    plain,
    frame!.subarray(0, 32),
    frame!.subarray(20, 32),
    step.subarray(32),
  );
  expect(refusalOf(bob(), frame!)).toBe('padding');
});

test('any bytes given as a frame are refused and never throw', () => {
  const reader = bob();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 140 }), (bytes) => {
      expect(refusalOf(reader, bytes)).not.toBe('accepted');
    }),
    { numRuns: 100 },
  );
});

test('a wrong number of guards is a bug that shows', () => {
  expect(() => sealMessage(alice(), textOf('x'), guards(2), primitives)).toThrow('one guard');
  expect(ownerSeed.length).toBe(32);
});
