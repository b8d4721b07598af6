import { concatBytes } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { Overlay } from '../src/loop/overlay.ts';
import { RowCache } from '../src/loop/row-cache.ts';
import { storedRows } from '../src/loop/rows.ts';
import { textKey } from '../src/store/keys.ts';
import type { ContactRow } from '../src/store/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, type Person, type Town } from './people.ts';

async function befriend(inviter: Person, guest: Person): Promise<void> {
  const { link } = await inviter.during(inviter.client.invite({}));
  await guest.during(guest.client.acceptInvite(link));
  await inviter.town.settle();
}

/** One text each way, and the minutes until heads have been told. */
async function exchange(one: Person, other: Person): Promise<void> {
  await one.send(other, 'how are you?');
  await other.send(one, 'and you?');
  await minutes(one.town, 4);
}

async function minutes(town: Town, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await town.clock.advance(60_000);
    await town.settle();
  }
}

function told(person: Person): readonly unknown[] {
  return person.events.flatMap((event) => (event.event === 'security' ? [[event.kind, event.address]] : []));
}

/** Changes what a person has of a contact, on the disk, as if it had been shown so. */
async function shownInstead(
  person: Person,
  contact: Person,
  change: (row: ContactRow) => ContactRow,
): Promise<void> {
  const rows = new RowCache(person.store);
  const key = textKey(contact.address);
  const row = rows.get(tables.contacts, key);
  if (row === undefined) throw new Error('is a contact');
  const overlay = new Overlay(rows);
  overlay.put(tables.contacts, key, change(row));
  await person.store.commit(rows.prepare(overlay.changes()).writes);
  await person.restart(person.store);
}

/** The last entry is another one. */
function withOtherEnd(row: ContactRow): ContactRow {
  const last = row.log.at(-1) ?? new Uint8Array();
  return {
    ...row,
    log: [...row.log.slice(0, -1), concatBytes(last.slice(0, -1), Uint8Array.of((last.at(-1) ?? 0) ^ 1))],
  };
}

test('A hostile directory that shows Alice and Carol different Bobs is found out in one exchange, and by both', async () => {
  const { town, alice, bob } = await contacts();
  const carol = await town.person('carol@example.com', [3]).begin();
  // Carol is shown another Bob only: the directory never names him to Alice, nor Alice's to Carol.
  const mallory = await town.person(bob.address, [3]).begin();
  await befriend(mallory, carol);
  Object.assign(town.directory, { lookUp: () => Promise.resolve([]) });
  await befriend(alice, carol);
  expect(carol.client.contact(bob.address).fingerprint).not.toBe(
    alice.client.contact(bob.address).fingerprint,
  );
  await exchange(alice, carol);
  for (const [person, by, other] of [
    [alice, carol, mallory],
    [carol, alice, bob],
  ] as const) {
    expect(told(person)).toContainEqual(['split-view', bob.address]);
    const [doubt] = person.client.contact(bob.address).doubts;
    expect(doubt).toContain(by.address);
    expect(doubt).toContain(other.client.account()?.fingerprint);
    expect(doubt).toContain('safety number');
    expect(person.client.status().doubts).toMatchObject([{ address: bob.address }]);
  }
  // It is a contact's word: it stops nothing, and ends with a decision.
  await alice.send(bob, 'is it you?');
  const { safetyNumber } = alice.client.contact(bob.address);
  const shown = { kind: 'number', text: safetyNumber } as const;
  expect((await alice.during(alice.client.verifyContact(bob.address, shown))).doubts).toEqual([]);
});

test('Contacts who were shown the same hear nothing, and who has no common contact learns nothing', async () => {
  const { town, alice, bob } = await contacts();
  const carol = await town.person('carol@example.com', [3]).begin();
  const dave = await town.person('dave@example.com', [3]).begin();
  await befriend(bob, carol);
  await befriend(alice, carol);
  await befriend(alice, dave);
  await exchange(alice, carol);
  await exchange(alice, dave);
  await exchange(alice, bob);
  for (const person of [alice, bob, carol, dave]) {
    expect(told(person)).toEqual([]);
    expect(person.client.status().doubts).toEqual([]);
  }
  const kept = storedRows(dave.store).scan(tables.acquaintances);
  expect(kept).toEqual([]);
});

test('Another history of the same account, and entries that were held back, are told apart', async () => {
  const { town, alice, bob } = await contacts();
  const carol = await town.person('carol@example.com', [3]).begin();
  await befriend(bob, carol);
  await befriend(alice, carol);
  Object.assign(town.directory, { lookUp: () => Promise.resolve([]) });
  await shownInstead(alice, bob, (row) => ({ ...row, log: row.log.slice(0, -1) }));
  await exchange(alice, carol);
  expect(told(alice)).toContainEqual(['rollback', bob.address]);
  expect(told(carol)).toEqual([]);
  // What was held back comes in Bob's own words: the doubt is settled.
  await bob.during(bob.client.rotateKey());
  await minutes(town, 2);
  expect(alice.client.contact(bob.address).doubts).toEqual([]);

  await shownInstead(carol, bob, withOtherEnd);
  town.clock.setWallOffset(2 * 3_600_000);
  await exchange(carol, alice);
  expect(told(alice)).toContainEqual(['split-view', bob.address]);
});

test('The owner hears that somebody was shown another history of the own account', async () => {
  const { alice, bob } = await contacts();
  await shownInstead(alice, bob, withOtherEnd);
  await exchange(alice, bob);
  expect(told(bob)).toContainEqual(['split-view', bob.address]);
  // And she, that he names another history than the one that she was shown.
  expect(told(alice)).toContainEqual(['split-view', bob.address]);
});

test('Heads are said when they changed, and at most once an hour', async () => {
  const { town, alice, bob } = await contacts();
  const said = (): unknown => {
    const row = storedRows(alice.store).get(tables.contacts, textKey(bob.address));
    return row?.headsSaidMs;
  };
  await exchange(alice, bob);
  const first = said();
  expect(first).toBeGreaterThan(0);
  await minutes(town, 20);
  await exchange(alice, bob);
  expect(said()).toBe(first);
  await alice.during(alice.client.rotateKey());
  await exchange(alice, bob);
  expect(said()).toBe(first);
  town.clock.setWallOffset(2 * 3_600_000);
  await exchange(alice, bob);
  expect(said()).toBeGreaterThan(first as number);
});
