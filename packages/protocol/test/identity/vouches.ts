// Vouches that hold and vouches that do not, each with the rule it breaks: for tests and for vectors/generate.
import {
  claimVouchOf,
  concatBytes,
  sign,
  signVouch,
  type AccountIdentity,
  type AccountKey,
  type Vouch,
} from '@mycelium/protocol';
import { alice, bob } from './accounts.ts';
import { nowMs, person, primitives } from './people.ts';

const day = 86_400_000;
export const carol = person('carol');

/** Carol says that she compared Bob's safety number. */
export const carolsVouch: Vouch = {
  kind: 'vouch',
  voucher: carol.state.accountId,
  address: bob.address.text,
  accountId: bob.state.accountId,
  accountKey: bob.state.accountKey,
  issuedMs: nowMs - day,
  expiresMs: nowMs + 364 * day,
};
export const carolsRevocation: Vouch = { ...carolsVouch, kind: 'revocation', issuedMs: nowMs, expiresMs: 0 };

export interface VouchCase {
  readonly why: string;
  readonly vouch: Uint8Array;
  readonly voucher: AccountIdentity;
  readonly nowMs: number;
}

const signed = (changes: Partial<Vouch>, of: Vouch = carolsVouch): Uint8Array =>
  signVouch(primitives, { ...of, ...changes }, carol.accountSeed);
const byCarol = { voucher: carol.state, nowMs };
const whole = signed({});
const flip = (at: number): Uint8Array => whole.map((byte, index) => (index === at ? byte ^ 1 : byte));
const put = (at: number, value: number): Uint8Array =>
  whole.map((byte, index) => (index === at ? value : byte));
const statement = whole.slice(0, -64);

/** Where a field begins, from the end: signature 64, expires 8, issued 8, account key 32, account 32. */
const fromEnd = { signature: 64, expires: 72, issued: 80, key: 112, account: 144 };

export function vouchesThatHold(): readonly VouchCase[] {
  return [
    { why: 'Carol vouches for Bob', vouch: whole, ...byCarol },
    { why: 'Carol takes it back', vouch: signed({}, carolsRevocation), ...byCarol },
    { why: 'the last moment', vouch: whole, ...byCarol, nowMs: carolsVouch.expiresMs - 1 },
    { why: 'two years', vouch: signed({ expiresMs: carolsVouch.issuedMs + 731 * day }), ...byCarol },
    { why: 'by a clock that is two days ahead', vouch: signed({ issuedMs: nowMs + 2 * day }), ...byCarol },
  ];
}

/** The same word as it stands in Bob's claim, and what a reader gets of it who finds something else there. */
export function claimVouchesThatDoNot(): readonly { readonly why: string; readonly vouch: Uint8Array }[] {
  const inClaim = claimVouchOf(carolsVouch, whole);
  return [
    { why: 'version 2', vouch: inClaim.map((byte, at) => (at === 0 ? 2 : byte)) },
    { why: 'cut off', vouch: inClaim.slice(0, -1) },
    { why: 'a byte after the signature', vouch: concatBytes(inClaim, Uint8Array.of(0)) },
    { why: 'empty', vouch: new Uint8Array() },
  ];
}

export function vouchesThatDoNot(): readonly VouchCase[] {
  const { accountKey } = carol.state;
  // Public key and R of order one, S zero: holds for every message where nobody looks (RFC 8032 does not ask to).
  const order1 = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0));
  const constant = concatBytes(statement, order1, new Uint8Array(32));
  const otherContext = sign(primitives, { context: 'mycelium card 1', seed: carol.accountSeed }, statement);
  const aboutAlice = { accountId: alice.state.accountId, accountKey: alice.state.accountKey };
  const length = whole.length;
  return [
    { why: 'one bit of the signature changed', vouch: flip(length - fromEnd.signature), ...byCarol },
    { why: 'one bit of the expiry changed', vouch: flip(length - fromEnd.expires), ...byCarol },
    { why: 'one bit of the time changed', vouch: flip(length - fromEnd.issued), ...byCarol },
    { why: 'one bit of the account key changed', vouch: flip(length - fromEnd.key), ...byCarol },
    { why: 'one bit of the account changed', vouch: flip(length - fromEnd.account), ...byCarol },
    { why: 'another letter in the address', vouch: flip(36), ...byCarol },
    { why: 'a vouch made into a revocation', vouch: put(1, 2), ...byCarol },
    {
      why: 'another subject under the signature',
      vouch: concatBytes(signed(aboutAlice).slice(0, -64), whole.slice(-64)),
      ...byCarol,
    },
    { why: 'signed for another purpose', vouch: concatBytes(statement, otherContext), ...byCarol },
    { why: 'signed by a device', vouch: signVouch(primitives, carolsVouch, carol.deviceSeed), ...byCarol },
    {
      why: 'signed by another account',
      vouch: signVouch(primitives, carolsVouch, alice.accountSeed),
      ...byCarol,
    },
    { why: 'brought by another account', vouch: whole, nowMs, voucher: alice.state },
    {
      why: 'small-order account key and the signature that it has for everything',
      vouch: constant,
      nowMs,
      voucher: { accountId: carol.state.accountId, accountKey: order1 as AccountKey },
    },
    {
      why: 'small-order R under the right key',
      vouch: constant,
      nowMs,
      voucher: { accountId: carol.state.accountId, accountKey },
    },
    {
      why: 'about the voucher itself',
      vouch: signed({ accountId: carol.state.accountId, accountKey, address: carol.address.text }),
      ...byCarol,
    },
    { why: 'expired', vouch: whole, ...byCarol, nowMs: carolsVouch.expiresMs },
    { why: 'expires before it was issued', vouch: signed({ expiresMs: carolsVouch.issuedMs }), ...byCarol },
    { why: 'never expires', vouch: signed({ expiresMs: 0 }), ...byCarol },
    {
      why: 'longer than two years',
      vouch: signed({ expiresMs: carolsVouch.issuedMs + 731 * day + 1 }),
      ...byCarol,
    },
    { why: 'from the future', vouch: signed({ issuedMs: nowMs + 2 * day + 1 }), ...byCarol },
    {
      why: 'a revocation that expires',
      vouch: signed({ expiresMs: nowMs + day }, carolsRevocation),
      ...byCarol,
    },
    { why: 'an address that is not canonical', vouch: signed({ address: 'Bob@example.com' }), ...byCarol },
    { why: 'version 2', vouch: put(0, 2), ...byCarol },
    { why: 'kind 3', vouch: put(1, 3), ...byCarol },
    { why: 'cut off', vouch: whole.slice(0, -1), ...byCarol },
    { why: 'a byte after the signature', vouch: concatBytes(whole, Uint8Array.of(0)), ...byCarol },
    { why: 'longer than 512 bytes', vouch: new Uint8Array(513).fill(1), ...byCarol },
    { why: 'empty', vouch: new Uint8Array(), ...byCarol },
  ];
}
