import { skippedKeyLifeMs } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, type Person } from './people.ts';

function skippedBytes(person: Person): number {
  const feeds = storedRows(person.store).scan(tables.feeds);
  return feeds.reduce((sum, { row }) => sum + (row.kind === 'peer' ? row.reader.skipped.length : 0), 0);
}

test('Keys of frames that were left out are gone after a week in which nobody said a word', async () => {
  const { town, alice, bob } = await contacts();
  await alice.during(alice.client.stop());
  await alice.restart();
  await alice.send(bob, 'behind the block that was reserved');
  await town.settle();
  expect(skippedBytes(bob)).toBeGreaterThan(0);
  town.clock.setWallOffset(skippedKeyLifeMs + 7_200_000);
  await town.clock.advance(61_000);
  await town.settle();
  expect(skippedBytes(bob)).toBe(0);
});
