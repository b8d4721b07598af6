/**
 * The 24 bytes at the start of what a frame seals (spec/frames.md, "Sealed header"), and the rules that tie them to
 * the frame's class: which content fits, what a part is, and that everything unused is zero.
 */
import { mailFrameTypes } from '../codes.ts';
import { accept, assert, refuse, type Result } from '../errors.ts';
import { messagePartsMax } from '../limits.ts';
import { chunkPrefixBytes, contentBytesMax, sealedHeaderBytes } from './layout.ts';

export interface SealedHeader {
  /** When it was written, ns since 1970 by the sender's clock: u64. */
  readonly timeNs: bigint;
  /** Number of the message in its feed; all parts of a message share it. */
  readonly sequence: number;
  readonly kind: number;
  readonly flags: number;
  /** From 0. */
  readonly part: number;
  /** 1 unless the message is cut into long frames. */
  readonly parts: number;
  readonly contentLength: number;
}

const timeNsMax = (1n << 64n) - 1n;

/** Where the content begins in what is sealed. */
export function contentStart(type: number): number {
  return type === mailFrameTypes.chunk ? sealedHeaderBytes + chunkPrefixBytes : sealedHeaderBytes;
}

/** Room for content in a frame of this type. */
export function contentRoom(type: number): number {
  if (type === mailFrameTypes.short) return contentBytesMax.short;
  if (type === mailFrameTypes.medium) return contentBytesMax.medium;
  return type === mailFrameTypes.long ? contentBytesMax.long : contentBytesMax.chunk;
}

/** Writes at `at`: where what a frame seals begins. */
export function writeSealedHeader(view: DataView, at: number, header: SealedHeader): void {
  assert(header.timeNs >= 0n && header.timeNs <= timeNsMax, 'time is a u64');
  assert(Number.isSafeInteger(header.sequence) && header.sequence >= 0, 'sequence is a safe integer');
  view.setBigUint64(at, header.timeNs, true);
  view.setUint32(at + 8, header.sequence >>> 0, true);
  view.setUint32(at + 12, Math.floor(header.sequence / 0x1_0000_0000), true);
  view.setUint8(at + 16, header.kind);
  view.setUint8(at + 17, header.flags);
  view.setUint16(at + 18, header.part, true);
  view.setUint16(at + 20, header.parts, true);
  view.setUint16(at + 22, header.contentLength, true);
}

/** What a frame of this type sealed begins at `at`, all of it there. */
export function readSealedHeader(type: number, view: DataView, at: number): Result<SealedHeader> {
  const high = view.getUint32(at + 12, true);
  if (high >= 0x20_0000) return refuse('range', 'sealed.sequence', 'is at most 2^53 - 1');
  const header: SealedHeader = {
    timeNs: view.getBigUint64(at, true),
    sequence: high * 0x1_0000_0000 + view.getUint32(at + 8, true),
    kind: view.getUint8(at + 16),
    flags: view.getUint8(at + 17),
    part: view.getUint16(at + 18, true),
    parts: view.getUint16(at + 20, true),
    contentLength: view.getUint16(at + 22, true),
  };
  const start = at + contentStart(type);
  const padding = start + header.contentLength;
  return checkParts(type, header) ?? checkPadding(view, padding, start + contentRoom(type)) ?? accept(header);
}

type Refused = ReturnType<typeof refuse>;

function checkParts(type: number, header: SealedHeader): Refused | undefined {
  const room = contentRoom(type);
  if (header.contentLength > room) return refuse('length', 'sealed.content-length', `is at most ${room}`);
  if (header.parts === 0 || header.parts > messagePartsMax) {
    return refuse('parts', 'sealed.parts', `is 1 to ${messagePartsMax}`);
  }
  if (header.part >= header.parts) return refuse('parts', 'sealed.part', 'is below parts');
  if (header.parts === 1) return undefined;
  if (type !== mailFrameTypes.long) return refuse('parts', 'sealed.parts', 'is 1 but in long frames');
  const last = header.part === header.parts - 1;
  if (last ? header.contentLength === 0 : header.contentLength !== room) {
    return refuse('parts', 'sealed.content-length', 'fills every part but the last, which has some');
  }
  return undefined;
}

function checkPadding(view: DataView, from: number, end: number): Refused | undefined {
  for (let at = from; at < end; at += 1) {
    if (view.getUint8(at) !== 0) return refuse('padding', 'sealed.padding', 'is zero');
  }
  return undefined;
}
