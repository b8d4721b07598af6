// vectors/links.json: the handshake of links and the values of directory commands (spec/links.md, spec/directory-node.md).
import {
  bytesToHex,
  decodeDigests,
  encodeDigests,
  encodePutOutcome,
  nearbyTag,
  type TransportKey,
} from '@mycelium/protocol';
import { NoiseSecretStream } from '../../packages/node/src/declarations/secret-stream.ts';
import { linkNoise } from '../../packages/node/src/links/handshake.ts';
import { sha256 } from '../../packages/node/src/primitives/hashes.ts';
import { plain, refusalOf } from './form/plain.ts';

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const pair = (byte: number): ReturnType<typeof NoiseSecretStream.keyPair> =>
  NoiseSecretStream.keyPair(seed(byte));

/** Seeds of everything that a handshake takes. */
const seeds = { dialler: 1, listener: 2, diallerEphemeral: 3, listenerEphemeral: 4 } as const;

function handshake(): { readonly messages: readonly Uint8Array[]; readonly keys: object } {
  const dialler = linkNoise(pair(seeds.dialler), pair(seeds.listener).publicKey);
  const listener = linkNoise(pair(seeds.listener));
  dialler.e = pair(seeds.diallerEphemeral);
  listener.e = pair(seeds.listenerEphemeral);
  const first = Uint8Array.from(dialler.send());
  // It wipes what it has read, in place.
  listener.recv(first.slice());
  const second = Uint8Array.from(listener.send());
  dialler.recv(second.slice());
  const third = Uint8Array.from(dialler.send());
  listener.recv(third.slice());
  const keys = { diallerSends: dialler.tx, listenerSends: dialler.rx, hash: dialler.hash };
  return { messages: [first, second, third], keys };
}

/** First messages that a listener cannot read. */
function refusedFirst(first: Uint8Array): object {
  const changed = first.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
  const smallOrder = first.map((byte, at) => (at < 32 ? 0 : byte));
  const toAnother = linkNoise(pair(seeds.dialler), pair(9).publicKey);
  toAnother.e = pair(seeds.diallerEphemeral);
  const cases = [
    { why: 'authenticator changed', message: changed },
    { why: 'ephemeral key of small order', message: smallOrder },
    { why: 'for another key', message: Uint8Array.from(toAnother.send()) },
    { why: 'cut off', message: first.slice(0, 47) },
  ];
  return plain(cases) as object;
}

function digests(): object {
  const held = [1, 2, 3].map((byte) => ({ digest: seed(byte), sequence: byte * 1_000_000 }));
  const one = encodeDigests(held.slice(0, 1));
  const refused = [
    { why: 'count of nine', value: Uint8Array.of(9, 0, ...new Uint8Array(360)) },
    { why: 'cut off', value: one.slice(0, -1) },
    { why: 'something after the last', value: Uint8Array.of(...one, 0) },
    { why: 'sequence above 2^53 - 1', value: one.map((byte, at) => (at === 41 ? 0xff : byte)) },
    { why: 'empty', value: new Uint8Array() },
  ];
  return {
    valid: [
      { value: bytesToHex(encodeDigests([])), claims: [] },
      { value: bytesToHex(encodeDigests(held)), claims: plain(held) },
    ],
    refused: refused.map(({ why, value }) => ({
      why,
      value: plain(value),
      ...refusalOf(decodeDigests(value)),
    })),
  };
}

export function generate(): unknown {
  const { messages, keys } = handshake();
  const [first = new Uint8Array()] = messages;
  return {
    spec: ['spec/links.md', 'spec/directory-node.md'],
    handshake: {
      seeds: plain(Object.fromEntries(Object.entries(seeds).map(([name, byte]) => [name, seed(byte)]))),
      messages: plain(messages),
      keys: plain(keys),
      refusedFirst: refusedFirst(first),
    },
    nearbyTags: [0, 1, 1_989_000, 2 ** 40].map((period) => ({
      key: bytesToHex(pair(seeds.listener).publicKey),
      period,
      tag: nearbyTag({ sha256 }, pair(seeds.listener).publicKey as TransportKey, period),
    })),
    digests: digests(),
    putOutcomes: ['kept', 'expired', 'locator', 'reserved'].map((outcome) => ({
      outcome,
      value: bytesToHex(encodePutOutcome(outcome)),
    })),
  };
}
