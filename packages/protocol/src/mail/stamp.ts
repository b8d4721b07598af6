/**
 * The stamp of an intake frame (spec/mail.md, "Stamp"): `SHA-256("mycelium stamp 1" ‖ 0x00 ‖ frame)` begins with as many
 * zero bits as the queue's difficulty asks for. The sender counts the nonce field up until it does. A stamp counts for
 * 48 hours around its time, so that work cannot be piled up for a flood.
 */
import { leadingZeroBits } from '../bytes/leading-zero-bits.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import { stampAgeMaxMs } from '../limits.ts';
import type { Primitives } from '../primitives.ts';

export const stampContext = 'mycelium stamp 1';
const stampPrefix = encodeUtf8(`${stampContext}\0`);
const nonceAt = 40;
const timeAt = 32;

function stampBits(primitives: Pick<Primitives, 'sha256'>, frame: Uint8Array): number {
  return leadingZeroBits(primitives.sha256(stampPrefix, frame));
}

/** A stamp in the making: the frame, whose nonce field changes in place, and how far the search is. */
export interface StampSearch {
  /** The encoded intake frame, 4,096 bytes. Ready to send when the search has ended. */
  readonly frame: Uint8Array;
  readonly difficulty: number;
  readonly found: boolean;
}

/** The frame is taken over: it changes while the search goes on. */
export function beginStamp(frame: Uint8Array, difficulty: number): StampSearch {
  return { frame, difficulty, found: false };
}

/** Tries at most `tries` nonces: a slice short enough not to hold anything up, to be repeated until `found`. */
export function searchStamp(
  primitives: Pick<Primitives, 'sha256'>,
  search: StampSearch,
  tries: number,
): StampSearch {
  const { frame, difficulty } = search;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let tried = 0; tried < tries; tried += 1) {
    if (stampBits(primitives, frame) >= difficulty) return { ...search, found: true };
    view.setBigUint64(nonceAt, BigInt.asUintN(64, view.getBigUint64(nonceAt, true) + 1n), true);
  }
  return search;
}

/** `frame` is a decoded intake frame's bytes. */
export function stampIsValid(
  primitives: Pick<Primitives, 'sha256'>,
  frame: Uint8Array,
  difficulty: number,
  nowMs: number,
): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const timeMs = Number(view.getBigUint64(timeAt, true));
  if (Math.abs(nowMs - timeMs) > stampAgeMaxMs) return false;
  return stampBits(primitives, frame) >= difficulty;
}
