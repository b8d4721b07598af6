import { formatPeerAddress } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, type Person, type Town } from './people.ts';
import { relayAddress } from './post-office.ts';

const dayMs = 86_400_000;

/** Another device of Alice, from her words. */
async function deviceOf(
  alice: Person,
  name: string,
  phrase = alice.phrase,
  address = alice.address,
): Promise<Person> {
  const device = alice.town.person(address, [1]);
  await device.during(device.client.createAccount({ address, phrase, deviceName: name }));
  await device.during(device.client.setRelays([formatPeerAddress(relayAddress(1))]));
  await device.start();
  return device;
}

/** Twenty minutes, in which devices of one account hear of each other's cards. */
async function someTime(town: Town): Promise<void> {
  for (let minutes = 0; minutes < 20; minutes += 2) {
    await town.clock.advance(120_000);
    await town.settle();
  }
}

async function greet(from: Person, to: Person, text: string): Promise<void> {
  await from.send(to, text);
  await from.town.settle();
  expect(to.texts(from)).toContain(text);
}

test('A rotated key reaches contacts through the log: mail goes on, who was verified is told to compare again', async () => {
  const { town, alice, bob } = await contacts();
  const { safetyNumber } = bob.client.contact(alice.address);
  await bob.during(bob.client.verifyContact(alice.address, { kind: 'number', text: safetyNumber }));
  const { link } = await alice.during(alice.client.invite({}));
  const rotated = await alice.during(alice.client.rotateKey());
  expect(rotated.phrase).not.toBe(alice.phrase);
  expect(rotated.phrase.split(' ')).toHaveLength(12);
  expect(rotated.fingerprint).toBe(alice.client.account()?.fingerprint);
  await town.settle();
  const seen = bob.client.contact(alice.address);
  expect(seen.safetyNumber).not.toBe(safetyNumber);
  expect(seen.safetyNumber).toBe(alice.client.contact(bob.address).safetyNumber);
  expect(seen.trust).toBe('pinned');
  expect(seen.trustReason).toContain('Compare again');
  expect(bob.kinds('security')).toMatchObject([{ kind: 'key-change', address: alice.address }]);
  await greet(alice, bob, 'with the new key');
  await greet(bob, alice, 'and back');
  await alice.restart();
  await greet(alice, bob, 'after a restart');
  expect(alice.client.accountLog().entries.at(-1)?.text).toContain('new account key');
  // An invite of before, and the directory, lead to the account as it is now.
  const carol = await town.person('carol@example.com', [3]).begin();
  await carol.during(carol.client.acceptInvite(link));
  const dave = await town.person('dave@example.com', [3]).begin();
  await dave.during(dave.client.addContact({ address: alice.address }));
  await town.settle();
  await greet(carol, alice, 'by the old invite');
  expect(dave.client.contact(alice.address).safetyNumber).toBe(
    alice.client.contact(dave.address).safetyNumber,
  );
});

test('After a rotation the new words recover the account, and the old ones are worth nothing', async () => {
  const { town, alice, bob } = await contacts();
  const { phrase } = await alice.during(alice.client.rotateKey());
  await town.settle();
  const again = await deviceOf(alice, 'again', phrase);
  await town.settle();
  expect(again.client.account()?.fingerprint).toBe(alice.client.account()?.fingerprint);
  await again.during(again.client.addContact({ address: bob.address }));
  await town.settle();
  await greet(again, bob, 'from the new device');
  await expect(deviceOf(alice, 'thief')).rejects.toMatchObject({ code: 'bad-phrase' });
  expect(bob.client.contact(alice.address).fingerprint).toBe(alice.client.account()?.fingerprint);
});

test('Another device goes on talking after a rotation, and changes the log once it has the new words', async () => {
  const { town, alice, bob } = await contacts();
  const second = await deviceOf(alice, 'second');
  await second.during(second.client.addContact({ address: bob.address }));
  await town.settle();
  await someTime(town);
  const { phrase } = await alice.during(alice.client.rotateKey());
  await someTime(town);
  expect(second.client.accountLog().hasKey).toBe(false);
  await greet(second, bob, 'still a device');
  await expect(second.during(second.client.moveAddress('alice@example.net'))).rejects.toMatchObject({
    code: 'phrase-needed',
  });
  await expect(second.during(second.client.enterPhrase(alice.phrase))).rejects.toMatchObject({
    code: 'bad-phrase',
  });
  expect((await second.during(second.client.enterPhrase(phrase))).hasKey).toBe(true);
  await town.settle();
  expect(second.client.account()?.fingerprint).toBe(alice.client.account()?.fingerprint);
  expect(bob.kinds('security').filter((event) => 'kind' in event && event.kind === 'split-view')).toEqual([]);
});

test('Contacts follow to a moved address; who is found under the old one is never taken for its first holder', async () => {
  const { town, alice, bob } = await contacts();
  await greet(alice, bob, 'before');
  const { link } = await alice.during(alice.client.invite({}));
  const old = alice.address;
  const moved = await alice.during(alice.client.moveAddress('Alice@Example.net'));
  expect(moved.address).toBe('alice@example.net');
  await town.settle();
  expect(bob.kinds('security')).toMatchObject([{ kind: 'moved', address: old }]);
  const view = bob.client.contact('alice@example.net');
  expect(view).toMatchObject({ state: 'accepted', trust: 'pinned' });
  expect(() => bob.client.contact(old)).toThrow(/not a contact/);
  await bob.during(bob.client.send({ to: 'alice@example.net', text: 'to the new address' }));
  await town.settle();
  expect(alice.texts(bob)).toEqual(['before', 'to the new address']);
  await bob.restart();
  await alice.send(bob, 'and from it');
  await town.settle();
  expect(bob.client.history({ to: 'alice@example.net' }).map(({ text }) => text)).toEqual([
    'before',
    'to the new address',
    'and from it',
  ]);
  const dave = await town.person('dave@example.com', [3]).begin();
  await expect(dave.during(dave.client.addContact({ address: old }))).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('alice@example.net') as string,
  });
  await dave.during(dave.client.acceptInvite(link));
  await town.settle();
  expect(dave.client.contact('alice@example.net').state).toBe('accepted');
  const other = await town.person(old, [3]).begin();
  await expect(bob.during(bob.client.addContact({ address: old }))).rejects.toMatchObject({
    code: 'contested',
  });
  await other.during(other.client.addContact({ address: bob.address }));
  await town.settle();
  expect(bob.client.contact(old)).toMatchObject({
    state: 'request',
    trust: 'contested',
    rivals: [{ seenIn: 'earlier' }],
  });
  expect(bob.client.contact('alice@example.net').trust).toBe('pinned');
});

test('A moved account comes back from its words under either address', async () => {
  const { town, alice } = await contacts();
  await alice.during(alice.client.moveAddress('alice@example.net'));
  await town.settle();
  const again = await deviceOf(alice, 'again', alice.phrase, 'alice@example.net');
  await town.settle();
  expect(again.client.account()?.fingerprint).toBe(alice.client.account()?.fingerprint);
  expect(again.client.accountLog().formerAddresses).toEqual([alice.address]);
});

test('Nobody moves to an address that somebody has', async () => {
  const { town, alice, bob } = await contacts();
  await expect(alice.during(alice.client.moveAddress(bob.address))).rejects.toMatchObject({
    code: 'contested',
  });
  await town.settle();
  expect(alice.client.account()?.address).toBe(alice.address);
});

test('A revoked device says nothing more and reads nothing more, and does not bring itself back', async () => {
  const { town, alice, bob } = await contacts();
  const lost = await deviceOf(alice, 'telephone');
  await lost.during(lost.client.addContact({ address: bob.address }));
  await town.settle();
  await greet(lost, bob, 'from the telephone');
  await someTime(town);
  await expect(alice.during(alice.client.revokeDevice('nothing'))).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(alice.during(alice.client.revokeDevice('device'))).rejects.toMatchObject({ code: 'self' });
  const log = await alice.during(alice.client.revokeDevice('telephone'));
  expect(log.devices.map(({ name, state }) => [name, state])).toEqual([
    ['device', 'live'],
    ['telephone', 'revoked'],
  ]);
  await someTime(town);
  expect(lost.kinds('security').at(-1)).toMatchObject({ kind: 'revoked' });
  await expect(lost.send(bob, 'hello?')).rejects.toMatchObject({ code: 'device-revoked' });
  await bob.send(alice, 'not for the telephone');
  await town.settle();
  expect(alice.texts(bob)).toContain('not for the telephone');
  expect(lost.texts(bob)).not.toContain('not for the telephone');
  expect(alice.client.accountLog().devices).toHaveLength(2);
});

test('A device renews itself before it expires; one that cannot is out for its contacts when its time is over', async () => {
  for (const online of [true, false]) {
    const { town, bob } = await contacts();
    const carol = town.person('carol@example.com', [3]);
    await carol.during(carol.client.createAccount({ address: carol.address, deviceLifetimeMs: 8 * dayMs }));
    await carol.during(carol.client.setRelays([formatPeerAddress(relayAddress(3))]));
    await carol.start();
    const { link } = await carol.during(carol.client.invite({}));
    await bob.during(bob.client.acceptInvite(link));
    await town.settle();
    await greet(carol, bob, 'in time');
    const [first] = carol.client.accountLog().devices;
    expect(first?.expires).toBeGreaterThan(town.clock.nowMs() + 7 * dayMs);
    carol.agent.online = online;
    town.clock.setWallOffset((online ? 6.5 : 9) * dayMs);
    await town.clock.advance(120_000);
    await town.settle();
    if (online) {
      const { devices } = carol.client.accountLog();
      expect(devices.map(({ state }) => state)).toEqual(['revoked', 'live']);
      expect(devices[1]?.expires).toBeGreaterThan(town.clock.nowMs() + 7 * dayMs);
      await greet(carol, bob, 'renewed');
      await greet(bob, carol, 'and back');
      expect(bob.kinds('security')).toEqual([]);
    } else {
      await bob.send(carol, 'for nobody');
      await town.settle();
      const feeds = storedRows(bob.store)
        .scan(tables.feeds)
        .map(({ row }) => row)
        .filter(({ address }) => address === carol.address);
      const [own, peer] = [
        feeds.find(({ kind }) => kind === 'own'),
        feeds.find(({ kind }) => kind === 'peer'),
      ];
      expect(own).toMatchObject({ readers: [] });
      expect(peer).toMatchObject({ ended: 'left' });
      // Back after all, it is a new device; who wrote to nobody says it to that one no more.
      carol.agent.online = true;
      await town.clock.advance(120_000);
      await town.settle();
      await greet(bob, carol, 'there you are');
      await greet(carol, bob, 'as a new device');
    }
  }
});
