import type { Contact, Rival } from '@mycelium/api';
import { expect, test } from 'vitest';
import { claimsOf, heldUnlessTold } from '../src/state/claims.ts';

const rival = (fingerprint: string, over: Partial<Rival> = {}): Rival => ({
  fingerprint,
  seenIn: 'directory',
  since: 7,
  turnedDown: false,
  ...over,
});
const bob = (rivals: readonly Rival[]): Contact => ({
  address: 'bob@example.org',
  trust: 'contested',
  trustReason: '',
  vouchers: [],
  safetyNumber: '',
  fingerprint: 'aaaa',
  state: 'accepted',
  conversation: 'c1',
  policy: 'direct',
  rivals,
  doubts: [],
  held: 1,
});

test('the account that is known stands first; those that were turned down claim nothing any more', () => {
  const claims = claimsOf(bob([rival('bbbb', { turnedDown: true }), rival('cccc', { seenIn: 'earlier' })]));
  expect(claims.map(({ fingerprint, seenIn }) => [fingerprint, seenIn])).toEqual([
    ['aaaa', 'known'],
    ['cccc', 'earlier'],
  ]);
});

test('held texts go by themselves only to the account that they were written to', () => {
  const contact = bob([rival('bbbb')]);
  expect(heldUnlessTold(contact, 'aaaa')).toBe('send');
  expect(heldUnlessTold(contact, 'bbbb')).toBe('drop');
  expect(heldUnlessTold(contact, undefined)).toBe('drop');
});
