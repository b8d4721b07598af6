import { expect, test } from 'vitest';
import { createWorld, SimulatedPerson, SimulatedRelay } from './world.ts';

const minute = 60_000;

interface Story {
  readonly alice: SimulatedPerson;
  readonly bob: SimulatedPerson;
  readonly relays: readonly SimulatedRelay[];
  readonly untrue: readonly string[];
  advance(ms: number): Promise<void>;
  /** Until everything that Alice said is delivered. */
  delivered(): Promise<boolean>;
}

/** Alice and Bob meet; then no frame goes from one to the other but through relays, which keep them for a minute. */
async function meet(seed: string, relayCount: number): Promise<Story> {
  const world = createWorld(seed);
  const { clock } = world;
  const relays = Array.from(
    { length: relayCount },
    (_, at) => new SimulatedRelay(world.node(`relay${at}`), minute),
  );
  const [alice, bob] = [new SimulatedPerson(world, 'alice'), new SimulatedPerson(world, 'bob')];
  for (const relay of relays) await relay.start();
  await alice.begin(relays);
  await bob.begin(relays);
  const { link } = await bob.wait(bob.client.invite({}));
  await clock.advance(5_000);
  await alice.wait(alice.client.acceptInvite(link));
  await clock.runUntil(() => bob.client.contacts().length > 0, 10 * minute);
  await alice.wait(alice.client.send({ to: bob.address, text: 'before' }));
  await clock.advance(20_000);
  world.partition(alice.node, bob.node);
  const untrue: string[] = [];
  alice.onEvent = (event) => {
    if (event.event === 'receipt' && event.state === 'delivered' && !bob.has(event.id)) untrue.push(event.id);
  };
  const delivered = (): Promise<boolean> => clock.runUntil(() => alice.hasSettled(bob), 120 * minute);
  return { alice, bob, relays, untrue, advance: (ms) => clock.advance(ms), delivered };
}

/** Bob is away while Alice writes; a minute later no relay has any of it, but each knows the queue. */
async function write(story: Story, texts: readonly string[]): Promise<void> {
  const { alice, bob, relays } = story;
  bob.crash();
  for (const text of texts) await alice.wait(alice.client.send({ to: bob.address, text }));
  await story.advance(20_000);
  const states = alice.client.history({ to: bob.address, limit: texts.length }).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(['stored']));
  await story.advance(75_000);
  for (const relay of relays) await relay.store.expire();
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `text ${at}`);

test('Frames expire at every relay while Bob is away: he has every text once, and no state was untrue', async () => {
  for (const relayCount of [1, 3]) {
    const story = await meet(`expiry ${relayCount}`, relayCount);
    const { alice, bob } = story;
    await write(story, ['one', 'two', 'x'.repeat(5_000)]);
    await bob.restart();
    expect(await story.delivered()).toBe(true);
    expect(bob.texts(alice, alice)).toEqual(['before', 'one', 'two', 'x'.repeat(5_000)]);
    expect(story.untrue).toEqual([]);
    expect(bob.events.filter(({ event }) => event === 'gap')).toHaveLength(1);
    await alice.wait(alice.client.send({ to: bob.address, text: 'after' }));
    expect(await story.delivered()).toBe(true);
    expect(bob.texts(alice, alice).at(-1)).toBe('after');
  }
});

test('More comes before Bob is back: what expired stands in its place', async () => {
  const story = await meet('expiry, then more', 3);
  const { alice, bob } = story;
  await write(story, ['one', 'two']);
  await alice.wait(alice.client.send({ to: bob.address, text: 'three' }));
  await story.advance(10_000);
  await bob.restart();
  expect(await story.delivered()).toBe(true);
  expect(bob.texts(alice, alice)).toEqual(['before', 'one', 'two', 'three']);
  expect(story.untrue).toEqual([]);
});

test('The commit expires too: a new feed begins, and everything is in it', async () => {
  const story = await meet('expiry of a commit', 3);
  const { alice, bob } = story;
  await write(story, numbered(130));
  await bob.restart();
  expect(await story.delivered()).toBe(true);
  expect(bob.texts(alice, alice)).toEqual(['before', ...numbered(130)]);
  expect(story.untrue).toEqual([]);
});

test('The only relay loses its disk after it said stored: it gets everything again', async () => {
  const story = await meet('a lost disk', 1);
  const { alice, bob } = story;
  bob.crash();
  await alice.wait(alice.client.send({ to: bob.address, text: 'one' }));
  await story.advance(20_000);
  expect(alice.client.history({ to: bob.address, limit: 1 })).toMatchObject([{ state: 'stored' }]);
  await story.relays[0]?.loseDisk();
  await story.advance(20_000);
  await bob.restart();
  expect(await story.delivered()).toBe(true);
  expect(bob.texts(alice, alice)).toEqual(['before', 'one']);
  expect(story.untrue).toEqual([]);
});
