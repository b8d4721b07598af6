/**
 * Kind 133, heads (spec/messages.md, "Heads"): which account logs the writer has seen. Its own and the reader's in the
 * clear; those of contacts that both may have sealed, so that only who knows the address opens them.
 *
 * | field | size |
 * |---|---|
 * | own head, reader's head | sequence u64, hash 32 each |
 * | salt | 16 |
 * | shared | 32 times: tag 8, sealed (account id 32, sequence u64, hash 32) with its tag of 16 |
 */
import type { AccountId, ConversationId, UserId } from '../brands.ts';
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import type { AccountHead } from '../identity/account-log.ts';
import { acquaintanceMemoryBytes, acquaintancePasses, sharedHeadsMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';

const saltBytes = 16;
const tagBytes = 8;
const plainBytes = 32 + 8 + 32;
const sealedBytes: number = plainBytes + 16;
/** Of one entry; what is no entry is as many random bytes. */
export const sharedHeadBytes: number = tagBytes + sealedBytes;

export interface Heads {
  readonly own: AccountHead;
  /** As the writer has it. */
  readonly reader: AccountHead;
  readonly salt: Uint8Array;
  /** `sharedHeadsMax` entries, each by `sealSharedHead` or random. */
  readonly shared: readonly Uint8Array[];
}

export interface SharedHead {
  readonly accountId: AccountId;
  readonly head: AccountHead;
}

/** In which message an entry stands. */
export interface SharedPlace {
  readonly conversation: ConversationId;
  /** 16 random bytes, others in each message. */
  readonly salt: Uint8Array;
}

export function encodeHeads({ own, reader, salt, shared }: Heads): Uint8Array {
  const writer = new ByteWriter(2 * 40 + saltBytes + sharedHeadsMax * sharedHeadBytes);
  for (const head of [own, reader]) writer.count(head.sequence).bytes(head.hash, 32);
  writer.bytes(salt, saltBytes);
  for (const entry of shared) writer.bytes(entry, sharedHeadBytes);
  return writer.finish();
}

export function decodeHeads(body: Uint8Array): Result<Heads> {
  return decode(body, 'heads', (reader) => ({
    own: readHead(reader, 'own'),
    reader: readHead(reader, 'reader'),
    salt: reader.bytes('salt', saltBytes),
    shared: Array.from({ length: sharedHeadsMax }, () => reader.bytes('shared', sharedHeadBytes)),
  }));
}

function readHead(reader: ByteReader, field: string): AccountHead {
  return { sequence: reader.count(`${field}.sequence`), hash: reader.bytes(`${field}.hash`, 32) };
}

/** What everybody has who knows the address. Slow, so that who guesses addresses pays for each. */
export function acquaintanceSecret(primitives: Primitives, userId: UserId): Uint8Array {
  const context = encodeUtf8('mycelium acquaintance salt 1');
  const salt = primitives.sha256(context, Uint8Array.of(0)).subarray(0, saltBytes);
  return primitives.argon2id(userId, salt, acquaintanceMemoryBytes, acquaintancePasses, 32);
}

export function sealSharedHead(
  primitives: Primitives,
  secret: Uint8Array,
  place: SharedPlace,
  { accountId, head }: SharedHead,
): Uint8Array {
  const { tag, key } = keysOf(primitives, secret, place);
  const plain = new ByteWriter(plainBytes)
    .bytes(accountId, 32)
    .count(head.sequence)
    .bytes(head.hash, 32)
    .finish();
  const sealed = new Uint8Array(sealedBytes);
  primitives.seal(sealed, plain, tag, new Uint8Array(12), key);
  return concatBytes(tag, sealed);
}

/** Undefined: it is about another address, or random. */
export function openSharedHead(
  primitives: Primitives,
  secret: Uint8Array,
  place: SharedPlace,
  shared: readonly Uint8Array[],
): SharedHead | undefined {
  const { tag, key } = keysOf(primitives, secret, place);
  const entry = shared.find((one) => bytesEqual(one.subarray(0, tagBytes), tag));
  if (entry === undefined) return undefined;
  const plain = new Uint8Array(plainBytes);
  if (!primitives.open(plain, entry.subarray(tagBytes), tag, new Uint8Array(12), key)) return undefined;
  const decoded = decode(plain, 'shared-head', (reader) => ({
    accountId: reader.bytes('account', 32) as AccountId,
    head: readHead(reader, 'head'),
  }));
  return decoded.ok ? decoded.value : undefined;
}

/** The key seals one entry of one message: its nonce is zero. */
function keysOf(
  primitives: Primitives,
  secret: Uint8Array,
  { conversation, salt }: SharedPlace,
): { readonly tag: Uint8Array; readonly key: Uint8Array } {
  const info = encodeUtf8('mycelium shared head 1');
  const bytes = primitives.hkdf(secret, concatBytes(conversation, salt), info, tagBytes + 32);
  return { tag: bytes.slice(0, tagBytes), key: bytes.slice(tagBytes) };
}
