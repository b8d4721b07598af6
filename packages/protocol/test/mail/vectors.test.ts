// vectors/mail.json as another implementation would read it: nothing here but decoders and the committed file.
import {
  bytesToHex,
  concatBytes,
  decodeControlFrame,
  decodeHello,
  decodeIntroductionPart,
  decodeOpen,
  emptyMailStream,
  emptyTokenLedger,
  grantTokens,
  hexToBytes,
  intakeTokenKeys,
  isReplicatedOnly,
  openIsAuthentic,
  type PeerAddress,
  queueHolders,
  readMailStream,
  routeOf,
  stampIsValid,
  takesIntakeTokens,
  type TransportKey,
  unwrap,
  useToken,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { ownVectors } from '../vector-files.ts';
import { primitives } from './members.ts';

interface Vectors {
  readonly control: {
    readonly valid: readonly { name: string; frame: string; fields: Record<string, unknown> }[];
    readonly refused: readonly {
      why: string;
      name: string;
      at: number;
      bytes: string;
      where: string;
      code: string;
    }[];
  };
  readonly hellos: readonly {
    frame: string;
    features: number;
    replicated: boolean;
    intakeTokens: boolean;
  }[];
  readonly open: {
    readonly keys: Record<'route' | 'readerPublicKey' | 'ownerPublicKey', string>;
    readonly server: Record<'challenge' | 'transportKey', string>;
    readonly attempts: readonly { why: string; frame: string; signed: string; authentic: boolean }[];
  };
  readonly stamp: { frame: string; cases: readonly { difficulty: number; nowMs: number; valid: boolean }[] };
  readonly tokens: {
    readonly token: { id: string; secret: string };
    readonly route: string;
    readonly relay: string;
    readonly keys: { id: string; key: string };
    readonly nowMs: number;
    readonly frame: string;
    readonly attempts: readonly {
      why: string;
      frames: number;
      expiresMs: number;
      at: number;
      bytes: string;
      good: boolean;
    }[];
  };
  readonly streams: readonly {
    stream: string;
    items: readonly string[];
    waits: boolean;
    refused: { code: string } | null;
  }[];
  readonly introductionParts: {
    readonly valid: readonly { plaintext: string }[];
    readonly refused: readonly { why: string; plaintext: string; where: string; code: string }[];
  };
  readonly holders: readonly ({ why: string; route: string } & Readonly<
    Record<'announced' | 'former' | 'today' | 'holders', readonly string[]>
  >)[];
}

const vectors = ownVectors('mail.json') as Vectors;
const hex = (text: string): Uint8Array => {
  const bytes = hexToBytes(text);
  if (bytes === undefined) throw new Error('a vector is hexadecimal');
  return bytes;
};

test('what a hello promises is read as the vectors say', () => {
  expect(vectors.hellos.some(({ replicated }) => replicated)).toBe(true);
  for (const { frame, features, replicated, intakeTokens } of vectors.hellos) {
    const hello = unwrap(decodeHello(hex(frame)));
    const found = [hello.features, isReplicatedOnly(hello), takesIntakeTokens(hello)];
    expect(found).toEqual([features, replicated, intakeTokens]);
  }
});

/** As JSON has it: bytes in hexadecimal, large numbers as decimal text. */
function inText(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(inText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inText(part)]));
}

test('control frames are read as the vectors say', () => {
  for (const { name, frame, fields } of vectors.control.valid) {
    const value = unwrap(decodeControlFrame(hex(frame)));
    expect(value.kind).toBe(name);
    for (const [field, wanted] of Object.entries(fields)) {
      const found = value[field as keyof typeof value] as unknown;
      expect(inText(found), `${name}.${field}`).toEqual(wanted);
    }
  }
});

test('and refused as they say', () => {
  expect(vectors.control.refused.length).toBeGreaterThan(30);
  for (const { why, name, at, bytes, where, code } of vectors.control.refused) {
    const frame = hex(vectors.control.valid.find((one) => one.name === name)?.frame ?? '');
    frame.set(hex(bytes), at);
    expect(decodeControlFrame(frame), why).toMatchObject({ ok: false, refusal: { where, code } });
  }
});

test('routes and openings', () => {
  const { keys, server, attempts } = vectors.open;
  const identity = { challenge: hex(server.challenge), transportKey: hex(server.transportKey) };
  expect(bytesToHex(routeOf(primitives, hex(keys.readerPublicKey), hex(keys.ownerPublicKey)))).toBe(
    keys.route,
  );
  for (const { why, frame, authentic } of attempts) {
    const open = unwrap(decodeOpen(concatBytes(hex(frame), new Uint8Array(4096 - frame.length / 2))));
    expect(openIsAuthentic(primitives, identity, open), why).toBe(authentic);
  }
});

test('stamps', () => {
  for (const { difficulty, nowMs, valid } of vectors.stamp.cases) {
    expect(stampIsValid(primitives, hex(vectors.stamp.frame), difficulty, nowMs)).toBe(valid);
  }
});

test('streams', () => {
  for (const { stream, items, refused } of vectors.streams) {
    const read = readMailStream(emptyMailStream, hex(stream));
    expect([read.items.length, read.refusal?.code]).toEqual([items.length, refused?.code]);
  }
});

test('holders of a queue whose relays were left', () => {
  expect(vectors.holders.length).toBeGreaterThan(5);
  const peers = (keys: readonly string[]): readonly PeerAddress[] =>
    keys.map((key) => ({ key: hex(key) as TransportKey }));
  for (const { why, route, holders, ...lists } of vectors.holders) {
    const [announced, former, today] = [lists.announced, lists.former, lists.today].map(peers);
    if (announced === undefined || former === undefined || today === undefined) throw new Error('incomplete');
    const found = queueHolders(primitives, { route: hex(route), announced, former, today });
    expect(
      found.map(({ key }) => bytesToHex(key)),
      why,
    ).toEqual(holders);
  }
});

test('tokens let in what the vectors say, and nothing else', () => {
  const { token, route, relay, keys, nowMs, frame, attempts } = vectors.tokens;
  const secret = { id: hex(token.id), secret: hex(token.secret) };
  const found = intakeTokenKeys(primitives, secret, hex(route), hex(relay) as TransportKey);
  expect([bytesToHex(found.id), bytesToHex(found.key)]).toEqual([keys.id, keys.key]);
  expect(attempts.filter(({ good }) => good).length).toBeGreaterThan(1);
  for (const { why, frames, expiresMs, at, bytes, good } of attempts) {
    const tried = hex(frame);
    tried.set(hex(bytes), at);
    const ledger = grantTokens(emptyTokenLedger, [{ ...found, frames, expiresMs }]);
    expect(useToken(primitives, ledger, tried, nowMs) !== undefined, why).toBe(good);
  }
});

test('introduction parts', () => {
  for (const { plaintext } of vectors.introductionParts.valid) {
    expect(decodeIntroductionPart(hex(plaintext)).ok).toBe(true);
  }
  for (const { why, plaintext, where, code } of vectors.introductionParts.refused) {
    expect(decodeIntroductionPart(hex(plaintext)), why).toMatchObject({
      ok: false,
      refusal: { where, code },
    });
  }
});
