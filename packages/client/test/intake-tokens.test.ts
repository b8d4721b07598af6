/** Who has an invite needs no stamp (spec/mail-clients.md, "Intake"): at relays that ask for more work than anybody does. */
import { stampDifficultyMax } from '@mycelium/protocol';
import { usualRelayPolicy } from '@mycelium/runtime';
import type { SimulatedNetwork } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { createWorld, SimulatedPerson, SimulatedRelay } from './world.ts';

interface Town {
  readonly world: SimulatedNetwork;
  readonly alicesRelay: SimulatedRelay;
  readonly bobsRelay: SimulatedRelay;
  readonly alice: SimulatedPerson;
  readonly bob: SimulatedPerson;
}

/** Alice and Bob reach each other by their relays only. */
async function town(
  seed: string,
  options: { readonly stampBitsMin: number; readonly takesTokens?: boolean },
): Promise<Town> {
  const world = createWorld(seed);
  const { stampBitsMin, takesTokens = true } = options;
  const relays = ['relay-a', 'relay-b'].map((name) => new SimulatedRelay(world.node(name)));
  for (const relay of relays) {
    relay.policy = { ...usualRelayPolicy, stampBitsMin };
    relay.takesTokens = takesTokens;
    await relay.start();
  }
  const [alicesRelay, bobsRelay] = relays;
  if (alicesRelay === undefined || bobsRelay === undefined) throw new Error('there are two');
  const [alice, bob] = [new SimulatedPerson(world, 'alice'), new SimulatedPerson(world, 'bob')];
  await alice.begin([alicesRelay]);
  await bob.begin([bobsRelay]);
  world.partition(alice.node, bob.node);
  return { world, alicesRelay, bobsRelay, alice, bob };
}

const isFriends = ({ alice, bob }: Town): boolean =>
  [alice, bob].every(({ client }) => client.contacts()[0]?.state === 'accepted');

test('Alice uses an invite of Bob’s, and he answers, without a stamp', async () => {
  const all = await town('by token', { stampBitsMin: stampDifficultyMax });
  const { world, alice, bob } = all;
  const { link } = await bob.wait(bob.client.invite({}));
  await world.clock.advance(5_000);
  await alice.wait(alice.client.acceptInvite(link));
  expect(await world.clock.runUntil(() => isFriends(all), 600_000)).toBe(true);
  await world.clock.advance(10_000);
  for (const { strangers } of [all.alicesRelay, all.bobsRelay]) {
    expect(strangers).toContain('token ok');
    expect(strangers.filter((word) => word !== 'token ok')).toEqual([]);
  }
  expect(bob.client.invites()).toMatchObject([
    { state: 'used-up', used: 1, guests: [{ address: alice.address }] },
  ]);
});

test('the invite works while Bob is away and his relay has started again', async () => {
  const all = await town('away', { stampBitsMin: stampDifficultyMax });
  const { world, alice, bob, bobsRelay } = all;
  const { link } = await bob.wait(bob.client.invite({ uses: 2 }));
  await world.clock.advance(5_000);
  bob.crash();
  bobsRelay.crash();
  await bobsRelay.restart();
  await alice.wait(alice.client.acceptInvite(link));
  expect(await world.clock.runUntil(() => bobsRelay.strangers.length > 0, 600_000)).toBe(true);
  await world.clock.advance(30_000);
  expect(new Set(bobsRelay.strangers)).toEqual(new Set(['token ok']));
  await bob.restart();
  expect(await world.clock.runUntil(() => isFriends(all), 600_000)).toBe(true);
});

test('where a relay knows no tokens, stamps go as before', async () => {
  const all = await town('old relay', { stampBitsMin: 6, takesTokens: false });
  const { link } = await all.bob.wait(all.bob.client.invite({}));
  await all.world.clock.advance(5_000);
  await all.alice.wait(all.alice.client.acceptInvite(link));
  expect(await all.world.clock.runUntil(() => isFriends(all), 600_000)).toBe(true);
  expect(all.bobsRelay.strangers).toContain('intake ok');
  expect(all.bobsRelay.strangers.filter((word) => word.startsWith('token'))).toEqual([]);
});

test('an invite that Bob has taken back lets nothing in; with a stamp Alice can still ask', async () => {
  const all = await town('revoked', { stampBitsMin: 4 });
  const { world, alice, bob, bobsRelay } = all;
  const { link, id } = await bob.wait(bob.client.invite({ uses: 5, label: 'flat mates' }));
  await world.clock.advance(5_000);
  expect(await bob.wait(bob.client.revokeInvite(id.slice(0, 6)))).toMatchObject({ state: 'revoked' });
  await world.clock.advance(5_000);
  await alice.wait(alice.client.acceptInvite(link));
  expect(await world.clock.runUntil(() => bob.client.contacts().length > 0, 600_000)).toBe(true);
  expect(bob.client.contacts()).toMatchObject([{ address: alice.address, state: 'request' }]);
  expect(bobsRelay.strangers).toContain('token token');
  expect(bobsRelay.strangers).not.toContain('token ok');
  expect(bob.client.invites()).toMatchObject([{ used: 0, guests: [] }]);
});
