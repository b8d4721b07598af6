/** The protocol: bytes to values and state machines, without a platform. Folders are the nouns of `spec/`. */
export type * from './brands.ts';
export { accept, assert, refuse, RefusedError, unwrap, type Refusal, type Result } from './errors.ts';
export type { Primitives } from './primitives.ts';
export { ByteReader, decode, decodeUtf8 } from './bytes/reader.ts';
export { ByteWriter, encodeUtf8 } from './bytes/writer.ts';
export { bytesEqual, bytesToHex, compareBytes, concatBytes, hexToBytes } from './bytes/compare.ts';
export type * from './feeds/key-agreement.ts';
