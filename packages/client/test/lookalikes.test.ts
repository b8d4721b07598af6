/** Addresses that look like others: told whenever somebody new comes. */
import { expect, test } from 'vitest';
import { contacts, Town } from './people.ts';

test('Who looks like a contact is told when they ask, and stays told', async () => {
  const { town, alice, bob } = await contacts();
  expect(alice.client.contact(bob.address).warning).toBeUndefined();
  const mallory = await town.person('b0b@example.com', [3]).begin();
  await mallory.during(mallory.client.addContact({ address: alice.address }));
  await town.settle();
  const told = expect.stringContaining('looks like that of your contact bob@example.com') as string;
  expect(alice.kinds('request')).toMatchObject([{ from: mallory.address, warning: told }]);
  expect(alice.client.contact(mallory.address).warning).toEqual(told);
});

test('Who looks like us, or like an address in other letters, is told when we ask them', async () => {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  const cyrillic = await town.person('\u0430lice@example.com', [2]).begin();
  const carol = await town.person('\u0441arol@example.com', [3]).begin();
  const warningOf = async (address: string): Promise<string | undefined> =>
    (await alice.during(alice.client.addContact({ address }))).warning;
  expect(await warningOf(cyrillic.address)).toContain('your own (alice@example.com)');
  expect(await warningOf(carol.address)).toContain('looks like carol@example.com');
});
