import { expect, test } from 'vitest';
import { contacts, type Person } from './people.ts';

/** Somebody else who calls himself Bob, and asks Alice. */
async function rivalOf(bob: Person, alice: Person): Promise<Person> {
  const mallory = await bob.town.person(bob.address, [3]).begin();
  const { link } = await alice.during(alice.client.invite({ uses: 5 }));
  await mallory.during(mallory.client.acceptInvite(link));
  await bob.town.settle();
  return mallory;
}

function fingerprintOf(person: Person): string {
  return person.client.account()?.fingerprint ?? '';
}

test('A second account under the address of a contact stops sending, with the choices, until one is chosen', async () => {
  const { town, alice, bob } = await contacts();
  const mallory = await rivalOf(bob, alice);
  const view = alice.client.contact(bob.address);
  expect(view).toMatchObject({ trust: 'contested', fingerprint: fingerprintOf(bob) });
  expect(view.rivals).toMatchObject([{ fingerprint: fingerprintOf(mallory), turnedDown: false }]);
  expect(alice.kinds('security')).toMatchObject([{ kind: 'key-change', address: bob.address }]);
  const refused = await alice.send(bob, 'who are you?').catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'contested' });
  for (const named of [
    fingerprintOf(bob),
    fingerprintOf(mallory),
    'contact verify',
    'contact trust',
    'contact remove',
  ])
    expect(String(refused)).toContain(named);
  await bob.send(alice, 'still read');
  await town.settle();
  expect(alice.texts(bob)).toEqual(['still read']);

  const kept = await alice.during(
    alice.client.trustContact({ address: bob.address, fingerprint: fingerprintOf(bob) }),
  );
  expect(kept).toMatchObject({ trust: 'pinned', rivals: [{ turnedDown: true }] });
  await alice.send(bob, 'you it is');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['still read', 'you it is']);
  expect(bob.states(alice)).toEqual(['delivered', 'received']);
  // The same account again is no news.
  await mallory.during(mallory.client.addContact({ address: alice.address }));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  // Another one is.
  await rivalOf(bob, alice);
  expect(alice.client.contact(bob.address).trust).toBe('contested');
});

test('What had not arrived is held: pulled back from the relays, shown as held, and goes out when the contact is kept', async () => {
  const { town, alice, bob } = await contacts();
  await alice.send(bob, 'before');
  await town.settle();
  bob.agent.online = false;
  await alice.send(bob, 'at the relays');
  await town.settle();
  alice.agent.pushes = false;
  await alice.send(bob, 'on this disk only');
  await rivalOf(bob, alice);
  alice.agent.pushes = true;
  await town.settle();
  expect(alice.states(bob)).toEqual(['delivered', 'held', 'held']);
  expect(alice.client.contact(bob.address).held).toBe(2);
  expect(alice.client.history({ to: bob.address }).at(-1)?.note).toContain('Not delivered');
  expect(alice.kinds('receipt').filter((event) => 'state' in event && event.state === 'held')).toHaveLength(
    2,
  );
  bob.agent.online = true;
  await town.settle();
  expect(bob.texts(alice)).toEqual(['before']);
  await alice.restart();
  expect(alice.states(bob)).toEqual(['delivered', 'held', 'held']);

  await alice.during(alice.client.trustContact({ address: bob.address, fingerprint: fingerprintOf(bob) }));
  await town.settle();
  expect(bob.texts(alice)).toEqual(['before', 'at the relays', 'on this disk only']);
  expect(alice.states(bob)).toEqual(['delivered', 'delivered', 'delivered']);
  await bob.send(alice, 'got them');
  await town.settle();
  expect(alice.texts(bob).at(-1)).toBe('got them');
});

test('Held texts are dropped when the person says so, and are never delivered', async () => {
  const { town, alice, bob } = await contacts();
  bob.agent.online = false;
  await alice.send(bob, 'not for everybody');
  await town.settle();
  await rivalOf(bob, alice);
  const wish = { address: bob.address, fingerprint: fingerprintOf(bob), held: 'drop' } as const;
  await alice.during(alice.client.trustContact(wish));
  bob.agent.online = true;
  await alice.send(bob, 'for you');
  await town.settle();
  expect(alice.states(bob)).toEqual(['failed', 'delivered']);
  expect(bob.texts(alice)).toEqual(['for you']);
});

test('The other account takes the place of the one that is known: history stays, held texts go only where they are sent', async () => {
  for (const held of [undefined, 'send'] as const) {
    const { town, alice, bob } = await contacts();
    await alice.send(bob, 'to the first');
    await town.settle();
    bob.agent.online = false;
    await alice.send(bob, 'waiting');
    await town.settle();
    const second = await rivalOf(bob, alice);
    const wish = {
      address: bob.address,
      fingerprint: fingerprintOf(second).toUpperCase().replaceAll(' ', ''),
    };
    const taken = await alice.during(alice.client.trustContact({ ...wish, ...(held && { held }) }));
    expect(taken).toMatchObject({ fingerprint: fingerprintOf(second), trust: 'pinned' });
    bob.agent.online = true;
    await town.settle();
    await alice.send(bob, 'to the second');
    await town.settle();
    await second.send(alice, 'I am the new one');
    await town.settle();
    expect(alice.texts(bob)).toEqual(['to the first', 'waiting', 'to the second', 'I am the new one']);
    expect(alice.states(bob)[1]).toBe(held === 'send' ? 'delivered' : 'failed');
    expect(second.texts(alice).filter((text) => text === 'waiting')).toHaveLength(held === 'send' ? 1 : 0);
    expect(second.texts(alice)).toContain('to the second');
    expect(bob.texts(alice)).toEqual(['to the first']);
    await bob.send(alice, 'nobody reads this');
    await town.settle();
    expect(alice.texts(bob)).not.toContain('nobody reads this');
  }
});

test('The day’s look-up finds an account that only the directory knows; a proved contact is stopped by none', async () => {
  const { town, alice, bob } = await contacts();
  const carol = await town.person('carol@example.com', [1]).begin();
  const { link } = await bob.during(bob.client.invite({ uses: 2 }));
  await carol.during(carol.client.acceptInvite(link));
  await town.settle();
  const { safetyNumber } = carol.client.contact(bob.address);
  await carol.during(carol.client.verifyContact(bob.address, { kind: 'number', text: safetyNumber }));
  const mallory = await town.person(bob.address, [3]).begin();
  town.clock.setWallOffset(25 * 3_600_000);
  await town.clock.advance(60_000);
  await town.settle();
  expect(alice.client.contact(bob.address)).toMatchObject({
    trust: 'contested',
    rivals: [{ fingerprint: fingerprintOf(mallory), seenIn: 'directory' }],
  });
  const proved = carol.client.contact(bob.address);
  expect(proved.trust).toBe('verified');
  expect(proved.trustReason).toContain(fingerprintOf(mallory));
  await carol.send(bob, 'nothing stops this');
  await town.settle();
  expect(bob.texts(carol)).toEqual(['nothing stops this']);
  // Comparing the number decides too, and what was held goes out.
  const number = alice.client.contact(bob.address).safetyNumber;
  expect(
    (await alice.during(alice.client.verifyContact(bob.address, { kind: 'number', text: number }))).trust,
  ).toBe('verified');
  await alice.send(bob, 'and this');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['and this']);
});

test('Of two strangers who ask under one name neither is accepted before one is chosen', async () => {
  const { town, alice } = await contacts();
  const dave = await town.person('dave@example.com', [2]).begin();
  const other = await town.person('dave@example.com', [3]).begin();
  for (const one of [dave, other]) {
    await one.during(one.client.addContact({ address: alice.address }));
    await town.settle();
  }
  expect(alice.client.contact(dave.address)).toMatchObject({ state: 'request', trust: 'contested' });
  await expect(alice.during(alice.client.acceptContact(dave.address))).rejects.toMatchObject({
    code: 'contested',
  });
  const wish = { address: dave.address, fingerprint: fingerprintOf(other) };
  await alice.during(alice.client.trustContact(wish));
  await town.settle();
  await alice.send(other, 'hello');
  await town.settle();
  expect(other.texts(alice)).toEqual(['hello']);
  expect(dave.client.contact(alice.address).state).toBe('pending');
});

test('A fingerprint that nobody has is refused, and changes nothing', async () => {
  const { alice, bob } = await contacts();
  const wish = { address: bob.address, fingerprint: 'yyyy '.repeat(8) };
  await expect(alice.during(alice.client.trustContact(wish))).rejects.toMatchObject({ code: 'not-found' });
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  await alice.send(bob, 'goes on');
  await bob.town.settle();
  expect(bob.texts(alice)).toEqual(['goes on']);
});
