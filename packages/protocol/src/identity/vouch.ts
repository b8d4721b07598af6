/**
 * Vouches: one account says under its key that an address belongs to an account with a certain key, because the person has
 * compared it; or takes that back (spec/trust.md, "Vouches"). Whether a vouch counts is the reader's to judge: only by whom it
 * verified.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | kind | u8: 1 vouch, 2 revocation |
 * | voucher | 32: account id |
 * | address | text, canonical |
 * | account, account key | 32, 32: whom it is about, as it was when it was signed |
 * | issued, expires | u64, u64, ms; expires is 0 in a revocation |
 * | signature | 64, account key of the voucher, context `mycelium vouch 1`, over everything before |
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { AccountId, AccountKey } from '../brands.ts';
import { identityVersion, vouchKinds } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { vouchAheadMsMax, vouchBytesMax, vouchLifeMsMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { readCanonicalAddress } from './account-op.ts';
import type { AccountIdentity } from './safety-number.ts';
import { sign, verifySignature } from './signed.ts';

export interface Vouch {
  readonly kind: keyof typeof vouchKinds;
  /** Who says so. */
  readonly voucher: AccountId;
  /** Canonical text. */
  readonly address: string;
  readonly accountId: AccountId;
  readonly accountKey: AccountKey;
  readonly issuedMs: number;
  /** 0 in a revocation. */
  readonly expiresMs: number;
}

const where = 'vouch';
const context = 'mycelium vouch 1';

export function signVouch(primitives: Primitives, vouch: Vouch, accountSeed: Uint8Array): Uint8Array {
  return vouchStatement(vouch, sign(primitives, { context, seed: accountSeed }, unsigned(vouch)));
}

/** The vouch as it travels. */
export function vouchStatement(vouch: Vouch, signature: Uint8Array): Uint8Array {
  return concatBytes(unsigned(vouch), signature);
}

function unsigned(vouch: Vouch): Uint8Array {
  return new ByteWriter(vouchBytesMax)
    .u8(identityVersion)
    .u8(vouchKinds[vouch.kind])
    .bytes(vouch.voucher, 32)
    .text(vouch.address)
    .bytes(vouch.accountId, 32)
    .bytes(vouch.accountKey, 32)
    .count(vouch.issuedMs)
    .count(vouch.expiresMs)
    .finish();
}

/** `voucher`: the account that said it, with the key that its log has now. */
export function verifyVouch(
  primitives: Primitives,
  bytes: Uint8Array,
  voucher: AccountIdentity,
  nowMs: number,
): Result<Vouch> {
  if (bytes.length > vouchBytesMax) return refuse('length', where, `is at most ${vouchBytesMax} bytes`);
  const decoded = decode(bytes, where, (reader) => {
    const vouch = readVouch(reader);
    const statement = bytes.subarray(0, bytes.length - reader.left);
    return { vouch, statement, signature: reader.bytes('signature', 64) };
  });
  if (!decoded.ok) return decoded;
  const { vouch, statement, signature } = decoded.value;
  if (!bytesEqual(vouch.voucher, voucher.accountId))
    return refuse('voucher', `${where}.voucher`, 'is the account that brings it');
  if (bytesEqual(vouch.accountId, vouch.voucher))
    return refuse('account', `${where}.account`, 'is another account than the voucher’s');
  if (!verifySignature(primitives, { context, publicKey: voucher.accountKey }, statement, signature))
    return refuse('signature', `${where}.signature`, 'is signed by the account key of the voucher');
  return checkTimes(vouch, nowMs);
}

function checkTimes(vouch: Vouch, nowMs: number): Result<Vouch> {
  const { kind, issuedMs, expiresMs } = vouch;
  if (issuedMs > nowMs + vouchAheadMsMax)
    return refuse('future', `${where}.issued`, 'is at most two days ahead of our clock');
  if (kind === 'revocation')
    return expiresMs === 0
      ? accept(vouch)
      : refuse('expires', `${where}.expires`, 'is 0 in a revocation, which never ends');
  if (expiresMs <= issuedMs || expiresMs - issuedMs > vouchLifeMsMax)
    return refuse('life', `${where}.expires`, 'is after it was issued, and two years at most');
  if (expiresMs <= nowMs) return refuse('expired', `${where}.expires`, 'has not passed');
  return accept(vouch);
}

function readVouch(reader: ByteReader): Vouch {
  if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
  const code = reader.u8('kind');
  const kind = kindOf(code) ?? reader.refuse('kind', 'unknown', 'is 1 (vouch) or 2 (revocation)');
  return {
    kind,
    voucher: reader.bytes('voucher', 32) as AccountId,
    address: readCanonicalAddress(reader, 'address'),
    accountId: reader.bytes('account', 32) as AccountId,
    accountKey: reader.bytes('account-key', 32) as AccountKey,
    issuedMs: reader.count('issued'),
    expiresMs: reader.count('expires'),
  };
}

function kindOf(code: number): Vouch['kind'] | undefined {
  if (code === vouchKinds.vouch) return 'vouch';
  return code === vouchKinds.revocation ? 'revocation' : undefined;
}
