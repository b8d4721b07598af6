// A node that knew directory nodes finds them again without being told; one that never was told knows nobody.
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import { alicesAddress, bobsAddress, startPerson, startRelay } from './harness/people.ts';
import { World } from './harness/program.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const remembered = (node: TestNode): string => path.join(node.data, 'nodes.json');
const endpointOf = (address: string): string => address.slice(address.indexOf('@') + 1);

test('after a restart without --bootstrap Alice still finds Bob by his address', async () => {
  const relay = await startRelay(world);
  const shared = { bootstrap: [relay.address], relays: [relay.address] };
  const bob = await startPerson(world, bobsAddress, shared);
  const alice = await startPerson(world, alicesAddress, shared);
  // Both have spoken to the directory once this is done.
  await alice.one('contact', 'add', bobsAddress);
  await alice.one('contact', 'remove', bobsAddress);
  await alice.stop();
  expect(JSON.parse(readFileSync(remembered(alice), 'utf8'))).toEqual([endpointOf(relay.address)]);
  expect(statSync(remembered(alice)).mode & 0o777).toBe(0o600);

  alice.options = { relays: [relay.address] };
  await alice.start();
  expect(await alice.one('contact', 'add', bobsAddress)).toMatchObject({ state: 'pending', trust: 'pinned' });
  await Promise.all([alice.stop(), bob.stop()]);
});

test('a directory node that comes back joins the others again, and is one from its first moment', async () => {
  const first = await startRelay(world, 'directory');
  const second = new TestNode(world, 'second', { roles: 'directory', bootstrap: [first.address] });
  await second.start();
  await second.stop();
  expect(JSON.parse(readFileSync(remembered(second), 'utf8'))).toEqual([endpointOf(first.address)]);
  second.options = { roles: 'directory' };
  await second.start();
  expect(await second.one('status')).toMatchObject({ directoryNodes: 1 });
  await first.kill();
  await second.stop();
  // Alone with a dead node of last time, it starts all the same.
  await second.start();
});

test('who was never told of a node contacts none and remembers none', async () => {
  const alone = await startPerson(world, alicesAddress);
  expect(await alone.one('status')).toMatchObject({ directoryNodes: 0 });
  await alone.stop();
  expect(existsSync(remembered(alone))).toBe(false);
});
