import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClaimPlugin } from '../../src/directory/claim-plugin.ts';
import {
  decodeDigests,
  decodePutOutcome,
  digestsRequest,
  directoryCommands,
  encodeDigests,
  encodePutOutcome,
} from '@mycelium/protocol';
import { claimRecord, World, type Member } from './nodes.ts';

test('digests are read back, at most eight of them', () => {
  const held = Array.from({ length: 9 }, (_, index) => ({ digest: randomBytes(32), sequence: index }));
  const read = decodeDigests(encodeDigests(held));
  expect(read.ok && read.value).toHaveLength(8);
  expect(read.ok && read.value.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test.for([
  ['of nothing', Uint8Array.of()],
  ['with a count of nine', Uint8Array.of(9, 0, ...randomBytes(360))],
  ['that are cut', Uint8Array.of(1, 0, ...randomBytes(39))],
  ['with something after them', Uint8Array.of(0, 0, 0)],
] as const)('digests %s are refused', ([, bytes]) => {
  expect(decodeDigests(bytes).ok).toBe(false);
});

test('outcomes of a put have numbers, and what has none is malformed', () => {
  expect(encodePutOutcome('kept')).toEqual(Uint8Array.of(0));
  expect(encodePutOutcome('locator')).toEqual(Uint8Array.of(11));
  expect(encodePutOutcome('reserved')).toEqual(Uint8Array.of(1));
  expect(decodePutOutcome(Uint8Array.of(6))).toEqual({ ok: true, value: 'sequence' });
  for (const bad of [null, Uint8Array.of(), Uint8Array.of(12), Uint8Array.of(0, 0)]) {
    expect(decodePutOutcome(bad).ok).toBe(false);
  }
});

describe('a node', () => {
  const world = new World();
  const locator = randomBytes(32);
  const record = claimRecord({ locator });
  let node: Member;
  let plugin: ClaimPlugin;

  beforeAll(async () => {
    node = await world.node([]);
    await node.directory.publish(locator, record);
    const client = await world.client([node.at]);
    if (client.transport.dht === undefined) throw new Error('a dht');
    plugin = new ClaimPlugin(client.transport.dht);
  });

  afterAll(async () => {
    await world.end();
  });

  const ask = (command: number, value: Uint8Array, token: Uint8Array | null = null) =>
    plugin.request({ command, target: locator, value, token }, node.at, { retry: false });

  test('answers digests with a reply no larger than the request', async () => {
    const { value, token } = await ask(directoryCommands.digests, digestsRequest);
    expect(token).not.toBeNull();
    const full = encodeDigests(Array.from({ length: 8 }, () => ({ digest: randomBytes(32), sequence: 1 })));
    // Beyond what both have in common, a reply has id 32, token 32 and 20 closer nodes; a request the target.
    expect(full.length + 32 + 32 + 121).toBeLessThanOrEqual(digestsRequest.length + 32);
    expect(value === null ? 0 : decodeDigests(value).ok).toBe(true);
  });

  test('is silent to a short request, and to a claim or a put without a token', async () => {
    const held = decodeDigests(
      (await ask(directoryCommands.digests, digestsRequest)).value ?? new Uint8Array(),
    );
    const digest = held.ok ? held.value[0]?.digest : undefined;
    if (digest === undefined) throw new Error('a digest');
    const silent = [
      ask(directoryCommands.digests, new Uint8Array(32)),
      ask(directoryCommands.claim, digest),
      ask(directoryCommands.put, claimRecord({ locator })),
      ask(99, digestsRequest),
    ];
    for (const outcome of await Promise.allSettled(silent)) expect(outcome.status).toBe('rejected');
    expect(node.directory.recordsHeld()).toBe(1);
  });

  test('refuses a token that is not its own, and answers to one that is', async () => {
    const { value, token } = await ask(directoryCommands.digests, digestsRequest);
    const held = decodeDigests(value ?? new Uint8Array());
    const digest = held.ok ? (held.value[0]?.digest ?? new Uint8Array()) : new Uint8Array();
    expect((await ask(directoryCommands.claim, digest, randomBytes(32))).value).toBeNull();
    expect(Buffer.from((await ask(directoryCommands.claim, digest, token)).value ?? [])).toEqual(
      Buffer.from(record),
    );
    expect((await ask(directoryCommands.claim, randomBytes(32), token)).value).toBeNull();
  });
});
