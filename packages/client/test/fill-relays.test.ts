import { formatPeerAddress } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { contacts, type Person } from './people.ts';
import { relayAddress } from './post-office.ts';

const minute = 60_000;

const addressOf = (relay: number): string => formatPeerAddress(relayAddress(relay));

/** The account's relays by number, as the person has them. */
function relaysOf(person: Person): readonly number[] {
  const numbers = new Map([1, 2, 3, 4, 5].map((number) => [addressOf(number), number]));
  return (person.client.account()?.relays ?? []).map((address) => numbers.get(address) ?? 0);
}

test('With one relay named, the relay of a contact and a node of the configuration fill up to three, when they have proved themselves', async () => {
  const { town, alice, bob } = await contacts([[1], [2]]);
  await alice.during(alice.client.offerRelays([addressOf(3)]));
  expect(relaysOf(alice)).toEqual([1]);
  await town.clock.advance(5 * minute);
  expect(relaysOf(alice)).toEqual([1]);
  await town.clock.advance(10 * minute);
  await town.settle();
  expect(new Set(relaysOf(alice))).toEqual(new Set([1, 2, 3]));
  expect(relaysOf(alice)).toHaveLength(3);
  expect(relaysOf(alice)[0]).toBe(1);
  // Bob has heard of hers, and one of them is enough of her.
  expect(relaysOf(bob)).toHaveLength(2);
  await alice.send(bob, 'still here');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['still here']);
  expect(alice.states(bob)).toEqual(['delivered']);
});

test('Two contacts whose relays fill each other up come to rest, and their logs stop growing', async () => {
  const { town, alice, bob } = await contacts([[1], [2]]);
  await town.clock.advance(60 * minute);
  await town.settle();
  const published = [alice, bob].map((person) => person.client.account()?.relays);
  const events = [alice, bob].map(({ events: seen }) => seen.length);
  await town.clock.advance(24 * 60 * minute);
  await town.settle();
  expect([alice, bob].map((person) => person.client.account()?.relays)).toEqual(published);
  expect([alice, bob].map(({ events: seen }) => seen.length)).toEqual(events);
});

test('A relay that the person took away does not come back by itself, though a contact has it', async () => {
  const { town, alice } = await contacts([[1], [2]]);
  await town.clock.advance(15 * minute);
  expect(relaysOf(alice)).toEqual([1, 2]);
  await alice.during(alice.client.setRelays([addressOf(1), addressOf(2)]));
  await alice.during(alice.client.setRelays([addressOf(1)]));
  expect(relaysOf(alice)).toEqual([1]);
  await town.clock.advance(60 * minute);
  expect(relaysOf(alice)).toEqual([1]);
});

test('Status says of each relay who named it and how it does', async () => {
  const { town, alice } = await contacts([[1, 4], [2]]);
  await town.clock.advance(15 * minute);
  town.office.offline.add(4);
  await town.clock.advance(3 * minute);
  const { relays } = alice.client.status();
  expect(relays.map(({ address, use, state, named }) => [address, use, state, named])).toEqual([
    [addressOf(1), 'account', 'there', true],
    [addressOf(4), 'account', 'away', true],
    [addressOf(2), 'account', 'there', false],
  ]);
  expect(relays[0]).toMatchObject({ rttMs: 20, loadPercent: 0, note: 'named by you' });
  expect(relays[1]?.note).toContain('others stand in');
  expect(relays[2]?.note).toBe('a relay of bob@example.com');
});
