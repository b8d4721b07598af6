// Somebody without UDP, or without a directory node to ask: the directory through the own relay, over a WebSocket.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestNode, type NodeOptions } from './harness/node.ts';
import { accepted, alicesAddress, bobsAddress, messages, startPerson, startRelay } from './harness/people.ts';
import { World } from './harness/program.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** Nodes on one machine meet at sockets in the runtime folder: each of these has a folder of its own. */
function apart(name: string, options: NodeOptions = {}): NodeOptions {
  const runtime = path.join(world.folder, `run-${name}`);
  mkdirSync(runtime, { mode: 0o700 });
  return { ...options, env: { XDG_RUNTIME_DIR: runtime } };
}

const webSocketOf = (relay: TestNode): string =>
  relay.addresses.find((address) => address.includes('@ws://')) ?? '';

/** Asks until the node says that its claim is with directory nodes; the test's time is the end of that. */
async function published(node: TestNode): Promise<string> {
  for (;;) {
    const { published: claim } = (await node.one('status')) as { published: { at?: string; note: string } };
    if (claim.at !== undefined) return claim.note;
  }
}

test('Alice and Bob know nothing but a WebSocket relay, and Bob finds Alice by her address', async () => {
  const directory = await new TestNode(
    world,
    'directory',
    apart('directory', { roles: 'directory' }),
  ).start();
  const args = ['--websocket', '127.0.0.1:0'];
  const relay = await startRelay(
    world,
    'relay',
    apart('relay', { args, bootstrap: [directory.address.split('@')[1] ?? ''] }),
  );
  const relays = [webSocketOf(relay)];
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, apart('alice', { relays })),
    startPerson(world, bobsAddress, apart('bob', { relays })),
  ]);
  expect(await published(alice)).toBe('at 1 directory nodes');
  const toAlice = alice.listen(0);
  expect(await bob.one('contact', 'add', alicesAddress)).toMatchObject({ address: alicesAddress });
  await toAlice.until('a request', (lines) => lines.find((line) => line['event'] === 'request'));
  await alice.one('contact', 'accept', bobsAddress);
  await accepted(bob, alicesAddress);
  await bob.one('send', alicesAddress, 'found you', '--wait', 'delivered', '--timeout', '60');
  expect(await messages(toAlice, 1)).toEqual(['found you']);
});
