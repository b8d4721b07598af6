// Real directory nodes on loopback.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { claimRecord, hexes, World, type Member } from './nodes.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe('twelve nodes', () => {
  const world = new World();
  let alice: Member;
  let bob: Member;

  beforeAll(async () => {
    const first = await world.node([]);
    for (let started = 1; started < 12; started += 1) await world.node([first.at]);
    alice = await world.client([first.at]);
    bob = await world.client([first.at]);
  });

  afterAll(async () => {
    await world.end();
  });

  test('what Alice publishes is with all of the closest nodes, and Bob finds it', async () => {
    const locator = randomBytes(32);
    const record = claimRecord({ locator });
    const published = await alice.directory.publish(locator, record);
    expect(published).toEqual({ accepted: 12, refused: [] });
    expect(hexes(await bob.directory.lookUp(locator))).toEqual(hexes([record]));
    const held = world.members.filter(({ directory }) => directory.recordsHeld() > 0);
    expect(held).toHaveLength(12);
  });

  test('a directory node publishes and looks up as well, and counts itself', async () => {
    const locator = randomBytes(32);
    const record = claimRecord({ locator });
    const [node, other] = world.members;
    expect(await node?.directory.publish(locator, record)).toEqual({ accepted: 12, refused: [] });
    expect(hexes((await other?.directory.lookUp(locator)) ?? [])).toEqual(hexes([record]));
  });

  test('an older sequence of the same key is refused, a newer one replaces', async () => {
    const locator = randomBytes(32);
    const seed = randomBytes(32);
    const [older, newer] = [1, 2].map((sequence) => claimRecord({ locator, seed, sequence }));
    if (older === undefined || newer === undefined) throw new Error('two records');
    await alice.directory.publish(locator, newer);
    const outcome = await alice.directory.publish(locator, older);
    expect(outcome.accepted).toBe(0);
    expect(new Set(outcome.refused)).toEqual(new Set(['sequence']));
    expect(hexes(await bob.directory.lookUp(locator))).toEqual(hexes([newer]));
  });

  test('all different claims for one locator come back', async () => {
    const locator = randomBytes(32);
    const records = [1, 2, 3].map(() => claimRecord({ locator }));
    for (const record of records) await alice.directory.publish(locator, record);
    expect(hexes(await bob.directory.lookUp(locator))).toEqual(hexes(records));
  });

  test('records that break a rule are refused by name', async () => {
    const locator = randomBytes(32);
    const forged = claimRecord({ locator });
    forged[999] = (forged[999] ?? 0) ^ 1;
    expect(new Set((await alice.directory.publish(locator, forged)).refused)).toEqual(new Set(['signature']));
    const old = claimRecord({ locator, expiresInMs: -1 });
    expect(new Set((await alice.directory.publish(locator, old)).refused)).toEqual(new Set(['expired']));
    const elsewhere = claimRecord({ locator: randomBytes(32) });
    expect(new Set((await alice.directory.publish(locator, elsewhere)).refused)).toEqual(
      new Set(['locator']),
    );
    expect(await bob.directory.lookUp(locator)).toEqual([]);
  });

  test('a look-up that is given up ends at once', async () => {
    expect(await bob.directory.lookUp(randomBytes(32), AbortSignal.abort())).toEqual([]);
  });

  test('clients stay out of routing tables', () => {
    const ports = new Set(world.members.slice(0, 12).map(({ at }) => at.port));
    for (const { transport } of world.members) {
      for (const { port } of transport.dht?.toArray() ?? []) expect(ports).toContain(port);
    }
    expect(alice.directory.nodesKnown()).toBe(12);
  });
});

describe('few nodes', () => {
  let world: World;

  afterEach(async () => {
    await world.end();
  });

  test('a node alone in the world publishes to itself and finds it at once', async () => {
    world = new World();
    const node = await world.node([]);
    const locator = randomBytes(32);
    const record = claimRecord({ locator });
    const began = performance.now();
    expect(await node.directory.publish(locator, record)).toEqual({ accepted: 1, refused: [] });
    expect(hexes(await node.directory.lookUp(locator))).toEqual(hexes([record]));
    // No walk waited until it was to end in any case.
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  test('a client of one node publishes there, and another finds it', async () => {
    world = new World();
    const node = await world.node([]);
    const [alice, bob] = [await world.client([node.at]), await world.client([node.at])];
    const locator = randomBytes(32);
    const record = claimRecord({ locator });
    expect(await alice.directory.publish(locator, record)).toEqual({ accepted: 1, refused: [] });
    expect(hexes(await bob.directory.lookUp(locator))).toEqual(hexes([record]));
  });

  test('a node on all interfaces is found at another of its addresses than the one its id is of', async () => {
    world = new World();
    const node = await world.node([], 0, 'everywhere.claims', '0.0.0.0');
    const loopback = { host: '127.0.0.1', port: node.at.port };
    const [alice, bob] = [await world.client([loopback]), await world.node([loopback])];
    const locator = randomBytes(32);
    const record = claimRecord({ locator });
    expect((await alice.directory.publish(locator, record)).accepted).toBeGreaterThanOrEqual(1);
    expect(hexes(await bob.directory.lookUp(locator))).toEqual(hexes([record]));
  });

  test('a client that knows nobody is told so at once', async () => {
    world = new World();
    const client = await world.client([]);
    const locator = randomBytes(32);
    expect(await client.directory.publish(locator, claimRecord({ locator }))).toEqual({
      accepted: 0,
      refused: [],
    });
    expect(await client.directory.lookUp(locator)).toEqual([]);
  });

  test('a node comes back with what it held, on the same port', async () => {
    world = new World();
    const node = await world.node([], 0, 'kept.claims');
    const locator = randomBytes(32);
    const records = [claimRecord({ locator }), claimRecord({ locator })];
    for (const record of records) await node.directory.publish(locator, record);
    await world.stop(node);
    const again = await world.node([], node.at.port, 'kept.claims');
    expect(again.directory.recordsHeld()).toBe(2);
    const client = await world.client([again.at]);
    expect(hexes(await client.directory.lookUp(locator))).toEqual(hexes(records));
  });

  test('every node at once stops and comes back, and everything is found again', async () => {
    world = new World();
    const first = await world.node([], 0, '0.claims');
    const members = [first];
    for (let number = 1; number < 8; number += 1)
      members.push(await world.node([first.at], 0, `${number}.claims`));
    const records = Array.from({ length: 10 }, () => claimRecord({ locator: randomBytes(32) }));
    for (const record of records) await first.directory.publish(record.subarray(4, 36), record);
    const held = members.map(({ directory }) => directory.recordsHeld());
    expect(Math.min(...held)).toBeGreaterThan(0);
    await Promise.all(members.map((member) => world.stop(member)));
    const again: Member[] = [];
    for (const [number, { at }] of members.entries())
      again.push(await world.node([first.at], at.port, `${number}.claims`));
    // Who stopped later may have been given what it lacked.
    for (const [number, { directory }] of again.entries())
      expect(directory.recordsHeld()).toBeGreaterThanOrEqual(held[number] ?? 0);
    const client = await world.client([first.at]);
    for (const record of records)
      expect(hexes(await client.directory.lookUp(record.subarray(4, 36)))).toEqual(hexes([record]));
  });

  test('a third of thirty nodes vanish without a word, and all is found', async () => {
    world = new World();
    const first = await world.node([]);
    const members = [first];
    while (members.length < 30) members.push(await world.node([first.at]));
    const client = await world.client([first.at]);
    const records = Array.from({ length: 10 }, () => claimRecord({ locator: randomBytes(32) }));
    for (const record of records) await client.directory.publish(record.subarray(4, 36), record);
    await Promise.all(members.slice(20).map(({ transport }) => transport.close()));
    const found = await Promise.all(records.map((record) => client.directory.lookUp(record.subarray(4, 36))));
    expect(found.map(hexes)).toEqual(records.map((record) => hexes([record])));
  });

  test.for([
    ['empty', Buffer.alloc(0)],
    ['of something else', Buffer.from('{"claims": []}')],
    ['cut in its magic', Buffer.from('mycelium cl')],
    ['full of noise', Buffer.concat([Buffer.from('mycelium claims 1\n'), randomBytes(5_000)])],
  ] as const)('a file that is %s stops nobody', async ([, content]) => {
    world = new World();
    writeFileSync(path.join(world.folder, 'broken.claims'), content);
    const node = await world.node([], 0, 'broken.claims');
    expect(node.directory.recordsHeld()).toBe(0);
  });

  test('a plain node without our commands delays publishing and looking up by a moment each', async () => {
    world = new World();
    const node = await world.node([]);
    const other = await world.node([node.at]);
    const { transport } = await world.client([node.at]);
    // A directory role whose directory was never started: hyperdht answers everything but our commands.
    const { createTransport } = await import('../../src/index.ts');
    const plain = createTransport({
      keySeed: randomBytes(32),
      listen: [{ host: '127.0.0.1', port: 0 }],
      runtimeFolder: world.folder,
      dht: { role: 'directory', bootstrap: [node.at] },
    });
    await plain.listen(() => undefined);
    await plain.dht?.fullyBootstrapped();
    const locator = randomBytes(32);
    const record = claimRecord({ locator });
    const began = performance.now();
    expect((await other.directory.publish(locator, record)).accepted).toBe(2);
    expect(hexes(await other.directory.lookUp(locator))).toEqual(hexes([record]));
    // The two walks together; one that waited for the plain node would have taken half of that.
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(transport.dht).toBeDefined();
    await plain.close();
  });
});
