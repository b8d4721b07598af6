import { expect, test } from 'vitest';
import {
  bytesToHex,
  claimFitsAccount,
  claimKey,
  claimLocator,
  claimPeriod,
  decodeClaimRecord,
  directorySeed,
  hexToBytes,
  openClaim,
  replayAccountLog,
  sealClaim,
  sourceNetwork,
  unwrap,
  verifyClaimRecord,
  type AccountId,
  type DeviceKey,
  type Result,
  type UserId,
} from '@mycelium/protocol';
import { plain } from '../../../../vectors/generate/form/plain.ts';
import { alice, bob, logsThatHold } from '../identity/accounts.ts';
import { nowMs, peer, primitives } from '../identity/people.ts';
import { ownVectors } from '../vector-files.ts';
import { recordOf, statementOf, wishOf } from './claims.ts';

interface Refused {
  readonly why: string;
  readonly record: string;
  readonly where: string;
  readonly code: string;
}

const hex = (text: string): Uint8Array => hexToBytes(text) ?? new Uint8Array();
const refusedAs = (result: Result<unknown>, { where, code, why }: Refused): void =>
  expect(result, why).toMatchObject({ ok: false, refusal: { where, code } });

const { periods, records } = ownVectors('directory.json') as {
  readonly periods: readonly ({ timeMs: number; period: number } & Record<
    'userId' | 'locator' | 'claimKey' | 'directorySecret' | 'directorySeed',
    string
  >)[];
  readonly records: {
    readonly valid: readonly {
      nowMs: number;
      record: string;
      outside: object;
      userId: string;
      period: number;
      claim: unknown;
    }[];
    readonly refusedByNodes: readonly (Refused & { nowMs: number })[];
    readonly refusedBySearchers: readonly (Refused & { userId: string; period: number })[];
  };
};

test('locators and keys of a day', () => {
  for (const vector of periods) {
    expect(claimPeriod(vector.timeMs)).toBe(vector.period);
    const userId = hex(vector.userId) as UserId;
    expect(bytesToHex(claimLocator(primitives, userId, vector.period))).toBe(vector.locator);
    expect(bytesToHex(claimKey(primitives, userId, vector.period))).toBe(vector.claimKey);
    expect(bytesToHex(directorySeed(primitives, hex(vector.directorySecret), vector.period))).toBe(
      vector.directorySeed,
    );
  }
});

test('records as nodes verify them and searchers open them', () => {
  for (const { record, outside, claim, userId, period, nowMs: at } of records.valid) {
    const verified = unwrap(verifyClaimRecord(primitives, hex(record), at));
    expect(plain(verified)).toMatchObject(outside);
    expect(plain(unwrap(openClaim(primitives, { userId: hex(userId) as UserId, period }, verified)))).toEqual(
      claim,
    );
  }
  for (const vector of records.refusedByNodes) {
    refusedAs(verifyClaimRecord(primitives, hex(vector.record), vector.nowMs), vector);
  }
  for (const vector of records.refusedBySearchers) {
    const record = unwrap(decodeClaimRecord(primitives, hex(vector.record)));
    refusedAs(
      openClaim(primitives, { userId: hex(vector.userId) as UserId, period: vector.period }, record),
      vector,
    );
  }
});

test('a record says nothing about whose it is', () => {
  const text = bytesToHex(recordOf());
  const { accountId, accountKey, relays } = alice.state;
  for (const secret of [
    alice.userId,
    accountId,
    accountKey,
    alice.deviceKey,
    alice.card.cardSecret,
    relays[0]!.key,
  ]) {
    expect(text).not.toContain(bytesToHex(secret));
  }
});

test('a claim is held against the account log of its card', () => {
  const place = { userId: alice.userId, period: claimPeriod(nowMs) };
  const claim = unwrap(openClaim(primitives, place, unwrap(decodeClaimRecord(primitives, recordOf()))));
  const account = { log: alice.log, state: alice.state, address: alice.address.text };
  const code = (changed: Partial<typeof claim>, other: Partial<typeof account> = {}): string => {
    const result = claimFitsAccount(primitives, { ...claim, ...changed }, { ...account, ...other }, nowMs);
    return result.ok ? result.value : result.refusal.code;
  };
  const rotated = logsThatHold()[2]!.entries.slice(0, 5);
  const longer = { log: rotated, state: unwrap(replayAccountLog(primitives, rotated)) };
  expect(code({})).toBe('same');
  expect(code({}, longer)).toBe('extension');
  expect(code({ accountId: bob.state.accountId as AccountId })).toBe('account');
  expect(code({}, { address: 'mallory@example.com' })).toBe('address');
  expect(code({ head: { sequence: 3, hash: claim.head.hash } })).toBe('rollback');
  expect(code({ head: { sequence: 1, hash: claim.head.hash } })).toBe('fork');
  expect(code({ accountKey: bob.state.accountKey })).toBe('account-key');
  expect(code({ signer: bob.deviceKey as DeviceKey })).toBe('signer');
});

test('a claim names as many relays as it has room for', () => {
  const relays = ['a', 'b', 'c', 'd'].map((label) =>
    peer(label, `${label.repeat(60)}.${'x'.repeat(60)}.example`),
  );
  const record = recordOf(alice, { claim: { ...statementOf(alice), relays } });
  const place = { userId: alice.userId, period: claimPeriod(nowMs) };
  const claim = unwrap(openClaim(primitives, place, unwrap(decodeClaimRecord(primitives, record))));
  expect(claim.relays).toEqual(relays.slice(0, 3));
  const domainProof = new Uint8Array(201);
  const refused = sealClaim(primitives, wishOf(alice, { claim: { ...statementOf(alice), domainProof } }));
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'length' } });
});

test('quotas count by network', () => {
  expect(sourceNetwork('192.0.2.77')).toBe('192.0.2.0/24');
  expect(sourceNetwork('::ffff:192.0.2.77')).toBe('192.0.2.0/24');
  expect(sourceNetwork('2001:db8:7:1::5')).toBe('2001:db8:7::/48');
  expect(sourceNetwork('2001:DB8::5')).toBe(sourceNetwork('2001:0db8:0:9:8:7:6:5'));
  expect(sourceNetwork('::1')).toBe('0:0:0::/48');
});
