import {
  formatPeerAddress,
  replayAccountLog,
  reserve,
  resume,
  sealMessage,
  unwrap,
  messageKinds,
  type FeedWriter,
  type Route,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import type { OwnFeedRow, PeerFeedRow } from '../src/store/rows.ts';
import { accountRowKey, tables } from '../src/store/tables.ts';
import { contacts, primitives, type Person, type Town } from './people.ts';
import { aheadClaim, relayAddress } from './post-office.ts';

function ownFeed(person: Person): OwnFeedRow {
  const feeds = storedRows(person.store).scan(tables.feeds);
  const own = feeds.map(({ row }) => row).filter((row) => row.kind === 'own' && !row.left);
  return own.at(-1) as OwnFeedRow;
}

function peerFeed(person: Person): PeerFeedRow {
  const feeds = storedRows(person.store).scan(tables.feeds);
  return feeds.map(({ row }) => row).find((row) => row.kind === 'peer') as PeerFeedRow;
}

function logLength(person: Person): number {
  return storedRows(person.store).get(tables.account, accountRowKey)?.log.length ?? 0;
}

/** How many devices the account has ever had. */
function devicesEver(person: Person): number {
  const log = storedRows(person.store).get(tables.account, accountRowKey)?.log ?? [];
  return unwrap(replayAccountLog(primitives, log)).devices.length;
}

/** What a relay keeps of a queue, to be changed at will. */
function kept(town: Town, relay: number, route: Route): { first: number; frames: Uint8Array[] } {
  const queue = town.office.known(relayAddress(relay), route);
  if (queue === undefined) throw new Error('the relay does not have it');
  return queue;
}

/** The relay says `ahead` as often as it likes; answers how often it was not believed. */
async function claimAhead(person: Person, relay: number, route: Route, next: number): Promise<number> {
  let refused = 0;
  const claim = person.agent.handler.ahead(route, relayAddress(relay), aheadClaim(next)).catch(() => {
    refused += 1;
  });
  await person.during(claim);
  await person.town.settle();
  return refused;
}

test("A contact's relay that claims more of our queue than there is, up to 2^53 - 1, changes nothing", async () => {
  const { alice, bob, town } = await contacts();
  await alice.send(bob, 'one');
  await town.settle();
  const { route } = ownFeed(alice).writer;
  const before = logLength(alice);
  for (const next of [ownFeed(alice).writer.index + 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    expect(await claimAhead(alice, 2, route, next)).toBe(1);
    await town.clock.advance(61_000);
  }
  kept(town, 2, route).frames.push(new Uint8Array(128), new Uint8Array(4_096));
  expect(await claimAhead(alice, 2, route, ownFeed(alice).writer.index + 2)).toBe(1);
  expect(alice.kinds('security')).toEqual([]);
  expect(logLength(alice)).toBe(before);
  await alice.send(bob, 'two');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['one', 'two']);
});

test('A contact that has the keys of our feed cannot make frames that look like a later self of ours', async () => {
  const { alice, bob, town } = await contacts();
  await alice.send(bob, 'one');
  await town.settle();
  const { reader } = peerFeed(bob);
  const mine = ownFeed(alice).writer;
  const forger: FeedWriter = {
    ...mine,
    ...reader,
    ownerSeed: new Uint8Array(32),
    reservedUntil: reader.generation,
  };
  const message = { kind: messageKinds.text, flags: 0, content: Uint8Array.of(65) };
  const timeNs = BigInt(town.clock.nowMs()) * 1_000_000n;
  const { frames } = sealMessage(
    reserve(resume(forger, primitives).writer, 1),
    { ...message, timeNs },
    new Uint8Array(8),
    primitives,
  );
  const at = kept(town, 2, mine.route);
  at.frames.push(...frames);
  expect(await claimAhead(alice, 2, mine.route, at.first + at.frames.length)).toBe(1);
  expect(alice.kinds('security').filter((event) => 'kind' in event && event.kind === 'clone')).toEqual([]);
});

test('One of two relays of the account is not believed; the only one is, once a day', async () => {
  const { alice, town } = await contacts([[1, 2], [3]]);
  const before = logLength(alice);
  const far = 1_000;
  expect(await claimAhead(alice, 1, ownFeed(alice).writer.route, far)).toBe(1);
  expect(alice.kinds('security')).toEqual([]);
  const single = await contacts([[1], [3]]);
  await claimAhead(single.alice, 1, ownFeed(single.alice).writer.route, far);
  expect(single.alice.kinds('security')).toMatchObject([{ kind: 'clone' }]);
  expect(devicesEver(single.alice)).toBe(2);
  for (let hour = 0; hour < 4; hour += 1) {
    await single.town.clock.advance(3_600_000);
    expect(await claimAhead(single.alice, 1, ownFeed(single.alice).writer.route, far)).toBe(1);
  }
  expect(devicesEver(single.alice)).toBe(2);
  expect(logLength(alice)).toBe(before);
  expect(town.office.offline.size).toBe(0);
});

test('A relay that claims more of the card than there is does not push it out of reach', async () => {
  const { alice, town } = await contacts();
  const account = storedRows(alice.store).get(tables.account, accountRowKey);
  const route = account?.cardRoute as Route;
  for (const next of [1_000, Number.MAX_SAFE_INTEGER]) {
    expect(await claimAhead(alice, 1, route, next)).toBe(1);
    await town.clock.advance(61_000);
  }
  await alice.during(alice.client.setRelays([1, 2].map(relayAddress).map(formatPeerAddress)));
  await town.settle();
  const dave = await town.person('dave@example.com', [4]).begin();
  await dave.during(dave.client.addContact({ address: alice.address }));
  await town.settle();
  expect(alice.kinds('request')).toHaveLength(1);
});

async function threeTexts(): Promise<Awaited<ReturnType<typeof contacts>> & { route: Route; at: number }> {
  const met = await contacts();
  const { alice, bob, town } = met;
  await alice.send(bob, 'zero');
  await town.settle();
  bob.agent.online = false;
  for (const text of ['one', 'two', 'three']) await alice.send(bob, text);
  await town.settle();
  const { reader, index } = peerFeed(bob);
  return { ...met, route: reader.route, at: index };
}

test('A relay that leaves a frame out and passes the next one off in its place is not followed', async () => {
  const { alice, bob, town, route, at } = await threeTexts();
  const { first, frames } = kept(town, 1, route);
  const place = at - first;
  const swapped = [frames[place + 1], frames[place], frames[place + 2]].map(
    (frame) => frame ?? new Uint8Array(),
  );
  for (const lie of [swapped, swapped.slice(0, 1), frames.slice(place + 2), frames.slice(place - 1)]) {
    const wanted = await bob.during(bob.agent.handler.received(route, at, lie, relayAddress(2)));
    expect(wanted).toBe(at);
  }
  bob.agent.online = true;
  await town.settle();
  expect(bob.texts(alice)).toEqual(['zero', 'one', 'two', 'three']);
  expect(bob.kinds('gap')).toEqual([]);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
});

test('A relay that says frames are missing which are not does not make a follower skip them for good', async () => {
  const { alice, bob, town, route, at } = await threeTexts();
  const { first, frames } = kept(town, 1, route);
  const { handler } = bob.agent;
  await expect(bob.during(handler.missing(route, 2 ** 50))).rejects.toThrow(/gap/);
  expect(await bob.during(handler.missing(route, at + 5_000))).toBe(at + 5_000);
  const honest = frames.slice(at - first);
  expect(await bob.during(handler.received(route, at + 5_000, honest, relayAddress(2)))).toBeLessThanOrEqual(
    at + 5_000,
  );
  expect(bob.texts(alice)).toEqual(['zero']);
  await town.clock.advance(11 * 60_000);
  bob.agent.online = true;
  await town.settle();
  expect(bob.texts(alice)).toEqual(['zero', 'one', 'two', 'three']);
});

test('What every relay dropped is not called delivered before it came after all', async () => {
  const { alice, bob, town, route, at } = await threeTexts();
  for (const relay of [1, 2]) {
    const queue = kept(town, relay, route);
    queue.frames.splice(0, at + 1 - queue.first);
    queue.first = at + 1;
  }
  bob.agent.online = true;
  const untrue: string[] = [];
  alice.client.subscribe(alice.events.at(-1)?.eventId ?? 0, (event) => {
    const early = event.event === 'receipt' && bob.client.message(event.id) === undefined;
    if (early && event.state === 'delivered') untrue.push(event.id);
  });
  await town.settle();
  expect(bob.texts(alice)).toEqual(['zero', 'one', 'two', 'three']);
  expect(bob.kinds('gap')).toMatchObject([{ missing: 1 }]);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
  expect(untrue).toEqual([]);
});
