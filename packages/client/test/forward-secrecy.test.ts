import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform } from '@mycelium/node';
import { createReader } from '@mycelium/protocol';
import { createSeededRandomness } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { feedSecretLabel } from '../src/conversation/own-feed.ts';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, primitives, type Person } from './people.ts';

const randomness = createSeededRandomness('thief');
const agreement = createKeyAgreement({ primitives, randomness, platform: createMlsPlatform() });

/** How many of the feeds' epochs a thief of the store can begin again from their start. */
async function broughtBack(person: Person): Promise<number> {
  const rows = storedRows(person.store);
  let found = 0;
  for (const { row: feed } of rows.scan(tables.feeds)) {
    const state = rows.get(tables.groups, feed.feedId);
    if (state === undefined) throw new Error('every feed here has its group');
    const secret = await agreement.exporter(state, feedSecretLabel, feed.conversation);
    const { route, ownerPublicKey } = feed.kind === 'own' ? feed.writer : feed.reader;
    if (createReader(secret, ownerPublicKey, primitives).route.join() === route.join()) found += 1;
  }
  return found;
}

test('The group states in a stolen store do not bring back the keys of frames that were erased', async () => {
  const { town, alice, bob } = await contacts();
  for (let at = 0; at < 110; at += 1) await alice.send(bob, `text ${at}`);
  await bob.send(alice, 'and back');
  await town.settle();
  expect(storedRows(alice.store).scan(tables.feeds)).toHaveLength(2);
  const ids = storedRows(alice.store).scan(tables.psks);
  // Bob's newest secret is there to be mixed in, and those of our own epochs that Bob may still ask for.
  expect(ids.length).toBeGreaterThanOrEqual(2);
  expect([await broughtBack(alice), await broughtBack(bob)]).toEqual([0, 0]);
});
