// vectors/feeds.json: keys of an epoch, the chain, sealed messages, what readers refuse, signatures (spec/feeds.md).
import {
  addFrame,
  type AssembledMessage,
  bytesToHex,
  createReader,
  createSignedAssembler,
  createWriter,
  type DeviceKey,
  encodeUtf8,
  type FeedMessage,
  type FeedReader,
  type FeedWriter,
  firstRunningHash,
  frameCount,
  nextEpoch,
  openFrame,
  resume,
  sealMessage,
  type Sealed,
  signContent,
  skipChain,
  stepChain,
  unwrap,
  verifyContent,
} from '@mycelium/protocol';
import { createPrimitives } from '../../packages/node/src/primitives/primitives.ts';
import { plain, refusalOf } from './form/plain.ts';

const primitives = createPrimitives();
const feedSecret = new Uint8Array(32).fill(0x11);
const ownerSeed = new Uint8Array(32).fill(0x22);
const deviceSeed = new Uint8Array(32).fill(0x33);
const deviceKey = primitives.ed25519PublicKey(deviceSeed) as DeviceKey;
const timeNs = 1_790_000_000_000_000_000n;

const writerOf = (signed = false): FeedWriter =>
  createWriter({ feedSecret, ownerSeed, sequence: 7, signed }, primitives);
const readerOf = (writer: FeedWriter = writerOf()): FeedReader =>
  createReader(feedSecret, writer.ownerPublicKey, primitives);
const messageOf = (content: Uint8Array, flags = 0): FeedMessage => ({ kind: 1, flags, timeNs, content });

/** Guards are random in life; here the n-th of a message is n + 1, eight times. */
function seal(writer: FeedWriter, message: FeedMessage): Sealed {
  const guards = new Uint8Array(frameCount(message.content.length) * 8).map(
    (_, at) => Math.floor(at / 8) + 1,
  );
  return sealMessage(writer, message, guards, primitives);
}

function epochs(): object[] {
  const first = writerOf();
  const second = nextEpoch(
    first,
    new Uint8Array(32).fill(0x44),
    new Uint8Array(32).fill(0x55),
    primitives,
  ).writer;
  const secrets = [feedSecret, new Uint8Array(32).fill(0x44)];
  return [first, second].map((writer, at) => ({
    feedSecret: plain(secrets[at]),
    chainKey: plain(writer.chainKey),
    readerSeed: plain(writer.readerSeed),
    readerPublicKey: plain(primitives.ed25519PublicKey(writer.readerSeed)),
    ownerSeed: plain(writer.ownerSeed),
    ownerPublicKey: plain(writer.ownerPublicKey),
    route: plain(writer.route),
  }));
}

function chain(): object {
  const steps: object[] = [];
  let { chainKey } = writerOf();
  for (let generation = 0; generation < 4; generation += 1) {
    const step = stepChain(chainKey, primitives);
    steps.push({ generation, ...(plain(step) as object) });
    chainKey = step.chainKey;
  }
  return {
    first: plain(writerOf().chainKey),
    steps,
    after64: bytesToHex(skipChain(writerOf().chainKey, 64, primitives)),
  };
}

const contents = [
  encodeUtf8('hello'),
  new Uint8Array(0),
  new Uint8Array(56).fill(0x78),
  new Uint8Array(57).fill(0x79),
  Uint8Array.from({ length: 4_000 }, (_, at) => at),
];

function messages(): { vectors: object[]; writer: FeedWriter; frames: Uint8Array[] } {
  let writer = writerOf();
  const vectors: object[] = [];
  const all: Uint8Array[] = [];
  for (const content of [...contents, encodeUtf8('after a restart')]) {
    if (vectors.length === contents.length) ({ writer } = resume(writer, primitives));
    const sealed = seal(writer, messageOf(content));
    vectors.push({
      generation: writer.generation,
      index: writer.index,
      sequence: sealed.sequence,
      kind: 1,
      flags: 0,
      timeNs: timeNs.toString(),
      content: plain(content),
      frames: plain(sealed.frames),
    });
    all.push(...sealed.frames);
    ({ writer } = sealed);
  }
  return { vectors, writer, frames: all };
}

function refused(frames: readonly Uint8Array[]): object[] {
  const [hello = new Uint8Array(0), empty = new Uint8Array(0)] = frames;
  const flipped = (at: number): Uint8Array => hello.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const day = 86_400_000;
  const far = (generation: number): Uint8Array => {
    const writer = writerOf();
    const chainKey = skipChain(writer.chainKey, generation, primitives);
    const [frame = new Uint8Array(0)] = seal(
      { ...writer, chainKey, generation, reservedUntil: generation + 1 },
      messageOf(encodeUtf8('far')),
    ).frames;
    return frame;
  };
  const bad = [
    { why: 'a frame again', before: [hello], frame: hello, nowMs: 0 },
    { why: 'a skipped frame again', before: [empty, hello], frame: hello, nowMs: 0 },
    { why: 'a skipped frame after seven days', before: [empty], frame: hello, nowMs: 7 * day },
    { why: 'a jump of 25,001', before: [], frame: far(25_001), nowMs: 0 },
    { why: 'another route', before: [], frame: flipped(4), nowMs: 0 },
    { why: 'another generation', before: [], frame: flipped(20), nowMs: 0 },
    { why: 'another guard', before: [], frame: flipped(24), nowMs: 0 },
    { why: 'sealed header changed', before: [], frame: flipped(32), nowMs: 0 },
    { why: 'tag changed', before: [], frame: flipped(127), nowMs: 0 },
    { why: 'a flag in the clear', before: [], frame: flipped(1).fill(0x11, 1, 2), nowMs: 0 },
  ];
  return bad.map(({ why, before, frame, nowMs }) => {
    let reader = readerOf();
    for (const each of before) ({ reader } = unwrap(openFrame(reader, each, 0, primitives)));
    const refusal = refusalOf(openFrame(reader, frame, nowMs, primitives));
    return { why, before: plain(before), nowMs, frame: plain(frame), ...refusal };
  });
}

interface SignedFeed {
  readonly vectors: object[];
  readonly messages: readonly AssembledMessage[];
}

function signedMessages(): SignedFeed {
  let writer = writerOf(true);
  let reader = readerOf(writer);
  let assembler = createSignedAssembler(7, writer.route, primitives);
  const vectors: object[] = [];
  const assembled: AssembledMessage[] = [];
  for (const text of ['one', 'two']) {
    const message = messageOf(encodeUtf8(text), 2);
    const runningHash = writer.runningHash ?? new Uint8Array(0);
    const content = signContent(
      runningHash,
      { ...message, sequence: writer.sequence },
      deviceSeed,
      primitives,
    );
    const sealed = seal(writer, { ...message, content });
    ({ writer } = sealed);
    const opened = unwrap(openFrame(reader, sealed.frames[0] ?? new Uint8Array(0), 0, primitives));
    const added = unwrap(addFrame(assembler, opened.opened, primitives));
    ({ reader } = opened);
    ({ assembler } = added);
    if (added.message !== undefined) assembled.push(added.message);
    vectors.push({
      sequence: sealed.sequence,
      kind: 1,
      flags: 2,
      timeNs: timeNs.toString(),
      text: plain(message.content),
      content: plain(content),
      runningHash: plain(writer.runningHash),
      frames: plain(sealed.frames),
    });
  }
  return { vectors, messages: assembled };
}

function refusedSignatures(messages: readonly AssembledMessage[]): object[] {
  const [first, second] = messages;
  if (first === undefined || second === undefined) throw new Error('two messages');
  const mallory = primitives.ed25519PublicKey(new Uint8Array(32).fill(0x66)) as DeviceKey;
  const changed = first.content.map((byte, at) => (at === first.content.length - 1 ? byte ^ 1 : byte));
  const bad = [
    { why: 'signature of another device', message: first, hash: first.runningHash, key: mallory },
    {
      why: 'signature changed',
      message: { ...first, content: changed },
      hash: first.runningHash,
      key: deviceKey,
    },
    { why: 'signature of another message', message: second, hash: first.runningHash, key: deviceKey },
    {
      why: 'not flagged as signed',
      message: { ...first, flags: 0 },
      hash: first.runningHash,
      key: deviceKey,
    },
    {
      why: 'too short for a signature',
      message: { ...first, content: new Uint8Array(63) },
      hash: first.runningHash,
      key: deviceKey,
    },
    { why: 'an earlier message is missing', message: second, hash: undefined, key: deviceKey },
  ];
  return bad.map(({ why, message, hash, key }) => ({
    why,
    deviceKey: plain(key),
    flags: message.flags,
    content: plain(message.content),
    runningHash: hash === undefined ? null : plain(hash),
    ...refusalOf(verifyContent(hash, message, key, primitives)),
  }));
}

export function generate(): unknown {
  const { vectors, frames } = messages();
  const signed = signedMessages();
  return {
    spec: 'spec/feeds.md',
    epochs: epochs(),
    chain: chain(),
    messages: { firstSequence: 7, valid: vectors, refused: refused(frames) },
    signed: {
      deviceSeed: plain(deviceSeed),
      deviceKey: plain(deviceKey),
      firstRunningHash: plain(firstRunningHash(writerOf().route, primitives)),
      valid: signed.vectors,
      refused: refusedSignatures(signed.messages),
    },
  };
}
