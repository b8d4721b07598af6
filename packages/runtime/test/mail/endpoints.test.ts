import { expect, test } from 'vitest';
import { queueKeys } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';

test('somebody who names our relay with other addresses does not take it from us', async () => {
  const { clock, network, alice, bob, relay, route, bobHas } = await aliceAndBob('named elsewhere');
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(10), minute)).toBe(true);
  const { key } = relay.node.address;
  for (let port = 1; port <= 40; port += 1) {
    const peer = { key, endpoint: { host: 'nowhere', port } };
    alice.own(queueKeys(`of Mallory ${port}`), [peer]);
    bob.follow(queueKeys(`also of Mallory ${port}`), [peer]);
  }
  network.breakLinks(alice.node, relay.node);
  network.breakLinks(bob.node, relay.node);
  alice.send(route, 10);
  expect(await clock.runUntil(bobHas(20), 10 * minute)).toBe(true);
});

test('a relay that has moved is found at its new address', async () => {
  const { clock, network, alice, relay, keys, route, bobHas } = await aliceAndBob('moved');
  const { key } = relay.node.address;
  alice.own(keys, [{ key, endpoint: { host: 'yesterday', port: 1 } }]);
  network.breakLinks(alice.node, relay.node);
  alice.own(keys, [relay.node.address]);
  alice.send(route, 3);
  expect(await clock.runUntil(bobHas(3), 5 * minute)).toBe(true);
});
