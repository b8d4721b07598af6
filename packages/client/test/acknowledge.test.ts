import { expect, test } from 'vitest';
import { acknowledge, nothingAcknowledged } from '../src/conversation/acknowledge.ts';
import { Draft } from '../src/loop/draft.ts';
import { Overlay } from '../src/loop/overlay.ts';
import { storedRows } from '../src/loop/rows.ts';
import { placeKey } from '../src/store/keys.ts';
import type { OwnFeedRow } from '../src/store/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, type Person } from './people.ts';

function ownFeed(person: Person): OwnFeedRow {
  const feeds = storedRows(person.store).scan(tables.feeds);
  const own = feeds.map(({ row }) => row).find((feed) => feed.kind === 'own');
  if (own?.kind !== 'own') throw new Error('has a feed');
  return own;
}

/** Alice has said something that nobody has; her relays tell that they have it, while Bob confirms what came before. */
async function scene() {
  const { alice, bob, town } = await contacts();
  alice.agent.online = false;
  await alice.send(bob, 'on its way');
  await town.settle();
  const feed = ownFeed(alice);
  const { route, index, sequence } = feed.writer;
  const draft = new Draft(new Overlay(storedRows(alice.store)), town.clock.nowMs());
  const acknowledged = nothingAcknowledged();
  const tell = (next: number, monotonicMs: number, mayWait: boolean): readonly boolean[] =>
    feed.relays.map((peer) => acknowledge(draft, acknowledged, { route, peer, next, monotonicMs, mayWait }));
  tell(0, 0, true);
  return {
    /** Of the acknowledgement: whether it was taken; and whether the text counts as stored then. */
    ask: (monotonicMs: number, mayWait = true): readonly unknown[] => [
      tell(index, monotonicMs, mayWait).at(-1),
      draft.get(tables.outgoing, placeKey(feed.feedId, sequence - 1))?.stored,
    ],
    confirm: (more: number): void => {
      const readers = feed.readers.map((reader) => ({ ...reader, confirmed: reader.confirmed + more }));
      draft.put(tables.feeds, feed.feedId, { ...feed, readers });
    },
  };
}

test('While receipts move a text is not yet said to be stored, and once they stand still it is', async () => {
  const { ask, confirm } = await scene();
  confirm(1);
  expect(ask(1_000)).toEqual([false, false]);
  confirm(2);
  expect(ask(1_200)).toEqual([false, false]);
  expect(ask(1_400)).toEqual([false, false]);
  expect(ask(1_450)).toEqual([true, true]);
});

test('What may not wait any more is said however receipts move, and so is what nobody has confirmed', async () => {
  const moving = await scene();
  moving.confirm(1);
  expect(moving.ask(1_000, false)).toEqual([true, true]);
  const still = await scene();
  expect(still.ask(1)).toEqual([true, true]);
});
