// Walks over a DHT that is only a table: who knows whom, who answers, who lies.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesEqual } from '@mycelium/protocol';
import { nodeIds, type DhtReply, type UdpAddress } from '../../src/declarations/hyperdht.ts';
import { compareDistance } from '../../src/directory/distance.ts';
import { walk } from '../../src/directory/walk.ts';

const address = (number: number): UdpAddress => ({
  host: `203.0.113.${number & 255}`,
  port: 1_000 + (number >> 8),
});
const name = ({ host, port }: UdpAddress): string => `${host}:${port}`;
const idOf = ({ host, port }: UdpAddress): Uint8Array => nodeIds.id(host, port);

interface Answering {
  readonly closer: (target: Uint8Array) => readonly UdpAddress[];
  readonly isSilent?: boolean;
}

function byDistance(target: Uint8Array, nodes: readonly UdpAddress[]): readonly UdpAddress[] {
  return nodes.toSorted((left, right) => compareDistance(target, idOf(left), idOf(right)));
}

/** Nodes that all know the 20 closest to any target. */
function honestNodes(count: number): Map<string, Answering> {
  const nodes = Array.from({ length: count }, (_, number) => address(number));
  const closer = (target: Uint8Array): readonly UdpAddress[] => byDistance(target, nodes).slice(0, 20);
  return new Map(nodes.map((node) => [name(node), { closer }]));
}

function walkOver(world: ReadonlyMap<string, Answering>, target: Uint8Array, start: readonly UdpAddress[]) {
  const asked: string[] = [];
  const ask = (node: UdpAddress): Promise<DhtReply> => {
    asked.push(name(node));
    const answering = world.get(name(node));
    if (answering === undefined || answering.isSilent === true) return new Promise(() => undefined);
    const from = { ...node, id: idOf(node) };
    const value = new Uint8Array(2);
    return Promise.resolve({
      from,
      to: address(0),
      token: null,
      closerNodes: answering.closer(target),
      error: 0,
      value,
    });
  };
  const signal = new AbortController().signal;
  const answers = walk({ target, start, own: null, ask, isAnswer: () => true, signal });
  return { answers, asked };
}

test('finds the 20 closest of 500 nodes from three that it knows, asking each once', async () => {
  const world = honestNodes(500);
  const target = randomBytes(32);
  const { answers, asked } = walkOver(world, target, [address(1), address(2), address(3)]);
  const closest = byDistance(
    target,
    Array.from({ length: 500 }, (_, number) => address(number)),
  ).slice(0, 20);
  const found = (await answers).map(({ from }) => name(from));
  for (const node of closest) expect(found).toContain(name(node));
  expect(new Set(asked).size).toBe(asked.length);
});

test('answers come closest first', async () => {
  const target = randomBytes(32);
  const ids = (await walkOver(honestNodes(60), target, [address(1)]).answers).map(({ from }) => idOf(from));
  const sorted = ids.toSorted((left, right) => compareDistance(target, left, right));
  expect(ids.every((id, at) => bytesEqual(id, sorted[at] ?? new Uint8Array()))).toBe(true);
});

test('nodes that never answer cost a moment, not the walk', async () => {
  const world = honestNodes(40);
  for (const number of [0, 7, 14, 21, 28])
    world.set(name(address(number)), { closer: () => [], isSilent: true });
  const target = randomBytes(32);
  const began = performance.now();
  const { answers } = walkOver(world, target, [address(1), address(2), address(3)]);
  const found = (await answers).map(({ from }) => name(from));
  const nodes = Array.from({ length: 40 }, (_, number) => address(number));
  const answering = byDistance(target, nodes)
    .slice(0, 20)
    .filter((node) => world.get(name(node))?.isSilent !== true);
  for (const node of answering) expect(found).toContain(name(node));
  expect(performance.now() - began).toBeLessThan(4_000);
});

test('a node that names nodes without end does not make the walk endless', async () => {
  let made = 10_000;
  const lying: Answering = { closer: () => Array.from({ length: 20 }, () => address((made += 1))) };
  const world = { get: () => lying } as unknown as ReadonlyMap<string, Answering>;
  const { answers, asked } = walkOver(world, randomBytes(32), [address(1)]);
  await answers;
  expect(asked.length).toBeLessThanOrEqual(120);
});

test('a node on the internet cannot send us to the network around us', async () => {
  const near = [
    { host: '192.168.1.1', port: 80 },
    { host: '127.0.0.1', port: 22 },
  ];
  const world = new Map([[name(address(1)), { closer: () => near }]]);
  const { answers, asked } = walkOver(world, randomBytes(32), [address(1)]);
  expect(await answers).toHaveLength(1);
  expect(asked).toEqual([name(address(1))]);
});

test('liars on one path do not keep the others from the truth', async () => {
  const target = randomBytes(32);
  const world = honestNodes(200);
  const honest = Array.from({ length: 200 }, (_, number) => address(number));
  const liars = Array.from({ length: 20 }, (_, number) => address(60_000 + number));
  // Mallory's nodes name only each other.
  for (const liar of liars) world.set(name(liar), { closer: () => liars });
  const { answers } = walkOver(world, target, [...liars.slice(0, 1), address(1), address(2)]);
  const found = new Set((await answers).map(({ from }) => name(from)));
  for (const node of byDistance(target, honest).slice(0, 20)) expect(found).toContain(name(node));
});
