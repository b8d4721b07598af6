/** Alice writes a feed, Bob follows it: what the tests of feeds share. */
import { createPrimitives } from '../../../node/src/primitives/primitives.ts';
import {
  createReader,
  createWriter,
  type FeedMessage,
  type FeedReader,
  type FeedWriter,
  frameCount,
  openFrame,
  type OpenedFeedFrame,
  type Primitives,
  sealMessage,
  type Sealed,
  unwrap,
} from '../../src/index.ts';

export const primitives: Primitives = createPrimitives();

let guardCount = 0;

/** Different at every call, as random guards are. */
export function guards(frames: number): Uint8Array {
  guardCount += 1;
  const bytes = new Uint8Array(frames * 8);
  new DataView(bytes.buffer).setUint32(0, guardCount);
  return bytes;
}

export const feedSecret: Uint8Array = new Uint8Array(32).fill(1);
export const ownerSeed: Uint8Array = new Uint8Array(32).fill(2);

export function alice(signed = false): FeedWriter {
  return createWriter({ feedSecret, ownerSeed, sequence: 0, signed }, primitives);
}

export function bob(writer: FeedWriter = alice(), secret: Uint8Array = feedSecret): FeedReader {
  return createReader(secret, writer.ownerPublicKey, primitives);
}

export function textOf(text: string): FeedMessage {
  return { kind: 1, flags: 0, timeNs: 1_790_000_000_000_000_000n, content: new TextEncoder().encode(text) };
}

export function bytesOf(length: number): FeedMessage {
  return { ...textOf(''), content: Uint8Array.from({ length }, (_, at) => at * 7) };
}

export function seal(writer: FeedWriter, message: FeedMessage): Sealed {
  return sealMessage(writer, message, guards(frameCount(message.content.length)), primitives);
}

export function open(reader: FeedReader, frame: Uint8Array, nowMs = 0): OpenedFeedFrame {
  return unwrap(openFrame(reader, frame, nowMs, primitives));
}

/** `count` frames of one message each, and the writer after them. */
export function sealMany(writer: FeedWriter, count: number): { writer: FeedWriter; frames: Uint8Array[] } {
  const frames: Uint8Array[] = [];
  let next = { ...writer, reservedUntil: Math.max(writer.reservedUntil, writer.generation + count) };
  for (let at = 0; at < count; at += 1) {
    const sealed = seal(next, textOf(`number ${at}`));
    frames.push(...sealed.frames);
    next = sealed.writer;
  }
  return { writer: next, frames };
}
