import { formatPeerAddress } from '@mycelium/protocol';
import type { DirectoryNetwork } from '@mycelium/runtime';
import type { SimulatedNetwork } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { createWorld, SimulatedPerson, SimulatedRelay } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

interface Story {
  readonly world: SimulatedNetwork;
  readonly alice: SimulatedPerson;
  readonly bob: SimulatedPerson;
  readonly relays: readonly SimulatedRelay[];
  /** "Delivered" that was said before it was so. */
  readonly untrue: readonly string[];
}

/** Alice and Bob have the first three relays and each knows of `spares`; nothing goes from one to the other but through relays. */
async function meet(
  seed: string,
  spares: readonly [readonly number[], readonly number[]] = [[], []],
  directory?: DirectoryNetwork,
): Promise<Story> {
  const relayCount = Math.max(2, ...spares.flat()) + 1;
  const world = createWorld(seed);
  const relays = Array.from({ length: relayCount }, (_, at) => new SimulatedRelay(world.node(`relay${at}`)));
  for (const relay of relays) await relay.start();
  const [alice, bob] = [new SimulatedPerson(world, 'alice'), new SimulatedPerson(world, 'bob')];
  for (const [at, person] of [alice, bob].entries()) {
    person.directory = directory ?? person.directory;
    await person.begin(relays.slice(0, 3));
    const others = relays.filter((_, number) => spares[at]?.includes(number) === true);
    await person.wait(person.client.offerRelays(others.map(nameOf)));
  }
  const { link } = await bob.wait(bob.client.invite({}));
  await world.clock.advance(5_000);
  await alice.wait(alice.client.acceptInvite(link));
  await world.clock.runUntil(() => bob.client.contacts().length > 0, 10 * minute);
  await alice.wait(alice.client.send({ to: bob.address, text: 'before' }));
  await world.clock.advance(20_000);
  world.partition(alice.node, bob.node);
  const untrue: string[] = [];
  alice.onEvent = (event) => {
    if (event.event === 'receipt' && event.state === 'delivered' && !bob.has(event.id)) untrue.push(event.id);
  };
  return { world, alice, bob, relays, untrue };
}

async function say(story: Story, ...texts: readonly string[]): Promise<void> {
  const { alice, bob } = story;
  for (const text of texts) await alice.wait(alice.client.send({ to: bob.address, text }));
}

const states = ({ alice, bob }: Story): readonly string[] =>
  alice.client.history({ to: bob.address, limit: 1_000 }).map(({ state }) => state);

const settle = (story: Story, state: string, limitMs: number): Promise<boolean> =>
  story.world.clock.runUntil(
    () => states(story).every((one) => one === state || one === 'delivered'),
    limitMs,
  );

/** Everything that Alice said is at Bob's, once, in order, and nobody noticed anything. */
function expectWhole({ alice, bob, untrue }: Story, texts: readonly string[]): void {
  expect(bob.texts(alice, alice)).toEqual(texts);
  expect(untrue).toEqual([]);
  const shown = bob.events.flatMap((event) => (event.event === 'message' ? [event.id] : []));
  expect(new Set(shown).size).toBe(shown.length);
  for (const person of [alice, bob])
    expect(person.events.filter(({ event }) => event === 'gap' || event === 'security')).toEqual([]);
}

const relaysOf = (person: SimulatedPerson): readonly string[] => person.client.account()?.relays ?? [];
const nameOf = ({ node }: SimulatedRelay): string => formatPeerAddress(node.address);

test('One relay of three is dead and another one loses its disk while Bob is away: he has everything once', async () => {
  const story = await meet('dead and wiped');
  const { world, alice, bob, relays } = story;
  bob.crash();
  await say(story, 'one', 'two');
  expect(await settle(story, 'stored', minute)).toBe(true);
  relays[0]?.crash();
  await say(story, 'three', 'x'.repeat(5_000));
  // Two of three: nobody waits for the third.
  expect(await settle(story, 'stored', 5_000)).toBe(true);
  await relays[1]?.loseDisk();
  await say(story, 'five');
  expect(await settle(story, 'stored', minute)).toBe(true);
  // What the second one had forgotten it has again: now the third may go.
  await world.clock.advance(30_000);
  relays[2]?.crash();
  await bob.restart();
  expect(await settle(story, 'delivered', 10 * minute)).toBe(true);
  expectWhole(story, ['before', 'one', 'two', 'three', 'x'.repeat(5_000), 'five']);
  expect(relaysOf(alice)).toEqual(relays.map(nameOf));
});

test('Whichever relay dies in the middle of a conversation, no message is later than two seconds', async () => {
  for (const at of [0, 1, 2]) {
    const story = await meet(`fail-over ${at}`);
    const { world, bob, relays } = story;
    for (let number = 0; number < 6; number += 1) {
      if (number === 3) relays[at]?.crash();
      await say(story, `text ${number}`);
      const came = await world.clock.runUntil(
        () => bob.client.history({ to: story.alice.address }).at(-1)?.text === `text ${number}`,
        2_000,
      );
      expect(came, `text ${number} came in time with relay ${at} dead`).toBe(true);
    }
    await settle(story, 'delivered', minute);
    expectWhole(story, ['before', ...Array.from({ length: 6 }, (_, number) => `text ${number}`)]);
  }
});

test('A relay that stays away is replaced in the account log, contacts follow, and what waits moves', async () => {
  const story = await meet('replaced', [
    [3, 4],
    [3, 4],
  ]);
  const { world, alice, bob, relays } = story;
  const { clock } = world;
  bob.crash();
  await say(story, 'one');
  await clock.advance(20_000);
  for (const relay of relays.slice(0, 2)) relay.crash();
  // Nobody but the third has it, which is not enough for "stored".
  await say(story, 'two');
  await clock.advance(10 * minute);
  expect(states(story).at(-1)).toBe('queued');
  expect(relaysOf(alice)).toEqual(relays.slice(0, 3).map(nameOf));
  // Nights and days in which her machine is shut.
  alice.crash();
  await clock.advance(4 * day);
  await alice.restart();
  await clock.advance(hour + 5 * minute);
  expect(relaysOf(alice).toSorted()).toEqual(relays.slice(2).map(nameOf).toSorted());
  expect(await settle(story, 'stored', minute)).toBe(true);
  await bob.restart();
  expect(await settle(story, 'delivered', 10 * minute)).toBe(true);
  await clock.advance(minute);
  const known = storedRows(bob.store).scan(tables.contacts)[0]?.row.relays.map(formatPeerAddress);
  expect(known?.toSorted()).toEqual(relaysOf(alice).toSorted());
  // The last of the old ones may go now.
  relays[2]?.crash();
  await say(story, 'three');
  expect(await settle(story, 'delivered', 10 * minute)).toBe(true);
  expectWhole(story, ['before', 'one', 'two', 'three']);
});

/** Holds the newest claims of everybody, and never fails. */
function createDirectory(): DirectoryNetwork {
  const records = new Map<string, Uint8Array>();
  return {
    publish: async (locator, record) => {
      records.set(locator.join(), record);
      return { accepted: 1, refused: [] };
    },
    lookUp: async (locator) => [records.get(locator.join())].filter((record) => record !== undefined),
    nodesKnown: () => 1,
  };
}

test('All relays of both are gone for good: each goes to others, is found there, and the conversation goes on', async () => {
  const story = await meet(
    'all gone',
    [
      [3, 4, 5],
      [6, 7, 8],
    ],
    createDirectory(),
  );
  const { world, alice, bob, relays } = story;
  const { clock } = world;
  for (const relay of relays.slice(0, 3)) relay.crash();
  await say(story, 'one');
  await clock.advance(10 * minute);
  for (const person of [alice, bob]) person.crash();
  await clock.advance(4 * day);
  for (const person of [alice, bob]) await person.restart();
  await clock.advance(hour + 5 * minute);
  expect(relaysOf(alice).toSorted()).toEqual(relays.slice(3, 6).map(nameOf).toSorted());
  expect(relaysOf(bob).toSorted()).toEqual(relays.slice(6).map(nameOf).toSorted());
  expect(await settle(story, 'delivered', 6 * hour)).toBe(true);
  await say(story, 'two');
  expect(await settle(story, 'delivered', minute)).toBe(true);
  expectWhole(story, ['before', 'one', 'two']);
});
