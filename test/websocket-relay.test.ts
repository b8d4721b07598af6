// A relay that is reached by WebSocket alone.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeOptions } from './harness/node.ts';
import { alicesAddress, befriend, bobsAddress, messages, startPerson, startRelay } from './harness/people.ts';
import { World } from './harness/program.ts';

const tls = path.join(import.meta.dirname, '../packages/node/test/links/tls');
const certificate = ['--certificate', path.join(tls, 'certificate.pem'), '--key', path.join(tls, 'key.pem')];

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

test('two people whose relay is a WebSocket inside TLS talk', async () => {
  const args = ['--websocket', '127.0.0.1:0', ...certificate];
  const relay = await startRelay(world, 'relay', apart('relay', { args }));
  const webSocket = relay.addresses.find((address) => address.includes('@wss://')) ?? '';
  const relays = [webSocket];
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, apart('alice', { relays })),
    startPerson(world, bobsAddress, apart('bob', { relays })),
  ]);
  await befriend(alice, bob);
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'through TLS', '--wait', 'delivered', '--timeout', '120');
  expect(await messages(toBob, 1)).toEqual(['through TLS']);
  const status = await alice.one('status');
  expect(status['peers']).toContainEqual(
    expect.objectContaining({ address: webSocket, state: 'connected', path: 'websocket' }),
  );
});

test.for([
  [['--websocket', '127.0.0.1:0', '--certificate', 'nowhere.pem', '--key', 'nowhere.pem'], 1, 'certificate'],
  [['--websocket', '127.0.0.1:0', '--certificate', certificate[1] ?? ''], 2, 'usage'],
  [
    ['--websocket', '127.0.0.1:0', '--certificate', certificate[1] ?? '', '--key', certificate[1] ?? ''],
    1,
    'certificate',
  ],
  [['--websocket', 'here'], 2, 'usage'],
  [certificate, 2, 'usage'],
] as const)('%s is a sentence', async ([args, code, word]) => {
  const [first = '', ...rest] = ['up', '--roles', 'relay', '--data', path.join(world.folder, 'x'), ...args];
  const stream = world.stream([first, '--json', ...rest]);
  await stream.until('an error', (lines) =>
    lines.find((line) => (line['error'] as { code?: string })?.code === word),
  );
  expect(await stream.end()).toBe(code);
});
