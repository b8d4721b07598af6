import {
  decodeCommit,
  decodeContent,
  decodeIntroduction,
  decodeReachability,
  decodeReceipt,
  decodeText,
  decodeWelcome,
  encodeCommit,
  encodeContent,
  encodeReachability,
  encodeReceipt,
  encodeText,
  encodeUtf8,
  encodeWelcome,
  isFeedKind,
  messageIdOf,
  messageKindName,
  messageKinds,
  receiptLossesMax,
  signIntroduction,
  unwrap,
  type DeviceKey,
  type FeedId,
  type Introduction,
  type LostRange,
  type PeerAddress,
  type Route,
  type TransportKey,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alice } from '../identity/accounts.ts';
import { primitives } from '../identity/people.ts';

const bytes = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value);
const peer = (value: number, port: number): PeerAddress => ({
  key: bytes(32, value) as TransportKey,
  endpoint: { host: '192.0.2.7', port },
});
const location = {
  feedId: bytes(32) as FeedId,
  ownerPublicKey: bytes(32, 8),
  sequence: 12,
  relays: [peer(1, 4_001), { key: bytes(32, 2) as TransportKey }],
};
const introduction: Introduction = {
  address: 'alice@example.com',
  accountLog: bytes(300),
  device: {
    certificate: bytes(180),
    keyPackage: bytes(2_600),
    intake: { publicKey: bytes(1_216), route: bytes(16) as Route, relays: [peer(1, 4_001)], difficulty: 12 },
  },
  location,
  welcome: bytes(6_000),
  token: bytes(24),
  greeting: 'Hello, it is Alice',
};

test('what is encoded is decoded', () => {
  const commit = { nextOwnerPublicKey: bytes(32), nextRelays: location.relays, commit: bytes(5_000) };
  expect(unwrap(decodeCommit(encodeCommit(commit)))).toEqual(commit);
  const welcome = { location, welcome: bytes(5_000) };
  expect(unwrap(decodeWelcome(encodeWelcome(welcome)))).toEqual(welcome);
  const webSocket = { host: 'relay.example.net', port: 443, over: 'wss' } as const;
  const addresses = [peer(1, 4_001), peer(1, 4_002), { key: peer(1, 1).key, endpoint: webSocket }];
  expect(unwrap(decodeReachability(encodeReachability(addresses)))).toEqual(addresses);
  const feed = { feedTag: bytes(4), upTo: 0xffff_ffff, timeNs: 2n ** 64n - 1n, lost: [], skipped: undefined };
  const lost = [
    { first: 0, last: 0 },
    { first: 2, last: 9 },
  ];
  const gone = {
    feedTag: bytes(4, 8),
    upTo: 9,
    timeNs: 0n,
    lost,
    skipped: { route: bytes(16) as Route, below: 2 ** 40 },
  };
  const receipt = { state: 'delivered' as const, feeds: [feed, gone] };
  expect(unwrap(decodeReceipt(encodeReceipt(receipt)))).toEqual(receipt);
  expect(unwrap(decodeText(unwrap(encodeText('Grüße 🍄'))))).toBe('Grüße 🍄');
});

test('content stands between its links and its origin', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ feedTag: fc.uint8Array({ minLength: 4, maxLength: 4 }), sequence: fc.nat() }), {
        maxLength: 64,
      }),
      fc.option(fc.nat(), { nil: undefined }),
      fc.uint8Array({ maxLength: 200 }),
      (links, sequence, body) => {
        const origin = sequence === undefined ? undefined : { feedId: bytes(32) as FeedId, sequence };
        const encoded = encodeContent({ links, origin, body });
        expect(unwrap(decodeContent(encoded.flags, encoded.bytes))).toEqual({ links, origin, body });
      },
    ),
    { numRuns: 100 },
  );
});

test('a text is well-formed, of some length and not too long', () => {
  expect(encodeText('')).toMatchObject({ refusal: { code: 'length' } });
  expect(encodeText('\ud800')).toMatchObject({ refusal: { code: 'utf-8' } });
  expect(encodeText('x'.repeat(65_536)).ok).toBe(true);
  expect(encodeText('é'.repeat(32_769))).toMatchObject({ refusal: { code: 'length' } });
  expect(decodeText(Uint8Array.of(0xc0, 0x80))).toMatchObject({ refusal: { code: 'utf-8' } });
  expect(decodeText(Uint8Array.of(0xed, 0xa0, 0x80))).toMatchObject({ refusal: { code: 'utf-8' } });
  expect(decodeText(new Uint8Array())).toMatchObject({ refusal: { code: 'length' } });
});

test('a receipt names what is lost in ascending order, below what it confirms, and no more than it may', () => {
  const decodeLost = (lost: readonly LostRange[], upTo = 100): unknown =>
    decodeReceipt(
      encodeReceipt({
        state: 'delivered',
        feeds: [{ feedTag: bytes(4), upTo, timeNs: 1n, lost, skipped: undefined }],
      }),
    );
  const ranges = (count: number): LostRange[] =>
    Array.from({ length: count }, (_, at) => ({ first: 2 * at, last: 2 * at }));
  expect(decodeLost(ranges(receiptLossesMax))).toMatchObject({ ok: true });
  const refused = [
    [ranges(receiptLossesMax + 1), 'receipt.feed.lost', 'length'],
    [[{ first: 5, last: 4 }], 'receipt.lost.last', 'range'],
    [[{ first: 99, last: 101 }], 'receipt.lost.last', 'range'],
    [[ranges(2)[1], ranges(1)[0]], 'receipt.lost.first', 'order'],
    [
      [
        { first: 1, last: 2 },
        { first: 3, last: 4 },
      ],
      'receipt.lost.first',
      'order',
    ],
  ] as const;
  for (const [lost, where, code] of refused) {
    expect(decodeLost(lost as readonly LostRange[])).toMatchObject({ refusal: { where, code } });
  }
});

test('bodies that break a rule are refused by name', () => {
  const refused = [
    [decodeReceipt(Uint8Array.of(1, 0)), 'receipt.feeds', 'length'],
    [decodeReceipt(Uint8Array.of(1, 1, ...bytes(16, 0), 0, 2)), 'receipt.feed.skipped', 'unknown'],
    [decodeReceipt(Uint8Array.of(1, 1, ...bytes(16, 0), 0, 1, 0)), 'receipt.skipped.route', 'truncated'],
    [decodeReceipt(Uint8Array.of(9, 1, ...bytes(16, 0))), 'receipt.state', 'unknown'],
    [decodeReceipt(Uint8Array.of(1, 2, ...bytes(16, 0))), 'receipt.feed.lost', 'truncated'],
    [decodeReachability(Uint8Array.of(17)), 'reachability.addresses', 'length'],
    [decodeReachability(strangeScheme()), 'reachability.addresses.host', 'host'],
    [decodeContent(1, Uint8Array.of(0)), 'content.links', 'length'],
    [decodeContent(4, bytes(20)), 'content.origin.feed', 'truncated'],
    [decodeCommit(bytes(20)), 'commit.next-owner-key', 'truncated'],
  ] as const;
  for (const [result, where, code] of refused) expect(result).toMatchObject({ refusal: { where, code } });
});

/** One address whose host is `ftp://a`. */
function strangeScheme(): Uint8Array {
  const host = encodeUtf8('ftp://a');
  return Uint8Array.of(1, ...bytes(32), host.length, ...host, 21, 0);
}

test('an introduction holds for the device that it is meant for and no other', () => {
  const recipient = bytes(32, 3) as DeviceKey;
  const encoded = signIntroduction(primitives, introduction, { deviceSeed: alice.deviceSeed, recipient });
  const { isSignedBy, ...decoded } = unwrap(decodeIntroduction(encoded));
  expect(decoded).toEqual(introduction);
  expect(isSignedBy(primitives, alice.deviceKey, recipient)).toBe(true);
  expect(isSignedBy(primitives, alice.deviceKey, bytes(32, 4) as DeviceKey)).toBe(false);
  const changed = encoded.map((byte, at) => (at === 400 ? byte ^ 1 : byte));
  const again = decodeIntroduction(changed);
  expect(again.ok && again.value.isSignedBy(primitives, alice.deviceKey, recipient)).toBe(false);
  for (const length of [0, 1, 100, encoded.length - 1])
    expect(decodeIntroduction(encoded.slice(0, length)).ok).toBe(false);
  expect(decodeIntroduction(new Uint8Array([...encoded, 0])).ok).toBe(false);
});

test('an introduction with a domain proof is of version 2, and the proof is signed with the rest', () => {
  const recipient = bytes(32, 3) as DeviceKey;
  const proved = { ...introduction, domainProof: bytes(129, 5) };
  const encoded = signIntroduction(primitives, proved, { deviceSeed: alice.deviceSeed, recipient });
  expect(encoded[0]).toBe(2);
  const { isSignedBy, ...decoded } = unwrap(decodeIntroduction(encoded));
  expect(decoded).toEqual(proved);
  expect(isSignedBy(primitives, alice.deviceKey, recipient)).toBe(true);
  const without = signIntroduction(primitives, introduction, { deviceSeed: alice.deviceSeed, recipient });
  expect(without[0]).toBe(1);
  const long = { ...introduction, domainProof: bytes(201) };
  const refused = signIntroduction(primitives, long, { deviceSeed: alice.deviceSeed, recipient });
  expect(decodeIntroduction(refused)).toMatchObject({ refusal: { where: 'introduction.domain-proof' } });
  const unknown = without.map((byte, at) => (at === 0 ? 3 : byte));
  expect(decodeIntroduction(unknown)).toMatchObject({ refusal: { where: 'introduction.version' } });
});

test('no bytes make a decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 255 }), (any, flags) => {
      for (const decode of [
        decodeText,
        decodeReceipt,
        decodeCommit,
        decodeWelcome,
        decodeReachability,
        decodeIntroduction,
      ]) {
        decode(any);
      }
      decodeContent(flags, any);
    }),
    { numRuns: 300 },
  );
});

test('kinds have names, and unknown ones are for the person', () => {
  expect(messageKindName(1)).toBe('text');
  expect(messageKindName(99)).toBeUndefined();
  expect([messageKinds.receipt, messageKinds.membership, messageKinds.commit, 250].every(isFeedKind)).toBe(
    true,
  );
  expect([messageKinds.text, messageKinds.poll, 99].some(isFeedKind)).toBe(false);
});

test('the id of a message says its place, kind and body', () => {
  const at = (sequence: number, kind: number, body: string): string =>
    messageIdOf(primitives, { feedId: bytes(32) as FeedId, sequence }, kind, encodeUtf8(body)).join();
  expect(new Set([at(1, 1, 'a'), at(2, 1, 'a'), at(1, 2, 'a'), at(1, 1, 'b')]).size).toBe(4);
  expect(at(1, 1, 'a')).toBe(at(1, 1, 'a'));
});
