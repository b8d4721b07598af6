import { readFileSync } from 'node:fs';
import { PassThrough, duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  bytesToHex,
  hexToBytes,
  nearbyPeriod,
  decodeDigests,
  encodeDigests,
  encodePutOutcome,
  nearbyPeriodMs,
  nearbyTag,
  type TransportKey,
} from '@mycelium/protocol';
import { NoiseSecretStream } from '../../src/declarations/secret-stream.ts';
import { sha256 } from '../../src/primitives/hashes.ts';
import { initiate, linkNoise, respond } from '../../src/links/handshake.ts';

interface Vectors {
  readonly handshake: {
    readonly seeds: Readonly<
      Record<'dialler' | 'listener' | 'diallerEphemeral' | 'listenerEphemeral', string>
    >;
    readonly messages: readonly [string, string, string];
    readonly keys: { readonly diallerSends: string; readonly listenerSends: string; readonly hash: string };
    readonly refusedFirst: readonly { readonly why: string; readonly message: string }[];
  };
  readonly nearbyTags: readonly { readonly key: string; readonly period: number; readonly tag: string }[];
  readonly digests: {
    readonly valid: readonly { value: string; claims: readonly { digest: string; sequence: number }[] }[];
    readonly refused: readonly { why: string; value: string; where: string; code: string }[];
  };
  readonly putOutcomes: readonly { readonly outcome: string; readonly value: string }[];
}

const file = new URL('../../../../vectors/links.json', import.meta.url);
const { handshake, nearbyTags, digests, putOutcomes } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const hex = (text: string): Uint8Array => hexToBytes(text) ?? new Uint8Array();
const pair = (name: keyof Vectors['handshake']['seeds']) =>
  NoiseSecretStream.keyPair(hex(handshake.seeds[name]));

test('tags of devices nearby are those of the vector, and change every quarter of an hour', () => {
  for (const { key, period, tag } of nearbyTags) {
    expect(nearbyTag({ sha256 }, hex(key) as TransportKey, period)).toBe(tag);
  }
  expect(nearbyPeriod(nearbyPeriodMs * 7 - 1)).toBe(6);
  expect(nearbyPeriod(nearbyPeriodMs * 7)).toBe(7);
});

describe('the handshake', () => {
  test('gives the messages and keys of the vector', () => {
    const dialler = linkNoise(pair('dialler'), pair('listener').publicKey);
    const listener = linkNoise(pair('listener'));
    dialler.e = pair('diallerEphemeral');
    listener.e = pair('listenerEphemeral');
    const [first, second, third] = handshake.messages;
    expect(bytesToHex(dialler.send())).toBe(first);
    listener.recv(hex(first));
    expect(bytesToHex(listener.send())).toBe(second);
    dialler.recv(hex(second));
    expect(bytesToHex(dialler.send())).toBe(third);
    listener.recv(hex(third));
    expect(bytesToHex(listener.rx)).toBe(handshake.keys.diallerSends);
    expect(bytesToHex(listener.tx)).toBe(handshake.keys.listenerSends);
    expect(bytesToHex(listener.hash)).toBe(handshake.keys.hash);
    expect(bytesToHex(listener.rs)).toBe(bytesToHex(pair('dialler').publicKey));
  });

  test('goes through when every byte comes by itself', async () => {
    const [near, far] = duplexPair();
    const slow = new PassThrough();
    far.on('data', (bytes: Buffer) => {
      for (const byte of bytes) slow.write(Uint8Array.of(byte));
    });
    const toListener = Object.assign(slow, {});
    const listening = new Proxy(toListener, {
      get: (target, property) => {
        const owner = property === 'write' || property === 'end' ? far : target;
        const value: unknown = Reflect.get(owner, property);
        return typeof value === 'function' ? value.bind(owner) : value;
      },
    });
    const [dialled, answered] = await Promise.all([
      initiate(near, pair('dialler'), pair('listener').publicKey),
      respond(listening, pair('listener')),
    ]);
    expect(bytesToHex(dialled.hash)).toBe(bytesToHex(answered.hash));
  });

  test.for(handshake.refusedFirst)('refuses a first message: $why', async ({ message }) => {
    const stream = new PassThrough();
    const bytes = hex(message);
    stream.write(Uint8Array.of(bytes.length, 0, 0, ...bytes));
    await expect(respond(stream, pair('listener'))).rejects.toMatchObject({ code: 'wrong-key' });
  });
});

describe('directory commands', () => {
  test('digests are read and written', () => {
    for (const { value, claims } of digests.valid) {
      const held = claims.map(({ digest, sequence }) => ({ digest: hex(digest), sequence }));
      expect(bytesToHex(encodeDigests(held))).toBe(value);
      const read = decodeDigests(hex(value));
      expect(
        read.ok && read.value.map(({ digest, sequence }) => ({ digest: bytesToHex(digest), sequence })),
      ).toEqual(claims);
    }
  });

  test.for(digests.refused)('digests are refused: $why', ({ value, where, code }) => {
    expect(decodeDigests(hex(value))).toMatchObject({ ok: false, refusal: { where, code } });
  });

  test('outcomes of a put', () => {
    for (const { outcome, value } of putOutcomes) expect(bytesToHex(encodePutOutcome(outcome))).toBe(value);
  });
});
