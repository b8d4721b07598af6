/**
 * Safety numbers: what two people compare to know that nobody stands between them, and the fingerprint that
 * tells accounts apart (spec/identity.md, "Safety numbers").
 */
import { compareBytes } from '../bytes/compare.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import type { AccountId, AccountKey } from '../brands.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { accountFingerprintBytes } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { formatZBase32, parseZBase32 } from './z-base-32.ts';

export interface AccountIdentity {
  readonly accountId: AccountId;
  readonly accountKey: AccountKey;
}

/** 60 digits in groups of five. The same on both sides: the halves stand in the order of the account ids. */
export function safetyNumber(primitives: Primitives, one: AccountIdentity, other: AccountIdentity): string {
  const [first, second] = compareBytes(one.accountId, other.accountId) <= 0 ? [one, other] : [other, one];
  return `${half(primitives, first)} ${half(primitives, second)}`;
}

/** 60 digits as somebody types or scans them, with any white space, as `safetyNumber` writes them. */
export function parseSafetyNumber(text: string): Result<string> {
  const digits = text.slice(0, 1_024).replace(/[\s-]+/gu, '');
  if (!/^[0-9]*$/.test(digits)) return refuse('digit', 'safety-number', 'has digits and spaces only');
  if (digits.length !== 60)
    return refuse('length', 'safety-number', `has 60 digits and not ${digits.length}`);
  return accept((digits.match(/.{5}/g) ?? []).join(' '));
}

/** 160 bits of the account id in z-base-32: eight groups of four. */
export function accountFingerprint(accountId: AccountId): string {
  return (formatZBase32(accountId.subarray(0, accountFingerprintBytes)).match(/.{4}/g) ?? []).join(' ');
}

/** A fingerprint as somebody types it, with any white space: the first 20 bytes of an account id. */
export function parseFingerprint(text: string): Result<Uint8Array> {
  const bytes = parseZBase32(text.slice(0, 1_024).replace(/[\s-]+/gu, ''));
  if (bytes?.length === accountFingerprintBytes) return accept(bytes);
  return refuse('fingerprint', 'fingerprint', 'has 32 letters and digits, as "contact show" prints them');
}

/** Six groups of five digits: each five bytes of the hash, big-endian, modulo 100,000. */
function half(primitives: Primitives, account: AccountIdentity): string {
  const context = encodeUtf8('mycelium safety number 1');
  const hash = primitives.sha256(context, Uint8Array.of(0), account.accountId, account.accountKey);
  const groups: string[] = [];
  for (let at = 0; at < 30; at += 5) {
    const number = hash.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}
