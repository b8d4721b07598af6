/**
 * A frame's header, read and written in place (spec/frames.md, "Layout"). Takes a buffer and an offset, answers
 * numbers and views, and allocates nothing that was not asked for. Opens nothing: see feeds/open.ts.
 */
import { mailFrameTypes, wireVersion } from '../codes.ts';
import { accept, assert, refuse, type Refusal, type Result } from '../errors.ts';
import {
  frameBytesByType,
  frameHeaderBytes,
  frameOffsets,
  frameWordByType,
  guardBytes,
  nonceBytes,
} from './layout.ts';

/** Answers of `frameSizeAt` that are no size. */
export const frameIncomplete = 0;
export const frameRefused = -1;

/**
 * Size of the frame whose first four bytes are at `at`; `frameIncomplete` when fewer than four are there,
 * `frameRefused` when type, version and length do not agree: then `frameRefusalAt` says which rule is broken.
 */
export function frameSizeAt(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < 4) return frameIncomplete;
  const type = bytes[at] ?? 0;
  const size = frameBytesByType[type] ?? 0;
  return size !== 0 && readU32(bytes, at) === frameWordByType[type] ? size : frameRefused;
}

/** Which rule the four bytes at `at` break; undefined when they break none. */
export function frameRefusalAt(bytes: Uint8Array, at: number): Refusal | undefined {
  if (frameSizeAt(bytes, at) >= 0) return undefined;
  const type = bytes[at] ?? 0;
  const size = frameBytesByType[type] ?? 0;
  if (size === 0) return { code: 'type', where: 'frame.type', rule: 'is a registered one' };
  const version = bytes[at + 1] ?? 0;
  if ((version & 0x0f) !== wireVersion) {
    return { code: 'version', where: 'frame.version', rule: `is ${wireVersion}` };
  }
  if (version !== wireVersion) {
    return { code: 'reserved', where: 'frame.flags', rule: `are zero in version ${wireVersion}` };
  }
  return { code: 'length', where: 'frame.length', rule: `is ${size - 4} for type ${type}` };
}

/** Takes exactly one frame of any registered type. */
export function checkFrame(frame: Uint8Array): Result<Uint8Array> {
  const size = frameSizeAt(frame, 0);
  if (size === frameIncomplete) return refuse('truncated', 'frame', 'has at least its first four bytes');
  const refusal = frameRefusalAt(frame, 0);
  if (refusal !== undefined) return { ok: false, refusal };
  if (size > frame.length) return refuse('truncated', 'frame', `has ${size} bytes`);
  return size === frame.length ? accept(frame) : refuse('trailing', 'frame', `has ${size} bytes and no more`);
}

/** Types 1 to 4: what a feed is made of. */
export function isMailFrameAt(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at] ?? 0;
  return type >= mailFrameTypes.short && type <= mailFrameTypes.chunk;
}

/** 16 bytes, a view. */
export function routeAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at + frameOffsets.route, at + frameOffsets.nonce);
}

export function isRouteAt(bytes: Uint8Array, at: number, route: Uint8Array): boolean {
  const start = at + frameOffsets.route;
  for (let index = 0; index < route.length; index += 1) {
    if (bytes[start + index] !== route[index]) return false;
  }
  return true;
}

/** Which message key of the feed's epoch: u32. */
export function generationAt(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + frameOffsets.nonce);
}

/** Generation and guard, 12 bytes, a view: the nonce of the seal. In a control frame: the request id. */
export function nonceAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at + frameOffsets.nonce, at + frameOffsets.nonce + nonceBytes);
}

/** The whole header, a view: the associated data of the seal. */
export function associatedAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at, at + frameHeaderBytes);
}

export interface FrameHeader {
  /** A registered type: it decides the size. */
  readonly type: number;
  /** 16 bytes. */
  readonly route: Uint8Array;
  readonly generation: number;
  /** 8 bytes. */
  readonly guard: Uint8Array;
}

/** Writes 32 bytes at `at` and answers the frame's size. */
export function writeFrameHeader(bytes: Uint8Array, at: number, header: FrameHeader): number {
  const size = frameBytesByType[header.type] ?? 0;
  assert(size !== 0 && bytes.length - at >= size, 'a registered type, and room for its frame');
  assert(header.route.length === 16 && header.guard.length === guardBytes, 'a route and a guard');
  writeU32(bytes, at, frameWordByType[header.type] ?? 0);
  bytes.set(header.route, at + frameOffsets.route);
  writeU32(bytes, at + frameOffsets.nonce, header.generation);
  bytes.set(header.guard, at + frameOffsets.guard);
  return size;
}

function readU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (low | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
