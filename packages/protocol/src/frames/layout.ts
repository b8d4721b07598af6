/**
 * The layout of a frame (spec/frames.md, "Layout"): sizes and offsets, nothing else. All integers little-endian.
 *
 * | at | size | field |
 * |---|---|---|
 * | 0 | 1 | type |
 * | 1 | 1 | version in the low four bits; the high four are zero |
 * | 2 | 2 | length: the size of the type − 4 |
 * | 4 | 16 | route |
 * | 20 | 4 | generation: with guard the nonce, or a control frame's request id |
 * | 24 | 8 | guard |
 * | 32 | 24 | sealed header: time ns u64, sequence u64, kind u8, flags u8, part u16, parts u16, content length u16 |
 * | 56 | n | sealed content; in a chunk, file id 32 and chunk index u32 come before it |
 * | end | 16 | Poly1305 tag; bytes 0-31 are the associated data |
 */
import { controlFrameTypes, mailFrameTypes, wireVersion } from '../codes.ts';

export const frameOffsets = {
  type: 0,
  version: 1,
  length: 2,
  route: 4,
  nonce: 20,
  guard: 24,
  sealed: 32,
} as const;

/** Header in the clear: associated data of the seal. */
export const frameHeaderBytes = 32;
export const nonceBytes = 12;
export const guardBytes = 8;
export const sealedHeaderBytes = 24;
export const tagBytes = 16;
/** File id and chunk index at the start of a chunk's sealed content. */
export const chunkPrefixBytes = 36;

export const frameBytes = { short: 128, medium: 512, long: 2048, chunk: 4096 } as const;
export const frameBytesMax = 4096;

/** What a frame of each class has room for: its size less header, sealed header and tag, and in a chunk the prefix. */
export const contentBytesMax = { short: 56, medium: 440, long: 1976, chunk: 3988 } as const;

/** Size in bytes by type; zero for types that are none. */
export const frameBytesByType: Uint16Array = new Uint16Array(256);
/** The first four bytes that a frame of each type must have, as one u32; zero for types that are none. */
export const frameWordByType: Uint32Array = new Uint32Array(256);

function register(type: number, size: number): void {
  frameBytesByType[type] = size;
  frameWordByType[type] = type | (wireVersion << 8) | ((size - 4) << 16);
}

const largeControls: readonly number[] = [
  controlFrameTypes.open,
  controlFrameTypes.intake,
  controlFrameTypes.found,
  controlFrameTypes.publish,
];

for (const name of ['short', 'medium', 'long', 'chunk'] as const) {
  register(mailFrameTypes[name], frameBytes[name]);
}
for (const type of Object.values(controlFrameTypes)) {
  register(type, largeControls.includes(type) ? frameBytes.chunk : frameBytes.short);
}
