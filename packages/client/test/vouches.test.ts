import {
  appendToAccount,
  encodeVouches,
  messageKinds,
  signVouch,
  unwrap,
  type Vouch,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { accountState, requireAccount } from '../src/account/account-row.ts';
import { contactState, findContact } from '../src/contacts/contact-row.ts';
import { vouchersOf, vouchesKeptMax } from '../src/contacts/vouchers.ts';
import { say } from '../src/conversation/own-feed.ts';
import { Draft } from '../src/loop/draft.ts';
import { Overlay } from '../src/loop/overlay.ts';
import { RowCache } from '../src/loop/row-cache.ts';
import { storedRows } from '../src/loop/rows.ts';
import type { StepPorts } from '../src/ports.ts';
import type { ContactRow } from '../src/store/rows.ts';
import { tables } from '../src/store/tables.ts';
import { primitives, Town, type Person } from './people.ts';

const day = 86_400_000;

async function befriend(one: Person, other: Person): Promise<void> {
  const { link } = await one.during(one.client.invite({}));
  await other.during(other.client.acceptInvite(link));
  await one.town.settle();
}

async function verify(one: Person, other: Person): Promise<void> {
  const { safetyNumber: text } = one.client.contact(other.address);
  await one.during(one.client.verifyContact(other.address, { kind: 'number', text }));
}

function contactOf(person: Person, other: Person): ContactRow {
  return findContact(storedRows(person.store), other.address);
}

/** Alice knows Bob and Carol; Carol knows Bob and has verified him; Alice has verified Carol. */
async function threeFriends(): Promise<{ town: Town; alice: Person; bob: Person; carol: Person }> {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  const carol = await town.person('carol@example.com', [3]).begin();
  await befriend(alice, bob);
  await befriend(alice, carol);
  await befriend(carol, bob);
  await verify(carol, bob);
  await verify(alice, carol);
  return { town, alice, bob, carol };
}

/** What this program would not say, sealed as the next message to Alice; said when it starts again. */
async function smuggle(person: Person, to: Person, body: Uint8Array): Promise<void> {
  const rows = new RowCache(person.store);
  const overlay = new Overlay(rows);
  const draft = new Draft(overlay, person.town.clock.nowMs());
  const feed = draft
    .scan(tables.feeds)
    .map(({ row }) => row)
    .find((row) => row.kind === 'own' && row.address === to.address && !row.left);
  if (feed?.kind !== 'own') throw new Error('has a feed');
  const randomness = { bytes: (length: number) => new Uint8Array(length).fill(feed.writer.sequence) };
  const ports = { primitives, randomness, run: feed.run } as unknown as StepPorts;
  say(draft, ports, feed, { kind: messageKinds.vouch, body });
  await person.store.commit(rows.prepare(overlay.changes()).writes);
  await person.restart(person.store);
  await person.town.settle();
}

/** A vouch by `voucher` for `about`, as the account of `voucher` would sign it. */
function vouchOf(voucher: Person, about: Person, changes: Partial<Vouch> = {}): Uint8Array {
  const own = requireAccount(storedRows(voucher.store));
  const other = requireAccount(storedRows(about.store));
  const nowMs = voucher.town.clock.nowMs();
  const vouch: Vouch = {
    kind: 'vouch',
    voucher: own.accountId,
    address: other.address,
    accountId: other.accountId,
    accountKey: accountState(primitives, other).accountKey,
    issuedMs: nowMs,
    expiresMs: nowMs + day,
    ...changes,
  };
  return signVouch(primitives, vouch, own.secrets.accountSeed);
}

test('Carol vouches for Bob: at Alice’s he rises, says by whom, and falls the moment she takes it back', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  expect(alice.client.contact(bob.address)).toMatchObject({ trust: 'pinned', vouchers: [] });
  const told = await carol.during(carol.client.vouch({ address: bob.address, to: [alice.address] }));
  expect(told).toEqual([alice.address]);
  await town.settle();
  const raised = alice.client.contact(bob.address);
  expect(raised).toMatchObject({
    trust: 'vouched',
    vouchers: [{ address: carol.address, counts: true, through: undefined }],
  });
  expect(raised.trustReason).toContain(carol.address);
  expect(raised.wayUp).toContain('contact verify');
  expect(alice.kinds('vouch')).toMatchObject([{ from: carol.address, about: bob.address, state: 'given' }]);
  expect(carol.client.vouches().given).toMatchObject([
    { about: bob.address, to: [alice.address], state: 'given' },
  ]);

  expect(await carol.during(carol.client.revokeVouch(bob.address))).toEqual([alice.address]);
  await town.settle();
  expect(alice.client.contact(bob.address)).toMatchObject({ trust: 'pinned', vouchers: [] });
  expect(alice.kinds('vouch').at(-1)).toMatchObject({ state: 'revoked' });
  await expect(carol.during(carol.client.revokeVouch(bob.address))).rejects.toMatchObject({
    code: 'not-found',
  });

  await carol.during(carol.client.vouch({ address: bob.address, to: 'all' }));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
});

test('Nobody is told but those whom Carol names: Bob alone unless she says more', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  expect(await carol.during(carol.client.vouch({ address: bob.address }))).toEqual([bob.address]);
  await town.settle();
  expect(bob.client.vouches().received).toMatchObject([{ from: carol.address, state: 'given' }]);
  expect(alice.client.contact(bob.address).vouchers).toEqual([]);
  expect(alice.kinds('vouch')).toEqual([]);
});

test('Whom she has not verified Carol cannot vouch for, nor tell whom she does not know', async () => {
  const { alice, bob, carol } = await threeFriends();
  await expect(carol.during(carol.client.vouch({ address: alice.address }))).rejects.toMatchObject({
    code: 'not-verified',
  });
  await expect(
    carol.during(carol.client.vouch({ address: bob.address, to: ['dave@example.com'] })),
  ).rejects.toMatchObject({ code: 'unknown-contact' });
});

test('The word of a contact whom Alice has not verified is shown and does not count', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const mallory = await town.person('mallory@example.com', [1]).begin();
  await befriend(alice, mallory);
  await befriend(mallory, bob);
  await verify(mallory, bob);
  await mallory.during(mallory.client.vouch({ address: bob.address, to: [alice.address] }));
  await town.settle();
  expect(alice.client.contact(bob.address)).toMatchObject({
    trust: 'pinned',
    vouchers: [{ address: mallory.address, counts: false }],
  });

  await verify(alice, mallory);
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
  await alice.during(alice.client.blockContact(mallory.address));
  expect(alice.client.contact(bob.address)).toMatchObject({ trust: 'pinned', vouchers: [] });
  await carol.during(carol.client.vouch({ address: bob.address, to: [alice.address] }));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
  await alice.during(alice.client.removeContact(carol.address));
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  expect(storedRows(alice.store).scan(tables.vouchesBy).length).toBe(1);
});

test('Depth: 2 lets those count for whom Carol vouches, 0 lets nobody', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const dave = await town.person('dave@example.com', [2]).begin();
  await befriend(alice, dave);
  await befriend(bob, dave);
  await verify(bob, dave);
  await carol.during(carol.client.vouch({ address: bob.address, to: [alice.address] }));
  await bob.during(bob.client.vouch({ address: dave.address, to: [alice.address] }));
  await town.settle();
  expect(alice.client.contact(dave.address).trust).toBe('pinned');
  await alice.during(alice.client.setVouchDepth(2));
  const further = alice.client.contact(dave.address);
  expect(further.trust).toBe('vouched');
  expect(further.vouchers).toMatchObject([{ address: bob.address, through: carol.address }]);
  expect(further.trustReason).toContain(`${bob.address}, for whom ${carol.address} vouches`);
  await alice.during(alice.client.setVouchDepth(0));
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  expect(alice.client.vouches().depth).toBe(0);
  await alice.restart();
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
});

test('A vouch ends with its time, and one that is said again changes nothing', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const wish = { address: bob.address, to: [alice.address], lifeMs: 10 * day };
  await carol.during(carol.client.vouch(wish));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
  const kept = storedRows(carol.store).scan(tables.vouchesGiven)[0]?.row.statement ?? new Uint8Array();
  await carol.during(carol.client.revokeVouch(bob.address));
  await town.settle();
  await smuggle(carol, alice, encodeVouches([kept]));
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  await carol.during(carol.client.vouch(wish));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
  town.clock.setWallOffset(10 * day);
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  expect(carol.client.vouches().given.at(-1)).toMatchObject({ state: 'expired' });
});

test('What Carol signs about another account or another name of Bob raises nobody, and the contradiction is told', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const other = await town.person('bob@example.com', [1]).begin();
  await smuggle(carol, alice, encodeVouches([vouchOf(carol, other)]));
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  expect(alice.kinds('security')).toMatchObject([{ kind: 'split-view', address: bob.address }]);
  const renamed = vouchOf(carol, bob, { address: 'robert@example.com' });
  const otherKey = vouchOf(carol, bob, {
    accountKey: new Uint8Array(32).fill(9) as Vouch['accountKey'],
    issuedMs: town.clock.nowMs() + 1,
  });
  await smuggle(carol, alice, encodeVouches([renamed, otherKey]));
  expect(alice.client.contact(bob.address)).toMatchObject({ trust: 'pinned', vouchers: [] });
});

test('What is forged, or signed by somebody else, is refused by name, and what comes after it is taken', async () => {
  const { alice, bob, carol } = await threeFriends();
  const good = vouchOf(carol, bob);
  const forged = good.map((byte, at) => (at === good.length - 70 ? byte ^ 1 : byte));
  await smuggle(carol, alice, encodeVouches([forged, vouchOf(bob, carol), good]));
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
  const told = alice.kinds('security').map((event) => ('text' in event ? event.text : ''));
  expect(told.some((text) => text.includes('vouch.signature'))).toBe(true);
  expect(told.some((text) => text.includes('vouch.voucher'))).toBe(true);
});

test('A contact that vouches for everybody fills no disk: the first go first', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const account = (index: number): Uint8Array => primitives.sha256(Uint8Array.of(index, index >> 8));
  const many = Array.from({ length: 2 * vouchesKeptMax }, (_, index) =>
    vouchOf(carol, bob, {
      accountId: account(index) as Vouch['accountId'],
      issuedMs: town.clock.nowMs() + index,
    }),
  );
  for (let at = 0; at < many.length; at += 16) {
    await smuggle(carol, alice, encodeVouches(many.slice(at, at + 16)));
  }
  const rows = storedRows(alice.store);
  expect(rows.scan(tables.vouches).length).toBe(vouchesKeptMax);
  expect(rows.scan(tables.vouchesBy).length).toBe(vouchesKeptMax);
  const kept = rows.scan(tables.vouches).map(({ row }) => row.issuedMs);
  expect(Math.min(...kept)).toBeGreaterThan(vouchesKeptMax / 2);
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
});

test('A vouch holds on for the account when its key is rotated, and for no other account that has the key', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  await carol.during(carol.client.vouch({ address: bob.address, to: [alice.address] }));
  await town.settle();
  const rows = storedRows(alice.store);
  const contact = contactOf(alice, bob);
  const seed = primitives.sha256(Uint8Array.of(7));
  const op = { kind: 'rotate-account-key' as const, accountKey: primitives.ed25519PublicKey(seed) as never };
  const { secrets } = requireAccount(storedRows(bob.store));
  const rotation = { op, timeMs: 0, accountSeed: secrets.accountSeed, newAccountSeed: seed };
  const { entry } = unwrap(appendToAccount(primitives, contactState(primitives, contact), rotation));
  const ports = { primitives, nowMs: town.clock.nowMs() };
  const counting = (row: ContactRow): readonly string[] =>
    vouchersOf(rows, ports, row)
      .filter(({ counts }) => counts)
      .map(({ address }) => address);
  expect(counting(contact)).toEqual([carol.address]);
  expect(counting({ ...contact, log: [...contact.log, entry] })).toEqual([carol.address]);
  const other = { ...contact, accountId: primitives.sha256(Uint8Array.of(8)) as ContactRow['accountId'] };
  expect(counting(other)).toEqual([]);
  expect(counting({ ...contact, address: 'robert@example.com' })).toEqual([]);
  expect(counting({ ...contact, log: contactOf(alice, carol).log })).toEqual([]);
});

test('Where two accounts claim an address, the word of a verified contact decides, until it is taken back', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const mallory = await town.person('bob@example.com', [1]).begin();
  const { link } = await alice.during(alice.client.invite({ uses: 5 }));
  await mallory.during(mallory.client.acceptInvite(link));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('contested');
  await expect(alice.send(bob, 'who are you?')).rejects.toMatchObject({ code: 'contested' });
  await carol.during(carol.client.vouch({ address: bob.address, to: [alice.address] }));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('vouched');
  await alice.send(bob, 'so it is you');
  await town.settle();
  expect(bob.texts(alice)).toContain('so it is you');
  await carol.during(carol.client.revokeVouch(bob.address));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('contested');
  await expect(alice.send(bob, 'or is it?')).rejects.toMatchObject({ code: 'contested' });
});

test('What Alice missed while she was away, and what a new device of hers never saw, she is told', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  alice.agent.online = false;
  await carol.during(carol.client.vouch({ address: bob.address, to: [alice.address] }));
  await town.settle();
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
  await alice.restart();
  expect(alice.client.contact(bob.address).trust).toBe('vouched');

  const again = await town.person('alice@example.com', [1]).begin(alice.phrase);
  await again.during(again.client.addContact({ address: carol.address }));
  await town.settle();
  await again.during(again.client.addContact({ address: bob.address }));
  await town.settle();
  await verify(again, carol);
  expect(again.client.contact(bob.address).trust).toBe('vouched');
});

test('Bob shows strangers whose word he has: who verified Carol finds him vouched for at the first look-up', async () => {
  const { town, alice, bob, carol } = await threeFriends();
  const dave = await town.person('dave@example.com', [2]).begin();
  const erin = await town.person('erin@example.com', [3]).begin();
  await befriend(dave, carol);
  await verify(dave, carol);
  await expect(bob.during(bob.client.showVouch(carol.address))).rejects.toMatchObject({ code: 'not-found' });
  await carol.during(carol.client.vouch({ address: bob.address }));
  await town.settle();
  await bob.during(bob.client.showVouch(carol.address));
  expect(bob.client.vouches().shown).toBe(carol.address);
  await town.clock.advance(1_000);
  await town.settle();
  const found = await dave.during(dave.client.addContact({ address: bob.address }));
  expect(found).toMatchObject({ trust: 'vouched', vouchers: [{ address: carol.address, counts: true }] });
  expect(await erin.during(erin.client.addContact({ address: bob.address }))).toMatchObject({
    trust: 'pinned',
    vouchers: [],
  });
  await carol.during(carol.client.revokeVouch(bob.address));
  await town.settle();
  expect(bob.client.vouches().received).toMatchObject([{ state: 'revoked' }]);
  await town.clock.advance(5 * 3_600_000);
  await town.settle();
  const frank = await town.person('frank@example.com', [2]).begin();
  await befriend(frank, carol);
  await verify(frank, carol);
  expect(await frank.during(frank.client.addContact({ address: bob.address }))).toMatchObject({
    trust: 'pinned',
  });
  await bob.during(bob.client.showVouch(undefined));
  expect(bob.client.vouches().shown).toBeUndefined();
  expect(alice.client.contact(bob.address).trust).toBe('pinned');
});
