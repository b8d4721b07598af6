import { expect, test } from 'vitest';
import type { MessageState } from '../src/index.ts';
import { createWorld, SimulatedPerson, SimulatedRelay } from './world.ts';

const minute = 60_000;

/** Alice writes while Bob is away and one of three relays is down. What state is the text in, and after that relay came back? */
async function writeWithTwoOfThree(seed: string, replicatedOnly: boolean): Promise<readonly MessageState[]> {
  const world = createWorld(seed);
  const { clock } = world;
  const relays = [1, 2, 3].map((at) => new SimulatedRelay(world.node(`relay${at}`)));
  const [first, , third] = relays as [SimulatedRelay, SimulatedRelay, SimulatedRelay];
  first.replicatedOnly = replicatedOnly;
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
  bob.crash();
  third.crash();
  const { id } = await alice.wait(alice.client.send({ to: bob.address, text: 'at two of three' }));
  await clock.advance(minute);
  const states = [alice.client.message(id)!.state];
  await third.restart();
  await clock.advance(2 * minute);
  states.push(alice.client.message(id)!.state);
  await bob.restart();
  await clock.runUntil(() => alice.client.message(id)!.state === 'delivered', 10 * minute);
  return [...states, alice.client.message(id)!.state];
}

test('two of three relays make a text stored', async () => {
  expect(await writeWithTwoOfThree('synced', false)).toEqual(['stored', 'stored', 'delivered']);
});

test('a relay that only replicates is not counted: the text is stored when both others have it', async () => {
  expect(await writeWithTwoOfThree('replicated', true)).toEqual(['queued', 'stored', 'delivered']);
});
