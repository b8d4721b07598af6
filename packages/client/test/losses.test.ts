import { bytesToHex, type Route } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import type { OwnFeedRow, PeerFeedRow } from '../src/store/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, type Person, type Town } from './people.ts';
import { relayAddress } from './post-office.ts';

function ownFeed(person: Person): OwnFeedRow {
  const feeds = storedRows(person.store).scan(tables.feeds);
  const own = feeds.map(({ row }) => row).filter((row) => row.kind === 'own' && !row.left);
  return own.at(-1) as OwnFeedRow;
}

function peerFeed(person: Person): PeerFeedRow {
  const feeds = storedRows(person.store).scan(tables.feeds);
  return feeds
    .map(({ row }) => row)
    .find((row) => row.kind === 'peer' && row.ended === undefined) as PeerFeedRow;
}

/** Both relays forget all that they have of this queue. */
function forget(town: Town, route: Route): void {
  for (const relay of [1, 2]) {
    const kept = town.office.known(relayAddress(relay), route);
    if (kept !== undefined) kept.first += kept.frames.splice(0).length;
  }
}

/** Every "delivered" that Alice hears is true in this moment. */
function watch(alice: Person, bob: Person): string[] {
  const untrue: string[] = [];
  alice.client.subscribe(alice.events.at(-1)?.eventId ?? 0, (event) => {
    if (event.event !== 'receipt' || event.state !== 'delivered') return;
    if (bob.client.message(event.id) === undefined) untrue.push(event.id);
  });
  return untrue;
}

/** Alice has said these, and nobody has them any more; Bob is back. */
async function losing(
  texts: readonly string[],
): Promise<{ town: Town; alice: Person; bob: Person; untrue: string[] }> {
  const { town, alice, bob } = await contacts();
  const untrue = watch(alice, bob);
  await alice.send(bob, 'before');
  await town.settle();
  bob.agent.online = false;
  for (const text of texts) await alice.send(bob, text);
  await town.settle();
  expect(alice.states(bob)).toEqual(['delivered', ...texts.map(() => 'stored')]);
  forget(town, ownFeed(alice).writer.route);
  return { town, alice, bob, untrue };
}

test('Texts that nobody has any more are said again: shown once, in their place, and delivered only then', async () => {
  const { town, alice, bob, untrue } = await losing(['one', 'two']);
  await alice.send(bob, 'three');
  await town.settle();
  bob.agent.online = true;
  await town.settle();
  expect(bob.kinds('gap')).toMatchObject([{ missing: 2 }]);
  expect(bob.texts(alice)).toEqual(['before', 'one', 'two', 'three']);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
  expect(untrue).toEqual([]);
  expect(alice.texts(bob)).toEqual(bob.texts(alice));
  await alice.send(bob, 'four');
  await bob.send(alice, 'five');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['before', 'one', 'two', 'three', 'four', 'five']);
  expect(peerFeed(bob).losses).toEqual([]);
  expect([...alice.kinds('security'), ...bob.kinds('security')]).toEqual([]);
});

test('Nothing comes behind what is lost, and its writer hears of it all the same', async () => {
  const { town, alice, bob, untrue } = await losing(['one', 'two']);
  bob.agent.online = true;
  await town.settle();
  expect(bob.texts(alice)).toEqual(['before', 'one', 'two']);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered']);
  expect(bob.kinds('gap')).toMatchObject([{ missing: 2 }]);
  expect(untrue).toEqual([]);
  expect(bob.client.history({ to: alice.address }).map(({ gapBefore }) => gapBefore)).not.toContain(true);
});

test('What was said again is lost once more, and said a third time', async () => {
  const { town, alice, bob, untrue } = await losing(['one']);
  await alice.send(bob, 'two');
  bob.agent.online = true;
  // Bob's receipt goes out; what Alice answers is lost.
  let lost = 0;
  const { route } = ownFeed(alice).writer;
  town.office.onFrame = (frame) => {
    if (
      lost === 0 &&
      bytesToHex(frame.slice(4, 20)) === bytesToHex(route) &&
      bob.texts(alice).includes('two')
    ) {
      lost += 1;
      bob.agent.online = false;
    }
  };
  await town.settle();
  expect(lost).toBe(1);
  forget(town, route);
  expect(alice.states(bob)).toContain('stored');
  bob.agent.online = true;
  await town.settle();
  expect(bob.texts(alice).toSorted()).toEqual(['before', 'one', 'two']);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered']);
  expect(untrue).toEqual([]);
});

test('Receipts, addresses and the account log that are lost are told as they are now', async () => {
  const { town, alice, bob } = await contacts();
  await bob.send(alice, 'hello');
  bob.agent.online = false;
  alice.addresses = [relayAddress(101)];
  await town.clock.advance(61_000);
  await town.settle();
  forget(town, ownFeed(alice).writer.route);
  bob.agent.online = true;
  await town.settle();
  await town.clock.advance(61_000);
  await town.settle();
  expect(bob.states(alice)).toEqual(['delivered']);
  const device = storedRows(bob.store).scan(tables.contacts)[0]?.row.devices[0];
  expect(device?.addresses).toEqual([relayAddress(101)]);
});

test('A commit that is lost ends a feed; its owner begins another one, and nothing is missing', async () => {
  const { town, alice, bob, untrue } = await losing(['one']);
  const { route, sequence } = ownFeed(alice).writer;
  const texts = Array.from({ length: 120 }, (_, at) => `text ${at}`);
  for (const text of texts) await alice.send(bob, text);
  await town.settle();
  expect(ownFeed(alice).writer.route).not.toEqual(route);
  expect(ownFeed(alice).writer.sequence).toBeGreaterThan(sequence + 120);
  forget(town, route);
  bob.agent.online = true;
  await town.settle();
  await town.clock.advance(3_700_000);
  await town.settle();
  expect(bob.texts(alice)).toEqual(['before', 'one', ...texts]);
  expect(alice.texts(bob)).toEqual(['before', 'one', ...texts]);
  expect(new Set(alice.states(bob))).toEqual(new Set(['delivered']));
  expect(untrue).toEqual([]);
  await alice.send(bob, 'after');
  await bob.send(alice, 'answer');
  await town.settle();
  expect(bob.texts(alice).slice(-2)).toEqual(['after', 'answer']);
  expect(alice.texts(bob).slice(-2)).toEqual(['after', 'answer']);
  // Her new feed confirms his, which she reads on: he has no reason to begin another one.
  const bobsFeeds = storedRows(bob.store).scan(tables.feeds);
  expect(bobsFeeds.filter(({ row }) => row.kind === 'own')).toHaveLength(1);
});

test('A relay that calls frames lost which were never sent makes nobody say anything again', async () => {
  const { town, alice, bob } = await contacts();
  await alice.send(bob, 'one');
  await town.settle();
  const { route, sequence } = ownFeed(alice).writer;
  await bob.agent.handler.missing(route, 1_000);
  await town.settle();
  expect(ownFeed(alice).writer.sequence).toBe(sequence);
  expect(ownFeed(alice).writer.route).toEqual(route);
  await alice.send(bob, 'two');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['one', 'two']);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered']);
});

test('A relay that calls frames lost which others have: they are said again, and shown once', async () => {
  const { town, alice, bob, untrue } = await losing([]);
  await alice.send(bob, 'one');
  await alice.send(bob, 'two');
  await town.settle();
  await bob.agent.handler.missing(ownFeed(alice).writer.route, ownFeed(alice).writer.index);
  bob.agent.online = true;
  await town.settle();
  expect(bob.texts(alice)).toEqual(['before', 'one', 'two']);
  expect(bob.kinds('message')).toHaveLength(3);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered']);
  expect(bob.kinds('gap')).toEqual([]);
  expect(untrue).toEqual([]);
});

test('A text that is lost nine times has failed, and is not said for ever', async () => {
  const { town, alice, bob } = await losing(['one']);
  const { route } = ownFeed(alice).writer;
  bob.agent.online = true;
  for (let time = 0; time < 30; time += 1) {
    await alice.during(alice.agent.work());
    forget(town, route);
    await bob.during(bob.agent.work());
  }
  await town.settle();
  expect(alice.states(bob)).toEqual(['delivered', 'failed']);
  expect(alice.kinds('receipt').at(-1)).toMatchObject({ state: 'failed' });
  expect(bob.texts(alice)).toEqual(['before']);
  await alice.send(bob, 'two');
  await town.settle();
  expect(alice.states(bob)).toEqual(['delivered', 'failed', 'delivered']);
});
