// The API over WebSocket at a real node, spoken to by a WebSocket that is not ours.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createApiCaller } from '@mycelium/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import { startPerson } from './harness/people.ts';
import { World } from './harness/program.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

test('up --api-port says where, and a program drives the node over it', async () => {
  const alice = await startPerson(world, 'alice@example.com', { roles: 'user,relay', apiPort: 0 });
  expect(alice.websocket).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  expect(await alice.one('status')).toMatchObject({ websocket: alice.websocket });

  const socket = new WebSocket(alice.websocket ?? '');
  const api = createApiCaller((line) => socket.send(line));
  socket.addEventListener('message', ({ data }) => api.received(String(data)));
  await new Promise((resolve) => {
    socket.addEventListener('open', resolve);
  });
  await api.call('session.open', { token: readFileSync(path.join(alice.data, 'api.token'), 'utf8').trim() });
  const invite = await api.call('invites.create', { label: 'over the web' });
  expect(invite.link).toContain('mycelium');
  await api.call('node.stop', {});
  expect(await alice.up?.stop()).toBe(0);
});

test('a node without --api-port has no such thing', async () => {
  const node = await new TestNode(world, 'plain').start();
  expect(node.websocket).toBeUndefined();
  expect(await node.one('status')).not.toHaveProperty('websocket');
});
