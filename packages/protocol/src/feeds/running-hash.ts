/**
 * The running hash of a feed's epoch and the signature over it (spec/feeds.md, "Signatures"): in conversations of
 * more than two accounts every message ends with one, so that co-members, who have the same chain key, cannot write in
 * another's name. Starts anew with every epoch, so that a lost message makes the rest of one epoch unverifiable at most.
 */
import type { DeviceKey, Route } from '../brands.ts';
import { concatBytes } from '../bytes/compare.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import { accept, assert, refuse, type Result } from '../errors.ts';
import { signedBytes } from '../identity/signed.ts';
import type { Primitives } from '../primitives.ts';

const startContext = encodeUtf8('mycelium running 1');
const signatureContext = 'mycelium feed message 1';

/** Bit of the sealed header's flags: the content ends with a signature. */
export const signedFlag = 2;
export const signatureBytes = 64;

/** What the hash takes of a message; `content` without the signature. */
export interface HashedMessage {
  readonly timeNs: bigint;
  readonly sequence: number;
  readonly kind: number;
  readonly flags: number;
  readonly content: Uint8Array;
}

export function firstRunningHash(route: Route, primitives: Primitives): Uint8Array {
  return primitives.sha256(startContext, route);
}

/** SHA-256(hash ‖ time u64 ‖ sequence u64 ‖ kind u8 ‖ flags u8 ‖ content). */
export function nextRunningHash(
  hash: Uint8Array,
  message: HashedMessage,
  primitives: Primitives,
): Uint8Array {
  const head = new ByteWriter(50).bytes(hash, 32).u64(message.timeNs).count(message.sequence);
  return primitives.sha256(head.u8(message.kind).u8(message.flags).finish(), message.content);
}

/** The content with its signature; the message's flags must have `signedFlag`. */
export function signContent(
  runningHash: Uint8Array,
  message: HashedMessage,
  deviceSeed: Uint8Array,
  primitives: Primitives,
): Uint8Array {
  assert((message.flags & signedFlag) !== 0, 'the flags of a signed message say so');
  const hash = nextRunningHash(runningHash, message, primitives);
  return concatBytes(
    message.content,
    primitives.ed25519Sign(deviceSeed, signedBytes(signatureContext, hash)),
  );
}

/** `hash` is the running hash after the message; undefined when an earlier message of the epoch is missing. */
export function verifyContent(
  hash: Uint8Array | undefined,
  message: HashedMessage,
  deviceKey: DeviceKey,
  primitives: Primitives,
): Result<Uint8Array> {
  const { content, flags } = message;
  if ((flags & signedFlag) === 0 || content.length < signatureBytes) {
    return refuse('signature', 'message.signature', 'is there');
  }
  if (hash === undefined)
    return refuse('gap', 'message.signature', 'follows every earlier message of the epoch');
  const signature = content.subarray(content.length - signatureBytes);
  if (!primitives.ed25519Verify(deviceKey, signedBytes(signatureContext, hash), signature)) {
    return refuse('signature', 'message.signature', "is the device's over the running hash");
  }
  return accept(unsignedContent(message));
}

/** The content without its signature, when it has one. */
export function unsignedContent(message: {
  readonly flags: number;
  readonly content: Uint8Array;
}): Uint8Array {
  const { content, flags } = message;
  const signed = (flags & signedFlag) !== 0 && content.length >= signatureBytes;
  return signed ? content.subarray(0, content.length - signatureBytes) : content;
}
