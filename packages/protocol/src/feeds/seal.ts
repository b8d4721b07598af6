/** A message sealed into the frames of a feed (spec/feeds.md, "Writing"). Randomness comes in as guards, 8 bytes a frame. */
import { assert } from '../errors.ts';
import { frameCount, frameTypeFor } from '../frames/classes.ts';
import { writeFrameHeader } from '../frames/header.ts';
import { contentBytesMax, guardBytes } from '../frames/layout.ts';
import { contentStart, writeSealedHeader } from '../frames/sealed-header.ts';
import type { Primitives } from '../primitives.ts';
import { type ChainStep, stepChain } from './chain.ts';
import { nextRunningHash, signedFlag, unsignedContent } from './running-hash.ts';
import { type FeedWriter, hasReserved, type WriterChange } from './writer.ts';
import { workFrame } from './work-frame.ts';

export interface FeedMessage {
  readonly kind: number;
  readonly flags: number;
  readonly timeNs: bigint;
  readonly content: Uint8Array;
}

export interface Sealed extends WriterChange {
  /** In order; each is one frame of its class. */
  readonly frames: readonly Uint8Array[];
  /** Number that the message got. */
  readonly sequence: number;
}

/**
 * The new writer and the frames go to the store in one transaction, before anything is sent. `guards`: 8 fresh random
 * bytes for each of `frameCount(content.length)` frames.
 */
export function sealMessage(
  writer: FeedWriter,
  message: FeedMessage,
  guards: Uint8Array,
  primitives: Primitives,
): Sealed {
  const parts = frameCount(message.content.length);
  assert(hasReserved(writer, parts), 'generations are reserved before they are used');
  assert(guards.length === parts * guardBytes, 'one guard for each frame');
  assert(
    writer.runningHash === undefined || (message.flags & signedFlag) !== 0,
    'messages of this feed are signed',
  );
  const frames: Uint8Array[] = [];
  let chainKey = writer.chainKey;
  for (let part = 0; part < parts; part += 1) {
    const step = stepChain(chainKey, primitives);
    if (part > 0) primitives.wipe(chainKey);
    chainKey = step.chainKey;
    frames.push(sealPart(writer, message, { part, parts, step, guards }, primitives));
  }
  return {
    writer: {
      ...writer,
      chainKey,
      generation: writer.generation + parts,
      index: writer.index + parts,
      sequence: writer.sequence + 1,
      runningHash: hashAfter(writer, message, primitives),
    },
    frames,
    sequence: writer.sequence,
    retired: [writer.chainKey],
  };
}

interface Part {
  readonly part: number;
  readonly parts: number;
  readonly step: ChainStep;
  readonly guards: Uint8Array;
}

/** Written and sealed in place, then copied; wipes the message key and what it wrote. */
function sealPart(writer: FeedWriter, message: FeedMessage, at: Part, primitives: Primitives): Uint8Array {
  const type = frameTypeFor(message.content.length);
  const work = workFrame(type);
  const guard =
    at.parts === 1 ? at.guards : at.guards.subarray(at.part * guardBytes, (at.part + 1) * guardBytes);
  writeFrameHeader(work.frame, 0, {
    type,
    route: writer.route,
    generation: writer.generation + at.part,
    guard,
  });
  const from = at.part * contentBytesMax.long;
  const content =
    at.parts === 1 ? message.content : message.content.subarray(from, from + contentBytesMax.long);
  const { timeNs, kind, flags } = message;
  const { part, parts } = at;
  const { sequence } = writer;
  writeSealedHeader(work.plain, {
    timeNs,
    sequence,
    kind,
    flags,
    part,
    parts,
    contentLength: content.length,
  });
  work.plain.set(content, contentStart(type));
  primitives.seal(work.sealed, work.plain, work.associated, work.nonce, at.step.messageKey);
  const frame = work.frame.slice();
  work.frame.fill(0);
  primitives.wipe(at.step.messageKey);
  return frame;
}

function hashAfter(writer: FeedWriter, message: FeedMessage, primitives: Primitives): Uint8Array | undefined {
  if (writer.runningHash === undefined) return undefined;
  const { timeNs, kind, flags } = message;
  const content = unsignedContent(message);
  const { sequence } = writer;
  return nextRunningHash(writer.runningHash, { timeNs, sequence, kind, flags, content }, primitives);
}
