/**
 * Claims: what an account says about itself under its address (spec/directory.md, "Claims"). Sealed so that only
 * somebody who knows the address can read it; signed by a device, for one address and one day. Whether the device
 * may speak for the account only the account log tells: `claimFitsAccount`, once the card is read.
 *
 * Plaintext, padded with zeros to 816 bytes:
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | account, account key | 32, 32 |
 * | head | sequence u64, hash 32 |
 * | time | u64, ms |
 * | device key | 32: the signer |
 * | card | 64: owner key, secret |
 * | relays | peers, at most 4 |
 * | domain proof, vouches | u16-vectors, at most 200 bytes each; opaque here (vouches: identity/claim-vouch.ts) |
 * | signature | 64, over user id ‖ period u32 ‖ everything before |
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { AccountId, AccountKey, DeviceKey, PeerAddress, UserId } from '../brands.ts';
import { identityVersion } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { compareWithHead, liveDevice, type AccountHead, type AccountState } from '../identity/account-log.ts';
import { readCardPointer, writeCardPointer, type CardPointer } from '../identity/card-pointer.ts';
import { readPeers, writePeers } from '../identity/peer-address.ts';
import { sign, verifySignature } from '../identity/signed.ts';
import { claimEvidenceBytesMax, claimRelaysMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import {
  claimHeadBytes,
  encodeClaimHead,
  finishClaimRecord,
  sealedClaimBytes,
  type ClaimRecord,
} from './claim-record.ts';
import { claimKey, claimLocator, directorySeed } from './locator.ts';

export interface ClaimStatement {
  readonly accountId: AccountId;
  readonly accountKey: AccountKey;
  readonly head: AccountHead;
  readonly timeMs: number;
  readonly card: CardPointer;
  /** Where the card is: at most 4, and as many as there is room for. */
  readonly relays: readonly PeerAddress[];
  /** Empty: none. */
  readonly domainProof: Uint8Array;
  readonly vouches: Uint8Array;
}

export interface Claim extends ClaimStatement {
  /** The device that signed it. */
  readonly signer: DeviceKey;
}

/** Whose claims, and of which day. */
export interface ClaimPlace {
  readonly userId: UserId;
  readonly period: number;
}

export interface ClaimWish extends ClaimPlace {
  readonly claim: ClaimStatement;
  readonly deviceSeed: Uint8Array;
  readonly directorySecret: Uint8Array;
  /** Larger than any before in this period: the time of publishing in ms will do. */
  readonly sequence: number;
  /** At most 48 hours ahead. */
  readonly expiresMs: number;
  /** 12 random bytes. */
  readonly nonce: Uint8Array;
  /** At least `claimWorkBitsMin`. */
  readonly workBits: number;
}

const where = 'claim';
const context = 'mycelium claim 1';
const plainBytes: number = sealedClaimBytes - 16;

/**
 * Signs, seals and works: the record to publish under `claimLocator`. Relays that have no room are left out, the
 * last ones first.
 */
export function sealClaim(primitives: Primitives, wish: ClaimWish): Result<Uint8Array> {
  const { domainProof, vouches } = wish.claim;
  if (domainProof.length > claimEvidenceBytesMax || vouches.length > claimEvidenceBytesMax) {
    return refuse(
      'length',
      where,
      `has at most ${claimEvidenceBytesMax} bytes of domain proof and of vouches each`,
    );
  }
  let relays = wish.claim.relays.slice(0, claimRelaysMax);
  let plain = encodeClaim(primitives, wish, relays);
  while (plain.length > plainBytes) {
    relays = relays.slice(0, -1);
    plain = encodeClaim(primitives, wish, relays);
  }
  const seed = directorySeed(primitives, wish.directorySecret, wish.period);
  const record = new Uint8Array(claimHeadBytes + sealedClaimBytes);
  const locator = claimLocator(primitives, wish.userId, wish.period);
  const directoryKey = primitives.ed25519PublicKey(seed);
  record.set(encodeClaimHead({ ...wish, locator, directoryKey }));
  const padded = concatBytes(plain, new Uint8Array(plainBytes - plain.length));
  const key = claimKey(primitives, wish.userId, wish.period);
  primitives.seal(
    record.subarray(claimHeadBytes),
    padded,
    record.subarray(0, claimHeadBytes),
    wish.nonce,
    key,
  );
  const finished = finishClaimRecord(primitives, record, seed, wish.workBits);
  primitives.wipe(seed);
  return accept(finished);
}

/**
 * Opens a record as a searcher does: the right locator, the seal, and a signature by the device that the claim
 * names.
 */
export function openClaim(primitives: Primitives, place: ClaimPlace, record: ClaimRecord): Result<Claim> {
  if (!bytesEqual(record.locator, claimLocator(primitives, place.userId, place.period))) {
    return refuse('locator', where, 'is under the locator of the address and day');
  }
  const plain = new Uint8Array(plainBytes);
  const key = claimKey(primitives, place.userId, place.period);
  if (!primitives.open(plain, record.sealed, record.bytes.subarray(0, claimHeadBytes), record.nonce, key)) {
    return refuse('seal', where, 'is sealed under the key of the address and day');
  }
  const decoded = decodeClaim(plain);
  if (!decoded.ok) return decoded;
  const { claim, statement, signature } = decoded.value;
  const verifier = { context, publicKey: claim.signer } as const;
  if (!verifySignature(primitives, verifier, signedMessage(place, statement), signature)) {
    return refuse(
      'signature',
      `${where}.signature`,
      'is signed by the device that it names, for this address and day',
    );
  }
  return accept(claim);
}

/**
 * Holds a claim against the account log that its card brought. `address` is the canonical text that was looked
 * up.
 */
export function claimFitsAccount(
  primitives: Primitives,
  claim: Claim,
  account: { readonly log: readonly Uint8Array[]; readonly state: AccountState; readonly address: string },
  nowMs: number,
): Result<'same' | 'extension'> {
  const { log, state, address } = account;
  if (!bytesEqual(state.accountId, claim.accountId))
    return refuse('account', where, 'is of the account that the card is of');
  if (state.address !== address) return refuse('address', where, 'is of an account that has this address');
  const comparison = compareWithHead(primitives, claim.head, log);
  if (comparison === 'rollback' || comparison === 'fork')
    return refuse(comparison, `${where}.head`, 'is in the account log of the card');
  if (comparison === 'same' && !bytesEqual(state.accountKey, claim.accountKey)) {
    return refuse('account-key', where, 'has the account key of the account log');
  }
  if (liveDevice(state, claim.signer, nowMs) === undefined)
    return refuse('signer', where, 'is signed by a live device of the account');
  return accept(comparison);
}

function encodeClaim(primitives: Primitives, wish: ClaimWish, relays: readonly PeerAddress[]): Uint8Array {
  const { claim, deviceSeed } = wish;
  const writer = new ByteWriter(plainBytes);
  writer.u8(identityVersion).bytes(claim.accountId, 32).bytes(claim.accountKey, 32);
  writer.count(claim.head.sequence).bytes(claim.head.hash, 32).count(claim.timeMs);
  writer.bytes(primitives.ed25519PublicKey(deviceSeed), 32);
  writeCardPointer(writer, claim.card);
  writePeers(writer, relays);
  const statement = writer.vector16(claim.domainProof).vector16(claim.vouches).finish();
  return concatBytes(
    statement,
    sign(primitives, { context, seed: deviceSeed }, signedMessage(wish, statement)),
  );
}

interface DecodedClaim {
  readonly claim: Claim;
  readonly statement: Uint8Array;
  readonly signature: Uint8Array;
}

function decodeClaim(plain: Uint8Array): Result<DecodedClaim> {
  return decode(plain, where, (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    const accountId = reader.bytes('account', 32) as AccountId;
    const accountKey = reader.bytes('account-key', 32) as AccountKey;
    const head = { sequence: reader.count('head.sequence'), hash: reader.bytes('head.hash', 32) };
    const timeMs = reader.count('time');
    const signer = reader.bytes('device-key', 32) as DeviceKey;
    const card = readCardPointer(reader, 'card');
    const relays = readPeers(reader, 'relays', claimRelaysMax);
    const domainProof = reader.vector16('domain-proof', claimEvidenceBytesMax);
    const vouches = reader.vector16('vouches', claimEvidenceBytesMax);
    const statement = plain.slice(0, plain.length - reader.left);
    const signature = reader.bytes('signature', 64);
    reader.zeros('padding');
    const claim = { accountId, accountKey, head, timeMs, signer, card, relays, domainProof, vouches };
    return { claim, statement, signature };
  });
}

function signedMessage(place: ClaimPlace, statement: Uint8Array): Uint8Array {
  return concatBytes(place.userId, new ByteWriter(4).u32(place.period).finish(), statement);
}
