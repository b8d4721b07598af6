import { expect, test } from 'vitest';
import {
  addFrame,
  type AssembledMessage,
  type Assembler,
  assembliesMax,
  createAssembler,
  createSignedAssembler,
  type DeviceKey,
  type FeedMessage,
  type FeedWriter,
  messageBytesMax,
  type OpenedFrame,
  reserve,
  type Sealed,
  signContent,
  unwrap,
  verifyContent,
} from '../../src/index.ts';
import { alice, bob, bytesOf, open, primitives, seal, textOf } from './actors.ts';

function openAll(frames: readonly Uint8Array[], reader = bob()): OpenedFrame[] {
  const opened: OpenedFrame[] = [];
  let at = reader;
  for (const frame of frames) {
    const step = open(at, frame);
    opened.push(step.opened);
    at = step.reader;
  }
  return opened;
}

function assemble(frames: readonly OpenedFrame[], assembler: Assembler): AssembledMessage[] {
  const messages: AssembledMessage[] = [];
  let at = assembler;
  for (const frame of frames) {
    const step = unwrap(addFrame(at, frame, primitives));
    at = step.assembler;
    if (step.message !== undefined) messages.push(step.message);
  }
  return messages;
}

test('the longest message goes through in parts, in order or not', () => {
  const message = bytesOf(messageBytesMax);
  const { frames } = seal(reserve(alice(), 266), message);
  expect(frames.length).toBe(266);
  const opened = openAll(frames);
  for (const order of [opened, opened.toReversed()]) {
    const messages = assemble(order, createAssembler(0));
    expect(messages).toMatchObject([{ ...message, sequence: 0 }]);
  }
});

test('a part that does not agree with the others, or comes twice, is refused', () => {
  const opened = openAll(seal(alice(), bytesOf(5_000)).frames);
  const { assembler } = unwrap(addFrame(createAssembler(0), opened[0]!, primitives));
  const others = [
    opened[0]!,
    { ...opened[1]!, kind: 2 },
    { ...opened[1]!, timeNs: 5n },
    { ...opened[1]!, parts: 4 },
  ];
  for (const frame of [...others, { ...opened[1]!, flags: 1 }]) {
    expect(addFrame(assembler, frame, primitives)).toMatchObject({ ok: false, refusal: { code: 'parts' } });
  }
});

test('an assembler holds four messages at most; the oldest goes first', () => {
  const [first, second] = openAll(seal(alice(), bytesOf(3_000)).frames);
  let assembler = createAssembler(0);
  for (let sequence = 0; sequence < 9; sequence += 1) {
    assembler = unwrap(addFrame(assembler, { ...first!, sequence }, primitives)).assembler;
  }
  expect(assembler.assemblies.map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8]);
  expect(assembler.assemblies.length).toBe(assembliesMax);
  expect(unwrap(addFrame(assembler, { ...second!, sequence: 0 }, primitives)).message).toBeUndefined();
  expect(unwrap(addFrame(assembler, { ...second!, sequence: 8 }, primitives)).message?.content.length).toBe(
    3_000,
  );
});

const deviceSeed = new Uint8Array(32).fill(11);
const deviceKey = primitives.ed25519PublicKey(deviceSeed) as DeviceKey;

function sealSigned(writer: FeedWriter, message: FeedMessage, seed = deviceSeed): Sealed {
  const flagged = { ...message, flags: message.flags | 2 };
  const hashed = { ...flagged, sequence: writer.sequence };
  return seal(writer, { ...flagged, content: signContent(writer.runningHash!, hashed, seed, primitives) });
}

test('in a conversation of more than two accounts each message ends with a signature over the running hash', () => {
  let writer = alice(true);
  const frames: Uint8Array[] = [];
  for (const message of [textOf('one'), bytesOf(4_000), textOf('three')]) {
    const sealed = sealSigned(writer, message);
    frames.push(...sealed.frames);
    writer = sealed.writer;
  }
  const messages = assemble(openAll(frames), createSignedAssembler(0, writer.route, primitives));
  const contents = messages.map((each) =>
    unwrap(verifyContent(each.runningHash, each, deviceKey, primitives)),
  );
  expect(contents).toEqual([textOf('one').content, bytesOf(4_000).content, textOf('three').content]);
  expect(messages.at(-1)?.runningHash).toEqual(writer.runningHash);
  expect(() => seal(writer, textOf('unsigned'))).toThrow('signed');
});

test('Carol, who has the chain key, cannot write in the name of Alice', () => {
  const forged = sealSigned(alice(true), textOf('I owe Carol everything'), new Uint8Array(32).fill(12));
  const [message] = assemble(openAll(forged.frames), createSignedAssembler(0, alice().route, primitives));
  const verdict = verifyContent(message!.runningHash, message!, deviceKey, primitives);
  expect(verdict).toMatchObject({ ok: false, refusal: { code: 'signature' } });
  const unsigned = { ...message!, flags: 0 };
  expect(verifyContent(message!.runningHash, unsigned, deviceKey, primitives).ok).toBe(false);
});

test('after a lost message the rest of the epoch cannot be verified, and says why', () => {
  const first = sealSigned(alice(true), textOf('lost'));
  const second = sealSigned(first.writer, textOf('came'));
  const [message] = assemble(openAll(second.frames), createSignedAssembler(0, alice().route, primitives));
  const verdict = verifyContent(message!.runningHash, message!, deviceKey, primitives);
  expect(verdict).toMatchObject({ ok: false, refusal: { code: 'gap' } });
});
