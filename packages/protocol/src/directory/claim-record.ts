/**
 * Claim records: a sealed claim as directory nodes keep it, one datagram of 1,000 bytes (spec/directory.md,
 * "Records"). A node checks everything here and can neither open the claim nor tell whose it is.
 *
 * | at | size | field | |
 * |---|---|---|---|
 * | 0 | 1 | version | 1 |
 * | 1 | 3 | zero | |
 * | 4 | 32 | locator | |
 * | 36 | 32 | directory key | Ed25519, of one account for one period |
 * | 68 | 8 | sequence | grows with each record of the key |
 * | 76 | 8 | expires | ms |
 * | 84 | 12 | nonce | random; bytes 0-95 are the associated data |
 * | 96 | 832 | sealed claim | claim.ts |
 * | 928 | 8 | work | number that makes the work hash begin with zero bits |
 * | 936 | 64 | signature | by the directory key over bytes 0-935 |
 */
import { leadingZeroBits } from '../bytes/leading-zero-bits.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import { concatBytes } from '../bytes/compare.ts';
import { identityVersion } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { sign, verifySignature } from '../identity/signed.ts';
import { claimLifeMsMax, claimRecordBytes, claimWorkBitsMin, clockSkewMsMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';

export interface ClaimRecord {
  readonly locator: Uint8Array;
  readonly directoryKey: Uint8Array;
  readonly sequence: number;
  readonly expiresMs: number;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
  /** Leading zero bits of its work hash. */
  readonly workBits: number;
  /** SHA-256 of the record: what look-ups ask by. */
  readonly digest: Uint8Array;
  /** The record itself. */
  readonly bytes: Uint8Array;
}

export const claimHeadBytes = 96;
export const sealedClaimBytes = 832;
const workAt: number = claimHeadBytes + sealedClaimBytes;
const signatureAt: number = workAt + 8;
const where = 'claim-record';
const context = 'mycelium claim record 1';

/** Reads the layout; `verifyClaimRecord` judges work, signature and time. */
export function decodeClaimRecord(primitives: Primitives, bytes: Uint8Array): Result<ClaimRecord> {
  if (bytes.length !== claimRecordBytes) return refuse('length', where, `is ${claimRecordBytes} bytes`);
  return decode(bytes, where, (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    if (reader.bytes('zero', 3).some((byte) => byte !== 0)) reader.refuse('zero', 'reserved', 'is zero');
    const locator = reader.bytes('locator', 32);
    const directoryKey = reader.bytes('directory-key', 32);
    const sequence = reader.count('sequence');
    const expiresMs = reader.count('expires');
    const nonce = reader.bytes('nonce', 12);
    const sealed = reader.bytes('sealed', sealedClaimBytes);
    reader.u64('work');
    reader.bytes('signature', 64);
    const workBits = leadingZeroBits(
      workHash(primitives, workDigest(primitives, bytes), bytes.subarray(workAt, signatureAt)),
    );
    const digest = primitives.sha256(bytes);
    return {
      locator,
      directoryKey,
      sequence,
      expiresMs,
      nonce,
      sealed,
      workBits,
      digest,
      bytes: bytes.slice(),
    };
  });
}

/** What a directory node takes, cheapest check first. */
export function verifyClaimRecord(
  primitives: Primitives,
  bytes: Uint8Array,
  nowMs: number,
): Result<ClaimRecord> {
  const decoded = decodeClaimRecord(primitives, bytes);
  if (!decoded.ok) return decoded;
  const { expiresMs, workBits, directoryKey } = decoded.value;
  if (expiresMs <= nowMs) return refuse('expired', `${where}.expires`, 'lies in the future');
  if (expiresMs > nowMs + claimLifeMsMax + clockSkewMsMax)
    return refuse('range', `${where}.expires`, 'is at most 48 hours ahead');
  if (workBits < claimWorkBitsMin)
    return refuse('work', `${where}.work`, `has ${claimWorkBitsMin} leading zero bits of work`);
  const verifier = { context, publicKey: directoryKey } as const;
  if (!verifySignature(primitives, verifier, bytes.subarray(0, signatureAt), bytes.subarray(signatureAt))) {
    return refuse('signature', `${where}.signature`, 'is signed by its directory key');
  }
  return accept(decoded.value);
}

export interface ClaimRecordHead {
  readonly locator: Uint8Array;
  readonly directoryKey: Uint8Array;
  readonly sequence: number;
  readonly expiresMs: number;
  /** 12 random bytes: a key seals more than one claim. */
  readonly nonce: Uint8Array;
}

/** Bytes 0-95: what the seal of the claim covers as associated data. */
export function encodeClaimHead(head: ClaimRecordHead): Uint8Array {
  const writer = new ByteWriter(claimHeadBytes).u8(identityVersion).padTo(4).bytes(head.locator, 32);
  writer.bytes(head.directoryKey, 32).count(head.sequence).count(head.expiresMs);
  return writer.bytes(head.nonce, 12).finish();
}

/** Works for `workBits` leading zero bits (2^workBits hashes on average) and signs. */
export function finishClaimRecord(
  primitives: Primitives,
  headAndSealed: Uint8Array,
  directorySeed: Uint8Array,
  workBits: number,
): Uint8Array {
  const digest = workDigest(primitives, headAndSealed);
  const nonce = new Uint8Array(8);
  const view = new DataView(nonce.buffer);
  for (let tried = 0; leadingZeroBits(workHash(primitives, digest, nonce)) < workBits; tried += 1) {
    view.setBigUint64(0, BigInt(tried), true);
  }
  const signed = concatBytes(headAndSealed, nonce);
  return concatBytes(signed, sign(primitives, { context, seed: directorySeed }, signed));
}

export interface RaiseWish {
  /** A finished record; its claim and head stay. */
  readonly record: Uint8Array;
  readonly directorySeed: Uint8Array;
  readonly workBits: number;
  /** The first number to try, and how many. */
  readonly from: number;
  readonly tries: number;
}

/** The record with more work, signed anew. Undefined: it is not among these numbers. */
export function raiseClaimWork(primitives: Primitives, wish: RaiseWish): Uint8Array | undefined {
  const headAndSealed = wish.record.subarray(0, workAt);
  const digest = workDigest(primitives, headAndSealed);
  const nonce = new Uint8Array(8);
  const view = new DataView(nonce.buffer);
  for (let tried = wish.from; tried < wish.from + wish.tries; tried += 1) {
    view.setBigUint64(0, BigInt(tried), true);
    if (leadingZeroBits(workHash(primitives, digest, nonce)) < wish.workBits) continue;
    const signed = concatBytes(headAndSealed, nonce);
    return concatBytes(signed, sign(primitives, { context, seed: wish.directorySeed }, signed));
  }
  return undefined;
}

function workDigest(primitives: Primitives, bytes: Uint8Array): Uint8Array {
  return primitives.sha256(encodeUtf8('mycelium claim work 1'), Uint8Array.of(0), bytes.subarray(0, workAt));
}

function workHash(primitives: Primitives, digest: Uint8Array, nonce: Uint8Array): Uint8Array {
  return primitives.sha256(digest, nonce);
}
