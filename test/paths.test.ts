// Paths between real nodes: which one is used, and what happens when it dies.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lab, namespacesMissing, nftablesMissing } from './harness/namespaces.ts';
import type { TestNode } from './harness/node.ts';
import {
  alicesAddress,
  befriend,
  befriended,
  bobsAddress,
  messages,
  startPerson,
  startRelay,
} from './harness/people.ts';
import { World, type Json } from './harness/program.ts';

let world: World;
let lab: Lab | undefined;
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  await world.end();
  lab?.end();
  lab = undefined;
});

interface PeerLine {
  readonly address: string;
  readonly direction: string;
  readonly contact?: string;
  readonly path?: string;
  readonly note: string;
  readonly paths: readonly Json[];
}

/** Links that the node dialled. */
async function peersOf(node: TestNode): Promise<readonly PeerLine[]> {
  const status = await node.one('status');
  return (status['peers'] as readonly PeerLine[]).filter(({ direction }) => direction === 'out');
}

async function peerAt(node: TestNode, address: string): Promise<PeerLine | undefined> {
  const key = address.slice(0, address.indexOf('@'));
  return (await peersOf(node)).find((peer) => peer.address.startsWith(key));
}

function numbered(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${name} ${at + 1}`);
}

async function say(node: TestNode, to: string, texts: readonly string[]): Promise<void> {
  for (const text of texts) await node.one('send', to, text);
}

/** A relay in the hub that listens for TCP, UDP and WebSockets; its addresses as Alice and as Bob see them. */
async function hubRelay(wires: readonly { readonly hub: string }[]): Promise<readonly (readonly string[])[]> {
  const options = { ...lab?.on('hub'), listen: ['0.0.0.0:4410'], args: ['--websocket', '0.0.0.0:4443'] };
  const relay = await startRelay(world, 'relay', options);
  const key = relay.address.slice(0, relay.address.indexOf('@'));
  return wires.map(({ hub }) => [`${key}@${hub}:4410`, `${key}@ws://${hub}:4443`]);
}

test('on one machine they meet at a socket, directly, and status says so in words', async () => {
  const { alice, bob, relay } = await befriended(world);
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'next door', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toBob, 1)).toEqual(['next door']);
  expect(await peersOf(alice)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ contact: bobsAddress, path: 'unix', note: 'the first path that answered' }),
      expect.objectContaining({ address: relay.address, path: 'unix' }),
    ]),
  );
  const told = await alice.tell('status');
  expect(told.stdout).toMatch(
    new RegExp(`peer out {6}.* \\(${bobsAddress}\\)\\n +connected over unix, .* ms: the first path`),
  );
});

test('on a network without a way out they find each other by mDNS, though all their addresses are others', async (context) => {
  const missing = namespacesMissing();
  if (missing !== undefined) return context.skip(missing);
  lab = new Lab(world);
  lab.lan('alice', 'bob');
  const everywhere = { roles: 'user,relay', listen: ['0.0.0.0:4410'] };
  const alice = await startPerson(world, alicesAddress, { ...lab.on('alice'), ...everywhere });
  const bob = await startPerson(world, bobsAddress, { ...lab.on('bob'), ...everywhere });
  await befriend(alice, bob);
  await Promise.all([alice.stop(), bob.stop()]);
  lab.readdress('alice', 'lan0', '10.99.0.7/24');
  lab.readdress('bob', 'lan0', '10.99.0.8/24');
  await Promise.all([alice.start(), bob.start()]);
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'no internet', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toBob, 1)).toEqual(['no internet']);
  const peer = (await peersOf(alice)).find(({ contact }) => contact === bobsAddress);
  expect(peer).toMatchObject({ path: 'tcp' });
  expect(peer?.paths).toContainEqual(expect.objectContaining({ at: '10.99.0.8:4410', state: 'used' }));
});

test('where only a WebSocket gets through, the relay is reached by it', async (context) => {
  const missing = nftablesMissing();
  if (missing !== undefined) return context.skip(missing);
  lab = new Lab(world);
  const wires = [lab.machine('alice'), lab.machine('bob')];
  lab.drop('alice', 'meta l4proto udp', 'tcp dport != 4443');
  const [hers = [], his = []] = await hubRelay(wires);
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, { ...lab.on('alice'), listen: ['127.0.0.1:0'], relays: hers }),
    startPerson(world, bobsAddress, { ...lab.on('bob'), listen: ['127.0.0.1:0'], relays: his }),
  ]);
  // Her card is at the relay once her node reaches it.
  await expect.poll(async () => (await peerAt(alice, hers[0] ?? ''))?.path).toBe('websocket');
  await befriend(alice, bob);
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'through the hole', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toBob, 1)).toEqual(['through the hole']);
  expect(await peerAt(alice, hers[0] ?? '')).toMatchObject({ path: 'websocket' });
});

test('a path that dies in the middle of a conversation is left for another: all is there once, in order', async (context) => {
  const missing = nftablesMissing();
  if (missing !== undefined) return context.skip(missing);
  lab = new Lab(world);
  const wires = [lab.machine('alice'), lab.machine('bob')];
  const [hers = [], his = []] = await hubRelay(wires);
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, { ...lab.on('alice'), listen: ['127.0.0.1:0'], relays: hers }),
    startPerson(world, bobsAddress, { ...lab.on('bob'), listen: ['127.0.0.1:0'], relays: his }),
  ]);
  await befriend(alice, bob);
  const toBob = bob.listen(0);
  const [before, after] = [numbered('before', 5), numbered('after', 5)];
  await say(alice, bobsAddress, before);
  expect(await messages(toBob, 5)).toEqual(before);
  expect(await peerAt(alice, hers[0] ?? '')).toMatchObject({ path: 'tcp' });
  // Not a word to either end: TCP would go on for minutes.
  lab.drop('alice', 'tcp dport 4410', 'udp dport 4410');
  await say(alice, bobsAddress, after);
  expect(await messages(toBob, 10)).toEqual([...before, ...after]);
  const now = await peerAt(alice, hers[0] ?? '');
  expect(now?.path).toBe('websocket');
  expect(now?.note).toMatch(/^took over when .* went silent$/);
});

test('who gets another address in the middle of a conversation goes on, and is told of at the new one', async (context) => {
  const missing = namespacesMissing();
  if (missing !== undefined) return context.skip(missing);
  lab = new Lab(world);
  const wires = [lab.machine('alice'), lab.machine('bob')];
  const [hers = [], his = []] = await hubRelay(wires);
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, { ...lab.on('alice'), listen: ['0.0.0.0:4410'], relays: hers }),
    startPerson(world, bobsAddress, { ...lab.on('bob'), listen: ['0.0.0.0:4410'], relays: his }),
  ]);
  await befriend(alice, bob);
  const toBob = bob.listen(0);
  const [before, after] = [numbered('before', 3), numbered('after', 3)];
  await say(alice, bobsAddress, before);
  expect(await messages(toBob, 3)).toEqual(before);
  // No way leads from one to the other but through the relay, which joins their links.
  await expect
    .poll(async () => (await peersOf(alice)).find(({ contact }) => contact === bobsAddress)?.path)
    .toBe('relayed');
  lab.readdress('bob', lab.cardOf('bob'), '10.77.2.99/24');
  await say(alice, bobsAddress, after);
  expect(await messages(toBob, 6)).toEqual([...before, ...after]);
  await bob.one('send', alicesAddress, 'from my new place', '--wait', 'delivered', '--timeout', '120');
  await expect
    .poll(async () => (await peersOf(alice)).find(({ contact }) => contact === bobsAddress)?.paths)
    .toContainEqual(expect.objectContaining({ at: '10.77.2.99:4410' }));
});
