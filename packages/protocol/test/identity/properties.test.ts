import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addressOf,
  bytesToHex,
  decodeAccountEntry,
  decodeAccountLog,
  decodeCardDevice,
  decodeCardPointer,
  decodeClaimRecord,
  decodeDeviceCertificate,
  encodeAccountLog,
  encodeCardDevice,
  encodeCardPointer,
  formatPeerAddress,
  parseAddress,
  parseInvite,
  parsePeerAddress,
  parseSafetyNumber,
  parseUserId,
  replayAccountLog,
  unwrap,
  userIdOf,
  verifyCard,
  verifyClaimRecord,
} from '@mycelium/protocol';
import { formatBase64Url, parseBase64Url } from '../../src/identity/base64url.ts';
import { formatZBase32, parseZBase32 } from '../../src/identity/z-base-32.ts';
import { alice } from './accounts.ts';
import { cardDevice, nowMs, primitives } from './people.ts';

const runs = { numRuns: 300 };
const bytes = fc.uint8Array({ maxLength: 1_200 });

test('decoding of any bytes answers and never throws', () => {
  const decoders: readonly ((input: Uint8Array) => unknown)[] = [
    decodeAccountEntry,
    decodeAccountLog,
    decodeDeviceCertificate,
    decodeCardDevice,
    decodeCardPointer,
    parseUserId,
    (input) => verifyCard(primitives, input, nowMs),
    (input) => decodeClaimRecord(primitives, input),
    (input) => verifyClaimRecord(primitives, input, nowMs),
  ];
  fc.assert(
    fc.property(bytes, (input) => decoders.forEach((decoder) => decoder(input))),
    runs,
  );
});

test('every cut and every changed byte of an entry is refused', () => {
  const [create, entry, last] = alice.log as [Uint8Array, Uint8Array, Uint8Array];
  for (let at = 0; at < entry.length; at += 1) {
    const changed = entry.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte));
    for (const bad of [entry.slice(0, at), changed]) {
      expect(replayAccountLog(primitives, [create, bad, last]).ok, `byte ${at}`).toBe(false);
    }
  }
});

test('parsing of any text answers and never throws', () => {
  // Any code points, lone surrogates included. (fast-check's unit 'binary' takes seconds to build.)
  const points = fc.array(fc.integer({ min: 0, max: 0x10_ffff }), { maxLength: 80 });
  const text = fc.oneof(
    points.map((list) => String.fromCodePoint(...list)),
    fc.string({ maxLength: 80 }),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const candidate of [input, `a@${input}`, `${input}@b`]) {
        const address = parseAddress(candidate);
        if (address.ok) expect(unwrap(parseAddress(address.value.text))).toEqual(address.value);
      }
      parsePeerAddress(input);
      parseSafetyNumber(input);
      parseInvite(primitives, input, nowMs);
      parseInvite(primitives, `mycelium:invite/${input}`, nowMs);
    }),
    runs,
  );
});

test('packed ids: address to id and back is the identity, and different addresses have different ids', () => {
  const symbols = fc.string({
    unit: fc.constantFrom(...Array.from('ab09.-_+')),
    minLength: 1,
    maxLength: 30,
  });
  const domain = fc.constantFrom('a', 'b', 'a.b', 'example.com');
  const address = fc.tuple(symbols, domain).map(([name, host]) => unwrap(parseAddress(`${name}@${host}`)));
  fc.assert(
    fc.property(address, address, (one, other) => {
      const [first, second] = [userIdOf(primitives, one), userIdOf(primitives, other)];
      expect(unwrap(addressOf(first)).text).toBe(one.text);
      expect(bytesToHex(first) === bytesToHex(second)).toBe(one.text === other.text);
    }),
    runs,
  );
});

test('a packed id that is taken is the id of the address that it gives', () => {
  const body = fc.uint8Array({ minLength: 31, maxLength: 31 });
  fc.assert(
    fc.property(body, fc.integer({ min: 0, max: 31 }), (random, kept) => {
      const id = Uint8Array.from([1, ...random.map((byte, at) => (at < kept ? byte : 0))]);
      const parsed = parseUserId(id);
      if (parsed.ok) expect(userIdOf(primitives, unwrap(addressOf(parsed.value)))).toEqual(parsed.value);
    }),
    runs,
  );
});

test('z-base-32 and base64url: decoding of what was encoded is the identity', () => {
  fc.assert(
    fc.property(bytes, (input) => {
      expect(parseZBase32(formatZBase32(input))).toEqual(input);
      expect(parseBase64Url(formatBase64Url(input))).toEqual(input);
      expect(formatBase64Url(input)).toBe(Buffer.from(input).toString('base64url'));
    }),
    runs,
  );
});

test('z-base-32 and base64url: one text for each value', () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('ybndrfg8ejkmcpqxot1uwisza345h769')),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, (input) => {
      const [short, long] = [parseZBase32(input), parseBase64Url(input)];
      if (short !== undefined) expect(formatZBase32(short)).toBe(input);
      if (long !== undefined) expect(formatBase64Url(long)).toBe(input);
    }),
    runs,
  );
});

test('structures: decoding of what was encoded is the identity', () => {
  expect(unwrap(decodeAccountLog(encodeAccountLog(alice.log)))).toEqual(alice.log);
  expect(unwrap(decodeCardDevice(encodeCardDevice(cardDevice(alice))))).toEqual(cardDevice(alice));
  expect(unwrap(decodeCardPointer(encodeCardPointer(alice.card)))).toEqual(alice.card);
});

test('peer addresses: parsing of what was formatted is the identity', () => {
  const host = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.domain().map((name) => name.toLowerCase()),
  );
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(key, host, fc.integer({ min: 1, max: 65_535 }), (keyBytes, name, port) => {
      const text = `${formatZBase32(keyBytes)}@${name.includes(':') ? `[${name}]` : name}:${port}`;
      expect(formatPeerAddress(unwrap(parsePeerAddress(text)))).toBe(text);
    }),
    runs,
  );
});
