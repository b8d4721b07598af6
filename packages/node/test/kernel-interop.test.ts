/** A device with the kernel and one without it say and understand the same. */
import {
  createReader,
  createWriter,
  frameCount,
  guardBytes,
  openFrames,
  type Primitives,
  reserve,
  type SealedMessages,
  sealMessages,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { createPrimitives } from '../src/primitives/primitives.ts';

const feedSecret = new Uint8Array(32).fill(1);
const start = { feedSecret, ownerSeed: new Uint8Array(32).fill(2), sequence: 0, signed: false };
const withKernel = createPrimitives({ kernel: true });
const without = createPrimitives({ kernel: false });

const messages = Array.from({ length: 400 }, (_, at) => ({
  kind: 1,
  flags: 0,
  timeNs: BigInt(at),
  content: Uint8Array.from(
    { length: [12, 56, 0, 57, 300, 12, 441, 1976, 5000][at % 9] ?? 0 },
    (__, byte) => at + byte,
  ),
}));
const frames = messages.reduce((sum, { content }) => sum + frameCount(content.length), 0);
const guards = Uint8Array.from({ length: frames * guardBytes }, (_, at) => at * 5 + (at >> 8));

function sealAll(primitives: Primitives): SealedMessages {
  return sealMessages(reserve(createWriter(start, primitives), frames), messages, guards, primitives);
}

test('Alice seals the same bytes with the kernel and without it', () => {
  expect(sealAll(withKernel)).toEqual(sealAll(without));
});

test.for([
  ['Bob without it reads what Alice sealed with the kernel', withKernel, without],
  ['Bob with the kernel reads what Alice sealed without it', without, withKernel],
] as const)('%s', ([, alice, bob]) => {
  const sealed = sealAll(alice);
  const reader = createReader(feedSecret, sealed.writer.ownerPublicKey, bob);
  const all = sealed.messages.flatMap((message) => message.frames);
  const opened = openFrames(reader, all, 0, bob);
  expect(opened.reader).toMatchObject({ generation: frames, chainKey: sealed.writer.chainKey });
  const contents = opened.results.map((result) => (result.ok ? [...result.value.content] : result.refusal));
  expect(contents.flat()).toEqual(messages.flatMap(({ content }) => [...content]));
});

test('both refuse the same frames of a batch, and go on in the same state', () => {
  const all = sealAll(without).messages.flatMap((message) => message.frames);
  const batch = all.map((frame, at) =>
    at % 7 === 3 ? frame.map((byte, place) => (place === 60 ? ~byte : byte)) : frame,
  );
  const [left, right] = [withKernel, without].map((primitives) => {
    const reader = createReader(feedSecret, createWriter(start, primitives).ownerPublicKey, primitives);
    return openFrames(reader, [...batch.slice(20), ...all.slice(0, 40)], 0, primitives);
  });
  expect(left).toEqual(right);
  expect(left?.results.filter(({ ok }) => ok).length).toBeGreaterThan(300);
});
