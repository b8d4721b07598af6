// The directory through a relay (spec/mail.md, "Directory"): who may ask what, and how often; what is kept while owners are away.
import { encodeLookUp, encodePublish, type Found } from '@mycelium/protocol';
import { ClaimKeeper, DirectoryDesk, type DirectoryNetwork } from '@mycelium/runtime';
import { createSeededRandomness, type VirtualClock } from '@mycelium/simulation';
import { expect, test, vi } from 'vitest';
import { queueOf, requestIdOf } from '../../../protocol/test/mail/members.ts';
import { primitives, recordFor } from '../directory/records.ts';
import { createScene, type Client } from './scene.ts';

vi.setConfig({ testTimeout: 60_000 });

const randomness = createSeededRandomness('desk');
const hourMs = 3_600_000;

class FakeDirectory implements DirectoryNetwork {
  records: Uint8Array[] = [];
  readonly published: Uint8Array[] = [];
  lookUps = 0;
  /** Undefined: answers at once. */
  held: Promise<void> | undefined;
  nodes = 7;

  async publish(_locator: Uint8Array, record: Uint8Array): ReturnType<DirectoryNetwork['publish']> {
    this.published.push(record);
    return { accepted: 5, refused: ['crowded'] };
  }

  async lookUp(): Promise<readonly Uint8Array[]> {
    this.lookUps += 1;
    await this.held;
    return this.records;
  }

  nodesKnown(): number {
    return this.nodes;
  }
}

function deskScene() {
  const directory = new FakeDirectory();
  let keeper: ClaimKeeper | undefined;
  const desk = (clock: VirtualClock): DirectoryDesk => {
    keeper = new ClaimKeeper({ clock, primitives, directory });
    return new DirectoryDesk({ clock, primitives, keeper, directory });
  };
  const scene = createScene({ desk });
  if (keeper === undefined) throw new Error('a keeper');
  return { scene, directory, keeper };
}

const alices = queueOf(1);
const foundOf = (client: Client): readonly Found[] =>
  client.items
    .splice(0)
    .flatMap((item) => (item.kind === 'control' && item.control.kind === 'found' ? [item.control] : []));

test('a look-up is answered with all sound records, cut into frames', async () => {
  const { scene, directory } = deskScene();
  const bob = scene.connect('Bob');
  const nowMs = scene.clock.nowMs();
  const locator = randomness.bytes(32);
  directory.records = Array.from({ length: 6 }, () => recordFor(randomness, nowMs, locator));
  bob.send(encodeLookUp({ requestId: requestIdOf(1), locator }));
  await scene.settle();
  const found = foundOf(bob);
  expect(found.map(({ more, nodes, records }) => [more, nodes, records.length])).toEqual([
    [true, 7, 4],
    [false, 7, 2],
  ]);
  expect(found.flatMap(({ records }) => records.map((record) => record.join()))).toEqual(
    directory.records.map((record) => record.join()),
  );
});

test('what is of another locator, forged or expired is not passed on, and never more than sixteen', async () => {
  const { scene, directory } = deskScene();
  const bob = scene.connect('Bob');
  const nowMs = scene.clock.nowMs();
  const locator = randomness.bytes(32);
  const forged = recordFor(randomness, nowMs, locator);
  forged[999] = (forged[999] ?? 0) ^ 1;
  const sound = Array.from({ length: 20 }, () => recordFor(randomness, nowMs, locator));
  directory.records = [
    recordFor(randomness, nowMs),
    forged,
    recordFor(randomness, nowMs - 2 * hourMs, locator),
    ...sound,
  ];
  bob.send(encodeLookUp({ requestId: requestIdOf(1), locator }));
  await scene.settle();
  const records = foundOf(bob).flatMap((found) => found.records);
  expect(records.map((record) => record.join())).toEqual(sound.slice(0, 16).map((record) => record.join()));
});

test('one connection walks eight times at once, and sixty times in a row', async () => {
  const { scene, directory } = deskScene();
  const bob = scene.connect('Bob');
  const go = Promise.withResolvers<undefined>();
  directory.held = go.promise;
  const ask = (number: number): void =>
    bob.send(encodeLookUp({ requestId: requestIdOf(number), locator: randomness.bytes(32) }));
  for (let number = 0; number < 9; number += 1) ask(number);
  await scene.settle();
  expect(bob.heard()).toBe('error limit');
  go.resolve(undefined);
  await scene.settle();
  expect(bob.heard().split(', ')).toEqual(Array.from({ length: 8 }, () => 'found'));
  for (let number = 9; number < 70; number += 1) {
    ask(number);
    await scene.settle();
  }
  const heard = bob.heard().split(', ');
  expect(heard.filter((word) => word === 'found')).toHaveLength(52);
  expect(heard.filter((word) => word === 'error rate')).toHaveLength(9);
  expect(directory.lookUps).toBe(60);
});

test('all connections of one source have one allowance', async () => {
  const { scene, directory } = deskScene();
  for (const name of 'abcdefg') {
    const client = scene.connect(name, '203.0.113.5');
    for (let number = 0; number < 50; number += 1) {
      client.send(encodeLookUp({ requestId: requestIdOf(number), locator: randomness.bytes(32) }));
      await scene.settle();
    }
  }
  expect(directory.lookUps).toBe(240);
});

test('a relay without a directory looks nothing up', async () => {
  const scene = createScene();
  const bob = scene.connect('Bob');
  bob.send(encodeLookUp({ requestId: requestIdOf(1), locator: randomness.bytes(32) }));
  await scene.settle();
  expect(bob.heard()).toBe('error not-authorized');
});

test('only the owner of a queue has records published', async () => {
  const { scene, directory, keeper } = deskScene();
  const [alice, mallory] = [scene.connect('Alice'), scene.connect('Mallory')];
  const record = recordFor(randomness, scene.clock.nowMs());
  const { route } = alices;
  const publish = encodePublish({ route, requestId: requestIdOf(1), now: true, record });
  mallory.send(publish);
  await scene.settle();
  expect(mallory.heard()).toBe('error not-authorized');
  expect(keeper.table.size).toBe(0);
  alice.open(alices, 'owner');
  await scene.settle();
  alice.heard();
  alice.send(publish);
  await scene.settle();
  expect(foundOf(alice)).toMatchObject([{ accepted: 5, outcome: 'crowded', nodes: 7, records: [] }]);
  expect(directory.published.map((bytes) => bytes.join())).toEqual([record.join()]);
});

test('a queue has six records, and a forged one is none of them', async () => {
  const { scene, keeper } = deskScene();
  const alice = scene.connect('Alice');
  alice.open(alices, 'owner');
  await scene.settle();
  alice.heard();
  const nowMs = scene.clock.nowMs();
  const forged = recordFor(randomness, nowMs);
  forged[500] = (forged[500] ?? 0) ^ 1;
  const records = [forged, ...Array.from({ length: 7 }, () => recordFor(randomness, nowMs))];
  for (const [number, record] of records.entries()) {
    alice.send(encodePublish({ route: alices.route, requestId: requestIdOf(number), now: false, record }));
    await scene.settle();
  }
  const outcomes = foundOf(alice).map(({ outcome }) => outcome);
  expect(outcomes.slice(1)).toEqual(['kept', 'kept', 'kept', 'kept', 'kept', 'kept', 'quota']);
  expect(['work', 'signature']).toContain(outcomes[0]);
  expect(keeper.table.size).toBe(6);
});

test('while the owner is away the relay publishes again until the record expires', async () => {
  const { scene, directory, keeper } = deskScene();
  keeper.start();
  const nowMs = scene.clock.nowMs();
  const record = recordFor(randomness, nowMs, randomness.bytes(32), 12 * hourMs);
  expect(keeper.keep(record, 'queue').ok).toBe(true);
  await scene.clock.advance(4 * hourMs);
  expect(directory.published).toHaveLength(0);
  await scene.clock.advance(2 * hourMs);
  expect(directory.published.map((bytes) => bytes.join())).toEqual([record.join()]);
  await scene.clock.advance(20 * hourMs);
  expect(directory.published).toHaveLength(2);
  expect(keeper.table.size).toBe(0);
  keeper.stop();
});

test('a relay that was restarted publishes what it read back, once it knows nodes', async () => {
  const { scene, directory, keeper } = deskScene();
  directory.nodes = 0;
  keeper.table.put(
    recordFor(randomness, scene.clock.nowMs(), undefined, 12 * hourMs),
    'queue',
    scene.clock.nowMs(),
  );
  keeper.start();
  await scene.clock.advance(hourMs);
  expect(directory.published).toHaveLength(0);
  directory.nodes = 3;
  await scene.clock.advance(hourMs);
  expect(directory.published).toHaveLength(1);
  keeper.stop();
});
