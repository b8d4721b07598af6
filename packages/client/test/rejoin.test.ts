/** A device that begins anew with a contact who goes on: removed and added again, blocked and accepted again. */
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, type Person, type Town } from './people.ts';

/** Long enough for a contact to see that a new feed confirms nothing of theirs. */
async function rejoin(town: Town): Promise<void> {
  await town.settle();
  await town.clock.advance(30_000);
  await town.settle();
}

async function talk(town: Town, alice: Person, bob: Person): Promise<void> {
  await alice.send(bob, 'old one');
  await town.settle();
  await bob.send(alice, 'old two');
  await town.settle();
  await bob.send(alice, 'old three');
  await town.settle();
}

const old = ['old one', 'old two', 'old three'];

/** Texts go both ways and are confirmed, below everything that was said before. */
async function bothWays(town: Town, alice: Person, bob: Person): Promise<void> {
  const [hers, his] = [alice.texts(bob), bob.texts(alice)];
  const asked = await alice.send(bob, 'back again');
  await town.settle();
  const answered = await bob.send(alice, 'so you are');
  await town.settle();
  expect(alice.texts(bob)).toEqual([...hers, 'back again', 'so you are']);
  expect(bob.texts(alice)).toEqual([...his, 'back again', 'so you are']);
  expect(alice.client.message(asked)?.state).toBe('delivered');
  expect(bob.client.message(answered)?.state).toBe('delivered');
}

function ownFeeds(person: Person): number {
  return storedRows(person.store)
    .scan(tables.feeds)
    .filter(({ row }) => row.kind === 'own').length;
}

test('A contact who is removed and added again is a contact again, and new texts stand below the old ones', async () => {
  const { town, alice, bob } = await contacts();
  await talk(town, alice, bob);
  await alice.during(alice.client.removeContact(bob.address));
  await bob.send(alice, 'are you there?');
  await town.settle();
  await alice.during(alice.client.addContact({ address: bob.address }));
  await rejoin(town);
  expect(alice.client.contact(bob.address).state).toBe('accepted');
  expect(alice.texts(bob)).toEqual(['are you there?']);
  expect(bob.texts(alice)).toEqual([...old, 'are you there?']);
  await bothWays(town, alice, bob);
});

test('A contact may be removed and added again as often as one likes, by both', async () => {
  const { town, alice, bob } = await contacts();
  await talk(town, alice, bob);
  for (const [leaver, other] of [
    [alice, bob],
    [alice, bob],
    [bob, alice],
  ] as const) {
    await leaver.during(leaver.client.removeContact(other.address));
    await leaver.during(leaver.client.addContact({ address: other.address }));
    await rejoin(town);
    expect(leaver.client.contact(other.address).state).toBe('accepted');
    await bothWays(town, leaver, other);
  }
});

test('What was said to somebody who had blocked its writer comes when they accept them again', async () => {
  const { town, alice, bob } = await contacts();
  await talk(town, alice, bob);
  await alice.during(alice.client.blockContact(bob.address));
  const missed = await bob.send(alice, 'are you there?');
  await town.settle();
  expect(alice.texts(bob)).toEqual(old);
  await alice.during(alice.client.acceptContact(bob.address));
  await rejoin(town);
  expect(alice.texts(bob)).toEqual([...old, 'are you there?']);
  expect(bob.client.message(missed)?.state).toBe('delivered');
  await bothWays(town, alice, bob);
});

test('Somebody who asked while they were blocked is reached once they are accepted', async () => {
  const { town, alice, bob } = await contacts();
  await alice.during(alice.client.blockContact(bob.address));
  await bob.during(bob.client.removeContact(alice.address));
  await bob.during(bob.client.addContact({ address: alice.address }));
  await bob.send(alice, 'let me in');
  await rejoin(town);
  await alice.during(alice.client.acceptContact(bob.address));
  await rejoin(town);
  await town.clock.advance(600_000);
  await rejoin(town);
  expect(alice.texts(bob)).toEqual(['let me in']);
  await bothWays(town, alice, bob);
});

test('A text before the rejoin is over stands below the old ones as well', async () => {
  const { town, alice, bob } = await contacts();
  await talk(town, alice, bob);
  await alice.during(alice.client.removeContact(bob.address));
  await alice.during(alice.client.addContact({ address: bob.address }));
  const early = await alice.send(bob, 'it is me');
  await rejoin(town);
  expect(bob.texts(alice)).toEqual([...old, 'it is me']);
  expect(alice.client.message(early)?.state).toBe('delivered');
  await bothWays(town, alice, bob);
});

test('Who reads on needs no new feed: nothing begins anew by itself', async () => {
  const { town, alice, bob } = await contacts();
  await talk(town, alice, bob);
  await alice.during(alice.client.removeContact(bob.address));
  await alice.during(alice.client.addContact({ address: bob.address }));
  await rejoin(town);
  const [hers, his] = [ownFeeds(alice), ownFeeds(bob)];
  for (let hour = 0; hour < 3; hour += 1) {
    await town.clock.advance(3_600_000);
    await rejoin(town);
  }
  expect([ownFeeds(alice), ownFeeds(bob)]).toEqual([hers, his]);
  expect([hers, his]).toEqual([1, 2]);
});
