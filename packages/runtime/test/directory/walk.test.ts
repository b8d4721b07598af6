// Walks over a DHT that is only tables: who knows whom, who answers, who lies.
import { expect, test } from 'vitest';
import { createPrimitives } from '@mycelium/node';
import { compareDistance, digestsRequest, directoryCommands, type NodeAddress } from '@mycelium/protocol';
import {
  createSeededRandomness,
  createVirtualClock,
  DirectoryWorld,
  type Behaviour,
} from '@mycelium/simulation';
import type { NodeReply } from '../../src/index.ts';
import { walk, type Walked } from '../../src/directory/walk.ts';
import { closestOf } from '../../src/directory/walk-path.ts';

const primitives = createPrimitives();
const randomness = createSeededRandomness('walks');
const name = ({ host, port }: NodeAddress): string => `${host}:${port}`;

function someNodes(count: number) {
  const clock = createVirtualClock();
  const world = new DirectoryWorld({
    count,
    clock,
    primitives,
    randomness,
    roundTripMs: [5, 50],
    lossRate: 0,
    staleMs: 0,
  });
  return { clock, world };
}

type Some = ReturnType<typeof someNodes>;

async function walkOver({ clock, world }: Some, target: Uint8Array, start: readonly NodeAddress[]) {
  const nodes = world.seenBy(start);
  const asked: string[] = [];
  const ask = (node: NodeAddress): Promise<NodeReply> => {
    asked.push(name(node));
    return nodes.ask(node, { command: directoryCommands.digests, target, value: digestsRequest });
  };
  const signal = new AbortController().signal;
  let walked: Walked | undefined;
  void walk({ target, nodes, clock, ask, isAnswer: () => true, signal }).then((done) => (walked = done));
  const beganMs = clock.monotonicMs();
  expect(await clock.runUntil(() => walked !== undefined, 5_000)).toBe(true);
  return {
    found: (walked?.answers ?? []).map(({ from }) => name(from)),
    asked,
    tookMs: clock.monotonicMs() - beganMs,
  };
}

const silent: Behaviour = () => undefined;
const naming =
  (named: () => readonly NodeAddress[]): Behaviour =>
  (_node, _question, honest) => {
    const reply = honest();
    return reply === undefined ? undefined : { ...reply, closerNodes: named() };
  };

test('finds the 20 closest of 500 nodes from three that it knows, asking each once', async () => {
  const some = someNodes(500);
  const target = randomness.bytes(32);
  const { asked, found } = await walkOver(some, target, some.world.nodes.slice(0, 3));
  for (const node of some.world.closest(target, 20)) expect(found).toContain(name(node));
  expect(new Set(asked).size).toBe(asked.length);
});

test('answers come closest first', async () => {
  const some = someNodes(60);
  const target = randomness.bytes(32);
  const { found } = await walkOver(some, target, some.world.nodes.slice(0, 1));
  const sorted = some.world.closest(target, 60).map(name);
  expect(found.length).toBeGreaterThanOrEqual(20);
  expect(found).toEqual(sorted.filter((node) => found.includes(node)));
});

test('nodes that never answer cost a moment, not the walk', async () => {
  const some = someNodes(40);
  for (const number of [0, 7, 14, 21, 28]) some.world.nodes[number]!.behaviour = silent;
  const target = randomness.bytes(32);
  const { found, tookMs } = await walkOver(some, target, some.world.nodes.slice(1, 4));
  const answering = some.world.closest(target, 20).filter((node) => node.behaviour === undefined);
  for (const node of answering) expect(found).toContain(name(node));
  expect(tookMs).toBeLessThan(2_000);
});

test('a node that names nodes without end does not make the walk endless', async () => {
  const some = someNodes(5);
  let made = 0;
  const next = (): NodeAddress => ({ host: `130.${(made += 1) >> 8}.${made & 255}.1`, port: 1 });
  some.world.nodes[0]!.behaviour = naming(() => Array.from({ length: 20 }, next));
  const { asked } = await walkOver(some, randomness.bytes(32), some.world.nodes.slice(0, 1));
  expect(asked.length).toBeLessThanOrEqual(120);
});

test('a node on the internet cannot send us to the network around us', async () => {
  const some = someNodes(1);
  const near = [
    { host: '192.168.1.1', port: 80 },
    { host: '127.0.0.1', port: 22 },
  ];
  some.world.nodes[0]!.behaviour = naming(() => near);
  const { asked } = await walkOver(some, randomness.bytes(32), some.world.nodes);
  expect(asked).toEqual(some.world.nodes.map(name));
});

test('liars on one path do not keep the others from the truth', async () => {
  const some = someNodes(200);
  const liars = some.world.nodes.slice(0, 20);
  for (const liar of liars) liar.behaviour = naming(() => liars);
  const target = randomness.bytes(32);
  const [liar, ...honest] = [...some.world.nodes.slice(0, 1), ...some.world.nodes.slice(20, 22)];
  const { found } = await walkOver(some, target, [liar!, ...honest]);
  const closest = some.world.closest(target, 20).filter((node) => node.behaviour === undefined);
  for (const node of closest) expect(found).toContain(name(node));
});

test('somebody with one address and all of its ports is at most two of the closest', () => {
  const target = randomness.bytes(32);
  const { world } = someNodes(40);
  const mallory = Array.from({ length: 200 }, (_, port) => ({ host: '130.1.2.3', port: 1 + port }));
  const nodes = world.seenBy([]);
  const all = [...mallory, ...world.nodes].toSorted((left, right) =>
    compareDistance(target, nodes.idOf(left), nodes.idOf(right)),
  );
  const closest = closestOf(all, (node) => node);
  expect(closest).toHaveLength(20);
  expect(closest.filter(({ host }) => host === '130.1.2.3').length).toBeLessThanOrEqual(2);
});

test('local nodes are not counted by network: they are few and one’s own', () => {
  const nodes = Array.from({ length: 30 }, (_, port) => ({ host: '127.0.0.1', port: 1 + port }));
  expect(closestOf(nodes, (node) => node)).toHaveLength(20);
});
