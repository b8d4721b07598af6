import { expect, test } from 'vitest';
import { judge, type Evidence, type Rival } from '../src/contacts/trust.ts';

const key = new Uint8Array(32).fill(1);
const olderKey = new Uint8Array(32).fill(2);
const byCarol = { address: 'carol@example.com', through: undefined };
const nothing: Evidence = {
  accountKey: key,
  verifiedKey: undefined,
  vouches: [],
  domainProof: undefined,
  chosen: false,
  rivals: [],
};
const rival: Rival = { fingerprint: 'yyyy yyyy', domainProof: false };
const provedRival: Rival = { ...rival, domainProof: true };

test('The highest rung for which there is evidence counts', () => {
  const all: Evidence = {
    ...nothing,
    verifiedKey: key,
    vouches: [byCarol],
    domainProof: 'example.com',
  };
  expect(judge(all).trust).toBe('verified');
  expect(judge({ ...all, verifiedKey: undefined }).trust).toBe('vouched');
  expect(judge({ ...all, verifiedKey: undefined, vouches: [] }).trust).toBe('domain');
  expect(judge(nothing).trust).toBe('pinned');
});

test('A key that took the place of the verified one is not verified, and the reason says so', () => {
  const rotated = judge({ ...nothing, verifiedKey: olderKey });
  expect(rotated.trust).toBe('pinned');
  expect(rotated.reason).toContain('Compare again');
  expect(judge({ ...nothing, verifiedKey: olderKey, domainProof: 'example.com' }).trust).toBe('domain');
});

test('A rival contests an account without proof, and only that; it is named either way', () => {
  const contested = judge({ ...nothing, rivals: [rival] });
  expect(contested.trust).toBe('contested');
  expect(contested.reason).toContain(rival.fingerprint);
  expect(judge({ ...nothing, chosen: true, rivals: [rival] }).trust).toBe('contested');
  for (const proof of [{ verifiedKey: key }, { vouches: [byCarol] }, { domainProof: 'example.com' }]) {
    const { trust, reason } = judge({ ...nothing, ...proof, rivals: [rival] });
    expect(trust).not.toBe('contested');
    expect(reason).toContain(rival.fingerprint);
  }
});

test('Of two accounts that the domain has signed for neither is proved; a verified one stays so', () => {
  expect(judge({ ...nothing, domainProof: 'example.com', rivals: [provedRival] }).trust).toBe('contested');
  expect(judge({ ...nothing, rivals: [provedRival] }).reason).toContain('signed for');
  expect(judge({ ...nothing, verifiedKey: key, rivals: [provedRival] }).trust).toBe('verified');
});
