// What a text, or a new contact, costs does not grow with the contacts that are there: rows of the store are counted, no time.
import type { ClientStore } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { tables } from '../src/store/tables.ts';
import { Town, type Person } from './people.ts';

/** Rows that were read and written since the last call. */
function countRows({ store }: Person): () => number {
  let rows = 0;
  const uncounted = { ...store };
  const counted: Pick<ClientStore, 'get' | 'scan' | 'commit'> = {
    get: (table, key) => {
      rows += 1;
      return uncounted.get(table, key);
    },
    scan: (table, range) => {
      const found = uncounted.scan(table, range);
      // The post office asks every queue for frames whenever something moves; the mail agent asks those that are woken.
      if (table !== tables.frames.name) rows += found.length;
      return found;
    },
    commit: (writes) => {
      rows += writes.length;
      return uncounted.commit(writes);
    },
  };
  Object.assign(store, counted);
  return () => {
    const sinceLast = rows;
    rows = 0;
    return sinceLast;
  };
}

/** Bob accepts an invite of Alice's, and both have said something. */
async function befriend(town: Town, alice: Person, number: number): Promise<Person> {
  const bob = await town.person(`bob-${number}@example.com`).begin();
  const { link } = await alice.during(alice.client.invite({}));
  await bob.during(bob.client.acceptInvite(link));
  await town.settle();
  await alice.send(bob, 'hello');
  await bob.send(alice, 'hello');
  await town.settle();
  expect(alice.texts(bob)).toHaveLength(2);
  return bob;
}

/** The least of some texts with their receipts: work that comes round once a minute falls into few of them. */
async function rowsOfText(town: Town, alice: Person, bob: Person, count: () => number): Promise<number> {
  const seen: number[] = [];
  for (let at = 0; at < 5; at += 1) {
    count();
    await alice.send(bob, `text ${at}`);
    await town.settle();
    seen.push(count());
  }
  expect(new Set(alice.states(bob))).toEqual(new Set(['delivered', 'received']));
  return Math.min(...seen);
}

test(
  'a text costs as many rows with sixteen contacts as with two, and so does a contact more',
  { timeout: 180_000 },
  async () => {
    const town = new Town();
    const alice = await town.person('alice@example.com').begin();
    const count = countRows(alice);
    const bob = await befriend(town, alice, 0);
    const ofContacts: number[] = [];
    const ofTexts: number[] = [];
    for (let number = 1; number < 16; number += 1) {
      count();
      await befriend(town, alice, number);
      ofContacts.push(count());
      if (number === 1 || number === 15) ofTexts.push(await rowsOfText(town, alice, bob, count));
    }
    const [few = 0, many = 0] = ofTexts;
    // A look at every contact, feed or queue would be 14 rows more at least.
    expect(many - few).toBeLessThan(10);
    const least = (from: number): number => Math.min(...ofContacts.slice(from, from + 5));
    // Time goes on while somebody becomes a contact, and with it what comes round for each of the others: some rows of its
    // own, among them new heads, in which the newcomer is (12 when this was written).
    expect((least(10) - least(0)) / 10).toBeLessThan(25);
  },
);
