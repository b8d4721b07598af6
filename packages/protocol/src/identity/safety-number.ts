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
  const [first, second] = inOrder(one, other);
  return `${digits(primitives, first)} ${digits(primitives, second)}`;
}

/** 60 digits as somebody types or scans them, with any white space, as `safetyNumber` writes them. */
export function parseSafetyNumber(text: string): Result<string> {
  const given = text.slice(0, 1_024).replace(/[\s-]+/gu, '');
  if (!/^[0-9]*$/.test(given)) return refuse('digit', 'safety-number', 'has digits and spaces only');
  if (given.length !== 60) return refuse('length', 'safety-number', `has 60 digits and not ${given.length}`);
  return accept((given.match(/.{5}/g) ?? []).join(' '));
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

/** What is compared of an account, in whatever form: its id and the key that it has now. 32 bytes. */
export function accountHalf(primitives: Primitives, account: AccountIdentity): Uint8Array {
  const context = encodeUtf8('mycelium safety number 1');
  return primitives.sha256(context, Uint8Array.of(0), account.accountId, account.accountKey);
}

/** Of two accounts in the order in which their halves stand: by account id, so that both sides have the same. */
export function inOrder(
  one: AccountIdentity,
  other: AccountIdentity,
): readonly [AccountIdentity, AccountIdentity] {
  return compareBytes(one.accountId, other.accountId) <= 0 ? [one, other] : [other, one];
}

/** Six groups of five digits: each five bytes of the hash, big-endian, modulo 100,000. */
function digits(primitives: Primitives, account: AccountIdentity): string {
  const hash = accountHalf(primitives, account);
  const groups: string[] = [];
  for (let at = 0; at < 30; at += 5) {
    const number = hash.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}
