/**
 * Messages sealed into the frames of a feed, many in one call (spec/feeds.md, "Writing"). Randomness comes in as guards,
 * 8 bytes a frame.
 */
import { assert } from '../errors.ts';
import { frameCount, frameTypeFor } from '../frames/classes.ts';
import { frameSizeAt, writeFrameHeader } from '../frames/header.ts';
import { contentBytesMax, frameBytesByType, frameOffsets, guardBytes } from '../frames/layout.ts';
import { contentRoom, contentStart, writeSealedHeader } from '../frames/sealed-header.ts';
import type { Primitives } from '../primitives.ts';
import { nextRunningHash, signedFlag, unsignedContent } from './running-hash.ts';
import { type FeedWriter, hasReserved, type WriterChange } from './writer.ts';

export interface FeedMessage {
  readonly kind: number;
  readonly flags: number;
  readonly timeNs: bigint;
  readonly content: Uint8Array;
}

export interface SealedMessage {
  /** In order; each is one frame of its class. Frames of one call may be views of one buffer. */
  readonly frames: readonly Uint8Array[];
  /** Number that the message got. */
  readonly sequence: number;
}

export interface Sealed extends WriterChange, SealedMessage {}

export interface SealedMessages extends WriterChange {
  /** One for each message, in order. */
  readonly messages: readonly SealedMessage[];
}

/**
 * The new writer and the frames go to the store in one transaction, before anything is sent. `guards`: 8 fresh random
 * bytes for each frame, of which a message takes `frameCount(content.length)`.
 */
export function sealMessages(
  writer: FeedWriter,
  messages: readonly FeedMessage[],
  guards: Uint8Array,
  primitives: Primitives,
): SealedMessages {
  const frames = messages.reduce((sum, { content }) => sum + frameCount(content.length), 0);
  assert(hasReserved(writer, frames), 'generations are reserved before they are used');
  assert(guards.length === frames * guardBytes, 'one guard for each frame');
  assert(
    writer.runningHash === undefined || messages.every(({ flags }) => (flags & signedFlag) !== 0),
    'messages of this feed are signed',
  );
  const run = new SealingRun(writer, guards, primitives);
  try {
    for (const [at, message] of messages.entries()) run.add(message, writer.sequence + at);
    run.seal();
  } finally {
    run.wipe();
  }
  const { chainKey, frames: sealed } = run;
  return {
    writer: {
      ...writer,
      chainKey,
      generation: writer.generation + frames,
      index: writer.index + frames,
      sequence: writer.sequence + messages.length,
      runningHash: hashAfter(writer, messages, primitives),
    },
    messages: byMessage(writer.sequence, messages, sealed),
    retired: messages.length === 0 ? [] : [writer.chainKey],
  };
}

/** One message: a run of its own. */
export function sealMessage(
  writer: FeedWriter,
  message: FeedMessage,
  guards: Uint8Array,
  primitives: Primitives,
): Sealed {
  const sealed = sealMessages(writer, [message], guards, primitives);
  const frames = sealed.messages[0]?.frames ?? [];
  return { writer: sealed.writer, frames, sequence: writer.sequence, retired: sealed.retired };
}

function byMessage(
  firstSequence: number,
  messages: readonly FeedMessage[],
  frames: readonly Uint8Array[],
): readonly SealedMessage[] {
  let from = 0;
  return messages.map(({ content }, at) => {
    const to = from + frameCount(content.length);
    const own = { frames: frames.slice(from, to), sequence: firstSequence + at };
    from = to;
    return own;
  });
}

function hashAfter(
  writer: FeedWriter,
  messages: readonly FeedMessage[],
  primitives: Primitives,
): Uint8Array | undefined {
  let { runningHash } = writer;
  if (runningHash === undefined) return undefined;
  for (const [at, message] of messages.entries()) {
    const { timeNs, kind, flags } = message;
    const hashed = { timeNs, sequence: writer.sequence + at, kind, flags, content: unsignedContent(message) };
    runningHash = nextRunningHash(runningHash, hashed, primitives);
  }
  return runningHash;
}

/** Frames written one after the other into the cipher's memory, sealed there when it is full, and copied out together. */
class SealingRun {
  /** Of the generation after what is sealed. */
  readonly chainKey: Uint8Array;
  /** What is sealed. */
  readonly frames: Uint8Array[] = [];
  readonly #writer: FeedWriter;
  readonly #guards: Uint8Array;
  readonly #primitives: Primitives;
  #written = 0;
  #end = 0;

  constructor(writer: FeedWriter, guards: Uint8Array, primitives: Primitives) {
    this.#writer = writer;
    this.#guards = guards;
    this.#primitives = primitives;
    this.chainKey = writer.chainKey.slice();
  }

  add(message: FeedMessage, sequence: number): void {
    const { content, timeNs, kind, flags } = message;
    const parts = frameCount(content.length);
    const type = frameTypeFor(content.length);
    const size = frameBytesByType[type] ?? 0;
    const { memory, view } = this.#primitives.frames;
    for (let part = 0; part < parts; part += 1) {
      if (this.#end + size > memory.length) this.seal();
      const at = this.#end;
      this.#end = at + size;
      const from = part * contentBytesMax.long;
      const piece = parts === 1 ? content : content.subarray(from, from + contentBytesMax.long);
      this.#writeHeader(type, at);
      const contentLength = piece.length;
      const header = { timeNs, sequence, kind, flags, part, parts, contentLength };
      writeSealedHeader(view, at + frameOffsets.sealed, header);
      const start = at + frameOffsets.sealed + contentStart(type);
      memory.set(piece, start);
      // What stood here before, whatever it was, goes to nobody.
      if (contentLength < contentRoom(type)) memory.fill(0, start + contentLength, at + size);
    }
  }

  #writeHeader(type: number, at: number): void {
    const { route, generation } = this.#writer;
    const number = this.#written;
    const guard = this.#guards.subarray(number * guardBytes, (number + 1) * guardBytes);
    const header = { type, route, generation: generation + number, guard };
    writeFrameHeader(this.#primitives.frames.memory, at, header);
    this.#written += 1;
  }

  seal(): void {
    if (this.#end === 0) return;
    const { memory, seal } = this.#primitives.frames;
    seal(this.chainKey, this.#end);
    const copy = memory.slice(0, this.#end);
    this.wipe();
    for (let at = 0; at < copy.length;) {
      const size = frameSizeAt(copy, at);
      this.frames.push(size === copy.length ? copy : copy.subarray(at, at + size));
      at += size;
    }
  }

  /** What stands in the cipher's memory. */
  wipe(): void {
    this.#primitives.frames.memory.fill(0, 0, this.#end);
    this.#end = 0;
  }
}
