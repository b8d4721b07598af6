import { expect, test } from 'vitest';
import { Town, type Person } from './people.ts';

async function twoStrangers(): Promise<{ town: Town; alice: Person; bob: Person }> {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  return { town, alice, bob };
}

test('Alice accepts the invite of Bob, and both are contacts without a further question', async () => {
  const { town, alice, bob } = await twoStrangers();
  const { link } = await bob.during(bob.client.invite({ label: 'work' }));
  const asked = await alice.during(alice.client.acceptInvite(link));
  expect(asked.state).toBe('pending');
  await town.settle();
  expect(alice.client.contact('bob@example.com').state).toBe('accepted');
  expect(bob.client.contact('alice@example.com').state).toBe('accepted');
  expect(bob.client.contact('alice@example.com').label).toBe('work');
  expect(alice.client.contact('bob@example.com').safetyNumber).toBe(
    bob.client.contact('alice@example.com').safetyNumber,
  );
});

test('Texts arrive in order, and their states are true at each moment', async () => {
  const { town, alice, bob } = await twoStrangers();
  const { link } = await bob.during(bob.client.invite({}));
  await alice.during(alice.client.acceptInvite(link));
  await town.settle();
  alice.agent.online = false;
  const id = await alice.send(bob, 'one');
  await town.settle();
  expect(alice.client.message(id)?.state).toBe('queued');
  bob.agent.online = false;
  alice.agent.online = true;
  await town.settle();
  expect(alice.client.message(id)?.state).toBe('stored');
  bob.agent.online = true;
  await town.settle();
  expect(alice.client.message(id)?.state).toBe('delivered');
  await bob.send(alice, 'two');
  await town.settle();
  await alice.send(bob, 'three');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['one', 'two', 'three']);
  expect(alice.texts(bob)).toEqual(['one', 'two', 'three']);
  expect(alice.states(bob)).toEqual(['delivered', 'received', 'delivered']);
});

test('A stranger who looked Bob up is a request, and hears nothing until he accepts', async () => {
  const { town, alice, bob } = await twoStrangers();
  await alice.during(alice.client.addContact({ address: 'Bob@example.com', message: 'Hello, it is Alice' }));
  const id = await alice.send(bob, 'are you there?');
  await town.settle();
  expect(bob.kinds('request')).toMatchObject([{ from: 'alice@example.com', text: 'Hello, it is Alice' }]);
  expect(bob.texts(alice)).toEqual([]);
  expect(alice.client.message(id)?.state).toBe('stored');
  await bob.during(bob.client.acceptContact('alice@example.com'));
  await town.settle();
  expect(bob.texts(alice)).toEqual(['are you there?']);
  expect(alice.client.message(id)?.state).toBe('delivered');
});
