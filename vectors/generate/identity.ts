// vectors/identity.json: addresses, user ids, peer addresses, recovery, safety numbers, invites (spec/identity.md).
import {
  accountFingerprint,
  addressOf,
  bytesToHex,
  concatBytes,
  createRecoveryPhrase,
  deriveAccountSecrets,
  encodeUtf8,
  formatInvite,
  formatPeerAddress,
  hexToBytes,
  parseAddress,
  parseInvite,
  parsePeerAddress,
  parseRecoveryPhrase,
  parseUserId,
  safetyNumber,
  unwrap,
  userIdOf,
  type AccountState,
  type Invite,
  type PeerAddress,
  type WebSocketScheme,
} from '@mycelium/protocol';
import { nowMs, peer, person, primitives, seedOf } from '../../packages/protocol/test/identity/people.ts';
import { plain, refusalOf } from './form/plain.ts';

const addresses = [
  'alice@example.com',
  ' Alice@Example.COM ',
  'a@b',
  'bob.smith-2_x+mail@mail.example.org',
  'Fußball@faß.de',
  'bob@bücher.example',
  'ＡＬＩＣＥ@example.com',
  'İstanbul@example.com',
  'ΒΌΛΟΣ@example.com',
  'カタカナ・テスト@example.com',
  'אב@example.com',
  'o’neil@example.com'.replace('’', "'"),
  'x@127.0.0.1',
  `${'a'.repeat(34)}@example.com`,
  `${'a'.repeat(35)}@example.com`,
  `${'a'.repeat(64)}@example.com`,
];

const notAddresses = [
  '',
  'alice',
  '@example.com',
  'alice@',
  'alice@b@c',
  'alice＠x@example.com',
  'a lice@example.com',
  'al\tice@example.com',
  'alice\u200b@example.com',
  '\ud800@example.com',
  `${'a'.repeat(65)}@example.com`,
  'אa@example.com',
  'l·@example.com',
  '١۱@example.com',
  '♚@example.com',
  'alice@-x.com',
  'alice@x..com',
  'alice@example.com.',
  'alice@exa mple.com',
  `alice@${'a'.repeat(64)}.com`,
  `alice@${'a.'.repeat(126)}ab`,
  'alice@xn--a',
  'alice@under_score.com',
  '\u1100\u0300@example.com',
  '\u0378@example.com',
];

const packed = (body: bigint): string => {
  const id = new Uint8Array(32);
  id[0] = 1;
  for (let at = 1; at < 32; at += 1) id[at] = Number((body >> BigInt(8 * (at - 1))) & 0xffn);
  return bytesToHex(id);
};
/** Digits 1 to 41 as a number, first digit first: what packing does, without its checks. */
const numberOf = (...digits: readonly number[]): bigint =>
  digits.reduce((sum, digit) => sum * 41n + BigInt(digit), 0n);

const notUserIds = [
  { why: 'form 0', id: '00'.repeat(32) },
  { why: 'form 3', id: `03${'00'.repeat(31)}` },
  { why: 'packed: no symbols', id: packed(0n) },
  { why: 'packed: no @', id: packed(numberOf(1)) },
  { why: 'packed: only @', id: packed(numberOf(41)) },
  { why: 'packed: two @', id: packed(numberOf(1, 41, 2, 41, 3)) },
  { why: 'packed: domain with an underscore', id: packed(numberOf(1, 41, 2, 39)) },
  { why: 'packed: 47 symbols', id: packed((1n << 248n) - 1n) },
  { why: '31 bytes', id: `01${'00'.repeat(30)}` },
  { why: '33 bytes', id: `02${'00'.repeat(32)}` },
];

/** An address of a WebSocket. */
function webSocketPeer(over: WebSocketScheme, host: string, port: number): PeerAddress {
  return { key: peer('relay').key, endpoint: { host, port, over } };
}

const peers = [
  formatPeerAddress(peer('relay')),
  formatPeerAddress(peer('relay', 'relay.example.net')),
  formatPeerAddress(peer('relay', '192.0.2.7', 1)),
  formatPeerAddress(peer('relay', '2001:db8::7', 65_535)),
  formatPeerAddress(peer('relay', '::ffff:192.0.2.7')),
  formatPeerAddress(webSocketPeer('wss', 'relay.example.net', 443)),
  formatPeerAddress(webSocketPeer('ws', '2001:db8::7', 8_080)),
];
const key = formatPeerAddress(peer('relay'));
const notPeers = [
  '',
  'x@y:1',
  key.slice(1),
  `${key}y`,
  `l${key.slice(1)}`,
  `${key.slice(0, -1)}9`,
  `${key}@`,
  `${key}@host`,
  `${key}@host:0`,
  `${key}@host:65536`,
  `${key}@:1`,
  `${key}@2001:db8::7:1`,
  `${key}@[host]:1`,
  `${key}@[::g]:1`,
  `${key}@256.1.1.1:1`,
  `${key}@1.2.3:1`,
  `${key}@ho st:1`,
  `${key}@-a.com:1`,
  `${key}@[::1::]:1`,
  `${key}@wss://host`,
  `${key}@WSS://host:1`,
  `${key}@https://host:1`,
  `${key}@wss://host:1/`,
  `${key}@wss://ws://host:1`,
];

const invite: Invite = {
  address: 'alice@example.com',
  accountId: person('alice').state.accountId,
  card: person('alice').card,
  token: { id: seedOf('token id').subarray(0, 8), secret: seedOf('token').subarray(0, 16) },
  expiresMs: nowMs + 86_400_000,
  relays: [peer('relay', 'relay.example.net')],
  bootstrap: [peer('directory', '192.0.2.9', 9_999)],
};

function recoveryVector(entropy: string, passphrase: string, address: string): object {
  const bytes = hexToBytes(entropy) ?? new Uint8Array();
  const phrase = createRecoveryPhrase(bytes);
  const userId = userIdOf(primitives, unwrap(parseAddress(address)));
  const secrets = unwrap(deriveAccountSecrets(primitives, { phrase, passphrase, userId }));
  const hex = Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [name, bytesToHex(secret as Uint8Array)]),
  );
  return {
    entropy,
    phrase,
    passphrase,
    address,
    ...hex,
    accountKey: bytesToHex(primitives.ed25519PublicKey(secrets.accountSeed)),
  };
}

const notPhrases = [
  'abandon abandon',
  `${'abandon '.repeat(11)}abaut`,
  `${'abandon '.repeat(11)}abandon`,
  `${'abandon '.repeat(12)}about`,
  `one ${'two '.repeat(11)}`.replace('one', 'correct horse'),
];

function inviteVectors(): object {
  const link = formatInvite(primitives, invite);
  const never = formatInvite(primitives, { ...invite, expiresMs: 0, relays: [], bootstrap: [] });
  const at = link.length - 40;
  const refused = [
    { why: 'another scheme', link: link.replace('mycelium:', 'https:') },
    { why: 'cut off', link: link.slice(0, -12) },
    { why: 'cut off after the scheme', link: 'mycelium:invite/' },
    {
      why: 'one character changed',
      link: `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`,
    },
    { why: 'a character of no alphabet', link: `${link.slice(0, at)}!${link.slice(at)}` },
    { why: 'something after its end', link: `${link}AAAA` },
    { why: 'version 2', link: link.replace('invite/A', 'invite/B') },
  ];
  return {
    valid: [link, never].map((text) => ({
      link: text,
      nowMs,
      fields: plain(unwrap(parseInvite(primitives, text, nowMs))),
    })),
    refused: [
      ...refused.map((entry) => ({
        ...entry,
        nowMs,
        ...refusalOf(parseInvite(primitives, entry.link, nowMs)),
      })),
      {
        why: 'expired',
        link,
        nowMs: invite.expiresMs,
        ...refusalOf(parseInvite(primitives, link, invite.expiresMs)),
      },
    ],
  };
}

export function generate(): unknown {
  const alice = person('alice').state;
  const bob = person('bob').state;
  const canonical = addresses.map((input) => unwrap(parseAddress(input)));
  return {
    spec: 'spec/identity.md',
    addresses: {
      valid: addresses.map((input, at) => ({ input, address: canonical[at]?.text })),
      refused: notAddresses.map((input) => ({ input, ...refusalOf(parseAddress(input)) })),
    },
    userIds: {
      valid: canonical.map((address) => {
        const id = userIdOf(primitives, address);
        return {
          address: address.text,
          form: id[0] === 1 ? 'packed' : 'hashed',
          id: bytesToHex(id),
          turnsBack: addressOf(id).ok,
        };
      }),
      refused: notUserIds.map(({ why, id }) => ({
        why,
        id,
        ...refusalOf(parseUserId(hexToBytes(id) ?? new Uint8Array())),
      })),
    },
    peerAddresses: {
      valid: peers.map((text) => ({ text, ...(plain(unwrap(parsePeerAddress(text))) as object) })),
      refused: notPeers.map((text) => ({ text, ...refusalOf(parsePeerAddress(text)) })),
    },
    recovery: {
      valid: [
        recoveryVector('00'.repeat(16), '', 'alice@example.com'),
        recoveryVector('7f'.repeat(16), 'Pässword', 'bob@bücher.example'),
        recoveryVector('0123456789abcdef0123456789abcdef', '', `${'a'.repeat(64)}@example.com`),
      ],
      refused: notPhrases.map((phrase) => ({ phrase, ...refusalOf(parseRecoveryPhrase(phrase)) })),
    },
    safetyNumbers: [
      {
        one: plain(pick(alice)),
        other: plain(pick(bob)),
        safetyNumber: safetyNumber(primitives, alice, bob),
        fingerprint: accountFingerprint(alice.accountId),
      },
      {
        one: plain(pick(bob)),
        other: plain(pick(bob)),
        safetyNumber: safetyNumber(primitives, bob, bob),
        fingerprint: accountFingerprint(bob.accountId),
      },
    ],
    invites: inviteVectors(),
    signedBytes: {
      context: 'mycelium card 1',
      message: '010203',
      bytes: bytesToHex(concatBytes(encodeUtf8('mycelium card 1'), Uint8Array.of(0, 1, 2, 3))),
    },
  };
}

function pick(state: AccountState): object {
  return { accountId: state.accountId, accountKey: state.accountKey };
}
