/** Work that strangers do for an introduction: as much as the card says, or as a relay asks for beyond it. */
import { usualRelayPolicy } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { createWorld, SimulatedPerson, SimulatedRelay } from './world.ts';

test.for([0, 6])('Alice reaches Bob, whose relay asks strangers for %i bits', async (stampBitsMin) => {
  const world = createWorld(`stamps ${stampBitsMin}`);
  const relay = new SimulatedRelay(world.node('relay'));
  relay.policy = { ...usualRelayPolicy, stampBitsMin };
  await relay.start();
  const [alice, bob] = [new SimulatedPerson(world, 'alice'), new SimulatedPerson(world, 'bob')];
  await alice.begin([relay]);
  await bob.begin([relay]);
  // Not straight to him: by his relay.
  world.partition(alice.node, bob.node);
  const { link } = await bob.wait(bob.client.invite({}));
  await world.clock.advance(5_000);
  await alice.wait(alice.client.acceptInvite(link));
  expect(await world.clock.runUntil(() => bob.client.contacts().length > 0, 600_000)).toBe(true);
  expect(bob.client.contacts()).toMatchObject([{ address: alice.address }]);
});
