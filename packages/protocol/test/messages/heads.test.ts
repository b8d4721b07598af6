import {
  acquaintanceSecret,
  decodeHeads,
  encodeHeads,
  openSharedHead,
  parseAddress,
  sealSharedHead,
  sharedHeadBytes,
  sharedHeadsMax,
  unwrap,
  userIdOf,
  type AccountId,
  type ConversationId,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { primitives } from '../identity/people.ts';

const fill = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const secretOf = (address: string): Uint8Array =>
  acquaintanceSecret(primitives, userIdOf(primitives, unwrap(parseAddress(address))));

test('Heads come back as they were said, and any bytes are taken or refused', () => {
  const head = fc.record({
    sequence: fc.nat(),
    hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });
  const entry = fc.uint8Array({ minLength: sharedHeadBytes, maxLength: sharedHeadBytes });
  const heads = fc.record({
    own: head,
    reader: head,
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    shared: fc.array(entry, { minLength: sharedHeadsMax, maxLength: sharedHeadsMax }),
  });
  const around = fc.property(heads, (said) => {
    expect(unwrap(decodeHeads(encodeHeads(said)))).toEqual(said);
  });
  fc.assert(around);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 4_000 }), (bytes) => void decodeHeads(bytes)));
});

test('Who knows the address opens the entry; nobody else tells it from random bytes, nor two messages from each other', () => {
  const [bob, carol] = [secretOf('bob@example.com'), secretOf('carol@example.com')];
  const seen = { accountId: fill(32, 9) as AccountId, head: { sequence: 4, hash: fill(32, 10) } };
  const place = { conversation: fill(32, 7) as ConversationId, salt: fill(16, 8) };
  const entry = sealSharedHead(primitives, bob, place, seen);
  const shared = [fill(sharedHeadBytes, 1), entry];
  expect(openSharedHead(primitives, secretOf('bob@example.com'), place, shared)).toEqual(seen);
  expect(openSharedHead(primitives, carol, place, shared)).toBeUndefined();
  const later = sealSharedHead(primitives, bob, { ...place, salt: fill(16, 9) }, seen);
  const same = later.filter((byte, at) => byte === entry[at]).length;
  expect(same).toBeLessThan(sharedHeadBytes / 8);
});
