import { formatPeerAddress } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { relayAddress } from './post-office.ts';
import { Town, type Person } from './people.ts';

/** Alice and Bob, each with a device that can be dialled, are contacts. */
async function friends(): Promise<{ town: Town; alice: Person; bob: Person }> {
  const town = new Town();
  const [alice, bob] = [town.person('alice@example.com', [1]), town.person('bob@example.com', [2])];
  alice.addresses = [relayAddress(101)];
  bob.addresses = [relayAddress(102)];
  await alice.begin();
  await bob.begin();
  const { link } = await bob.during(bob.client.invite({}));
  await alice.during(alice.client.acceptInvite(link));
  await town.settle();
  return { town, alice, bob };
}

function reaches(one: Person, other: Person): boolean {
  const wanted = other.addresses.map(formatPeerAddress);
  return one.agent.ownedPeers.some((peer) => wanted.includes(formatPeerAddress(peer)));
}

test('direct is what contacts begin with: each is told where the other can be dialled', async () => {
  const { alice, bob } = await friends();
  expect(alice.client.contact('bob@example.com').policy).toBe('direct');
  expect([reaches(alice, bob), reaches(bob, alice)]).toEqual([true, true]);
});

test('relays only takes back where we are, and dials the contact no more; texts go on', async () => {
  const { town, alice, bob } = await friends();
  const changed = await alice.during(alice.client.setContactPolicy('bob@example.com', 'relays-only'));
  expect(changed.policy).toBe('relays-only');
  await town.settle();
  expect([reaches(alice, bob), reaches(bob, alice)]).toEqual([false, false]);
  await alice.send(bob, 'from somewhere');
  await bob.send(alice, 'wherever you are');
  await town.settle();
  for (const texts of [bob.texts(alice), alice.texts(bob)]) {
    expect(texts).toEqual(['from somewhere', 'wherever you are']);
  }
});

test('a new address is not told either, and direct again tells the newest', async () => {
  const { town, alice, bob } = await friends();
  await alice.during(alice.client.setContactPolicy('bob@example.com', 'relays-only'));
  await town.settle();
  alice.addresses = [relayAddress(103)];
  await alice.during(alice.client.moved());
  await town.settle();
  expect(reaches(bob, alice)).toBe(false);
  await alice.during(alice.client.setContactPolicy('bob@example.com', 'direct'));
  await town.settle();
  expect([reaches(alice, bob), reaches(bob, alice)]).toEqual([true, true]);
});

test('somebody on another network is found there at once', async () => {
  const { town, alice, bob } = await friends();
  alice.addresses = [relayAddress(104)];
  expect(reaches(bob, alice)).toBe(false);
  await alice.during(alice.client.moved());
  await town.settle();
  expect(reaches(bob, alice)).toBe(true);
});
