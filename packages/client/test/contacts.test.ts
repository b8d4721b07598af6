import { expect, test } from 'vitest';
import { relayAddress } from './post-office.ts';
import { contacts, Town } from './people.ts';

test('Two who ask each other at the same moment have both accepted', async () => {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  await Promise.all([
    alice.during(alice.client.addContact({ address: bob.address })),
    bob.during(bob.client.addContact({ address: alice.address })),
  ]);
  await town.settle();
  expect(alice.client.contact(bob.address).state).toBe('accepted');
  expect(bob.client.contact(alice.address).state).toBe('accepted');
  await alice.send(bob, 'you too?');
  await bob.send(alice, 'me too');
  await town.settle();
  expect([...alice.texts(bob)].toSorted()).toEqual(['me too', 'you too?']);
  expect(bob.texts(alice)).toEqual(alice.texts(bob));
});

test('An invite for one person does not let a second one in, nor an expired one anybody', async () => {
  const town = new Town();
  const bob = await town.person('bob@example.com', [2]).begin();
  const alice = await town.person('alice@example.com', [1]).begin();
  const carol = await town.person('carol@example.com', [3]).begin();
  const { link } = await bob.during(bob.client.invite({ uses: 1, expiresMs: 3_600_000 }));
  await alice.during(alice.client.acceptInvite(link));
  await town.settle();
  await carol.during(carol.client.acceptInvite(link));
  await town.settle();
  expect(bob.client.contact(alice.address).state).toBe('accepted');
  expect(bob.client.contact(carol.address).state).toBe('request');
  town.clock.setWallOffset(3_600_000);
  await expect(carol.during(carol.client.acceptInvite(link))).rejects.toMatchObject({ code: 'link-expired' });
  await expect(carol.during(carol.client.acceptInvite(link.slice(0, -3)))).rejects.toMatchObject({
    code: 'bad-link',
  });
  await expect(
    bob.during(bob.client.acceptInvite((await bob.during(bob.client.invite({}))).link)),
  ).rejects.toMatchObject({ code: 'self' });
});

test('An address that nobody has, and one that two accounts say to have', async () => {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  await expect(
    alice.during(alice.client.addContact({ address: 'nobody@example.com' })),
  ).rejects.toMatchObject({ code: 'not-found' });
  await expect(alice.during(alice.client.addContact({ address: 'alice@example.com' }))).rejects.toMatchObject(
    { code: 'self' },
  );
  await expect(alice.during(alice.client.addContact({ address: 'no address' }))).rejects.toMatchObject({
    code: 'bad-address',
  });
  const bob = await town.person('bob@example.com', [2]).begin();
  const mallory = await town.person('bob@example.com', [3]).begin();
  await expect(alice.during(alice.client.addContact({ address: bob.address }))).rejects.toMatchObject({
    code: 'contested',
  });
  const fingerprint = bob.client.account()?.fingerprint ?? '';
  expect(mallory.client.account()?.fingerprint).not.toBe(fingerprint);
  const contact = await alice.during(alice.client.addContact({ address: bob.address, fingerprint }));
  expect(contact.fingerprint).toBe(fingerprint);
  await town.settle();
  expect(bob.kinds('request')).toHaveLength(1);
  expect(mallory.kinds('request')).toHaveLength(0);
});

test('Another account under the address of a contact is refused and told', async () => {
  const { town, alice, bob } = await contacts();
  const mallory = await town.person('alice@example.com', [3]).begin();
  const { link } = await bob.during(bob.client.invite({ uses: 5 }));
  await mallory.during(mallory.client.acceptInvite(link));
  await town.settle();
  expect(bob.kinds('security')).toMatchObject([{ kind: 'key-change', address: alice.address }]);
  await alice.send(bob, 'still me');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['still me']);
});

test('Who is blocked is not read and not written to; who is removed is forgotten', async () => {
  const { town, alice, bob } = await contacts();
  await bob.during(bob.client.blockContact(alice.address));
  await alice.send(bob, 'hello?');
  await town.settle();
  expect(bob.texts(alice)).toEqual([]);
  await expect(bob.send(alice, 'no')).rejects.toMatchObject({ code: 'blocked' });
  await bob.during(bob.client.removeContact(alice.address));
  expect(bob.client.contacts()).toEqual([]);
  expect(() => bob.client.contact(alice.address)).toThrow(/not a contact/);
  await bob.restart();
  expect(bob.client.contacts()).toEqual([]);
});

test('The safety number makes a contact verified, another number does not', async () => {
  const { alice, bob } = await contacts();
  const { safetyNumber, trust } = alice.client.contact(bob.address);
  expect(trust).toBe('pinned');
  const wrong = safetyNumber.replace(/^./, (digit) => String((Number(digit) + 1) % 10));
  await expect(
    alice.during(alice.client.verifyContact(bob.address, { kind: 'number', text: wrong })),
  ).rejects.toMatchObject({
    code: 'number-differs',
  });
  await expect(
    alice.during(alice.client.verifyContact(bob.address, { kind: 'number', text: '123' })),
  ).rejects.toMatchObject({
    code: 'bad-number',
  });
  expect(
    (await alice.during(alice.client.verifyContact(bob.address, { kind: 'number', text: safetyNumber })))
      .trust,
  ).toBe('verified');
});

test('Three relays: two of them have to have a text before it is stored', async () => {
  const { town, alice, bob } = await contacts([[1, 2], [3]]);
  bob.agent.online = false;
  town.office.offline.add(1);
  town.office.offline.add(2);
  const id = await alice.send(bob, 'one of three');
  await town.settle();
  expect(alice.client.message(id)?.state).toBe('queued');
  town.office.offline.delete(2);
  await town.settle();
  expect(alice.client.message(id)?.state).toBe('stored');
});

test('Reachability is told to accepted contacts only, and used', async () => {
  const { town, alice, bob } = await contacts();
  bob.addresses = [relayAddress(150)];
  await town.clock.advance(61_000);
  await town.settle();
  const peers = alice.store.scan('contacts').length;
  expect(peers).toBe(1);
  await alice.send(bob, 'direct or not');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['direct or not']);
});

test('An account comes back from its words on another device, and its contacts accept it', async () => {
  const { town, alice, bob } = await contacts();
  const again = await town.person('alice@example.com', [1]).begin(alice.phrase);
  expect(again.client.account()?.fingerprint).toBe(alice.client.account()?.fingerprint);
  await again.during(again.client.addContact({ address: bob.address }));
  await town.settle();
  expect(bob.kinds('security')).toEqual([]);
  expect(again.client.contact(bob.address).state).toBe('accepted');
  await again.send(bob, 'from the new device');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['from the new device']);
  await bob.send(alice, 'to both');
  await town.settle();
  expect(again.texts(bob)).toContain('to both');
  expect(alice.texts(bob)).toContain('to both');
});

test('An account recovered without a network goes on with its old log once there is one', async () => {
  const { town, alice, bob } = await contacts();
  const again = town.person('alice@example.com', [1]);
  const lookUp = town.directory.lookUp.bind(town.directory);
  Object.assign(town.directory, { lookUp: () => Promise.resolve([]), nodesKnown: () => 0 });
  again.agent.online = false;
  await again.begin(alice.phrase);
  await town.settle();
  expect(again.client.status().published.note).toContain('may have been there before');
  Object.assign(town.directory, { lookUp, nodesKnown: () => 1 });
  again.agent.online = true;
  await town.clock.advance(30_000);
  await town.settle();
  expect(again.client.account()?.fingerprint).toBe(alice.client.account()?.fingerprint);
  await again.during(again.client.addContact({ address: bob.address }));
  await again.send(bob, 'back again');
  await town.settle();
  expect(bob.kinds('security')).toEqual([]);
  expect(bob.texts(alice)).toEqual(['back again']);
});
