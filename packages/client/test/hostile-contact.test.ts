import { encodeAccountLog, encodeReceipt, encodeUtf8, feedTagOf, messageKinds } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { Draft } from '../src/loop/draft.ts';
import { storedRows } from '../src/loop/rows.ts';
import { Overlay } from '../src/loop/overlay.ts';
import { RowCache } from '../src/loop/row-cache.ts';
import { say } from '../src/conversation/own-feed.ts';
import type { StepPorts } from '../src/ports.ts';
import type { OwnFeedRow } from '../src/store/rows.ts';
import { tables } from '../src/store/tables.ts';
import { contacts, primitives, type Person } from './people.ts';

function ownFeed(person: Person): OwnFeedRow {
  const feeds = storedRows(person.store)
    .scan(tables.feeds)
    .map(({ row }) => row);
  const own = feeds.find((feed) => feed.kind === 'own' && !feed.left);
  if (own?.kind !== 'own') throw new Error('has a feed');
  return own;
}

/** Something that this program would never say, sealed as its next message. To be said at the next start. */
function smuggle(person: Person, kind: number, body: Uint8Array): Promise<void> {
  const rows = new RowCache(person.store);
  const overlay = new Overlay(rows);
  const draft = new Draft(overlay, person.town.clock.nowMs());
  const feed = ownFeed(person);
  const randomness = { bytes: (length: number) => new Uint8Array(length).fill(feed.writer.sequence) };
  say(draft, { primitives, randomness, run: feed.run } as unknown as StepPorts, feed, { kind, body });
  return person.store.commit(rows.prepare(overlay.changes()).writes);
}

test('A receipt for a text that was never read, with a guessed time, confirms nothing and makes nobody a copy', async () => {
  const { town, alice, bob } = await contacts();
  bob.agent.pushes = false;
  await bob.send(alice, 'on its way');
  const { feedId, writer } = ownFeed(bob);
  for (const timeNs of [1n, BigInt(town.clock.nowMs()) * 1_000_000n, 2n ** 64n - 1n]) {
    const feed = { feedTag: feedTagOf(feedId), upTo: writer.sequence - 1, lost: [], skipped: undefined };
    const body = encodeReceipt({ state: 'delivered', feeds: [{ ...feed, timeNs }] });
    await smuggle(alice, messageKinds.receipt, body);
    await alice.restart(alice.store);
    await alice.send(bob, 'with it');
    await town.settle();
  }
  expect(bob.states(alice).filter((state) => state === 'queued')).toEqual(['queued']);
  const told = bob.kinds('security').map((event) => 'kind' in event && event.kind);
  expect(new Set(told)).toEqual(new Set(['refused']));
  bob.agent.pushes = true;
  await town.settle();
  expect(alice.texts(bob)).toContain('on its way');
  expect(bob.states(alice)).not.toContain('queued');
});

test('Whatever a contact says is refused by name or passed, and what comes after it arrives', async () => {
  const { town, alice, bob } = await contacts();
  const bad: readonly [number, Uint8Array][] = [
    [messageKinds.text, Uint8Array.of(0xff, 0xfe)],
    [messageKinds.text, new Uint8Array()],
    [messageKinds.receipt, Uint8Array.of(1, 2, 3)],
    [
      messageKinds.receipt,
      encodeReceipt({
        state: 'delivered',
        feeds: [
          { feedTag: feedTagOf(ownFeed(bob).feedId), upTo: 99_999, timeNs: 1n, lost: [], skipped: undefined },
        ],
      }),
    ],
    [messageKinds.reachability, new Uint8Array(90).fill(255)],
    [messageKinds.membership, new Uint8Array(300).fill(1)],
    [messageKinds['account-log'], new Uint8Array(50)],
    [messageKinds['account-log'], encodeAccountLog([])],
  ];
  for (const [kind, body] of bad) await smuggle(alice, kind, body);
  await smuggle(alice, 250, encodeUtf8('of a kind that only feeds have'));
  await alice.restart(alice.store);
  await alice.send(bob, 'after all that');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['after all that']);
  const told = bob
    .kinds('security')
    .map((event) => (event.event === 'security' ? `${event.kind} ${event.address}` : ''));
  expect(new Set(told)).toEqual(new Set(['refused alice@example.com']));
  await bob.send(alice, 'and back');
  await town.settle();
  expect(alice.texts(bob)).toContain('and back');
});

test('A kind that a newer version knows is kept for it and shown as such', async () => {
  const { town, alice, bob } = await contacts();
  await smuggle(alice, messageKinds.poll, encodeUtf8('a poll'));
  await smuggle(alice, 99, encodeUtf8('from the future'));
  await alice.restart(alice.store);
  await town.settle();
  const shown = bob.client.history({ to: alice.address });
  expect(shown.map(({ kind, text }) => [kind, text])).toEqual([
    ['poll', ''],
    ['unknown', ''],
  ]);
  const kept = storedRows(bob.store)
    .scan(tables.messages)
    .map(({ row }) => row.body);
  expect(kept).toEqual([encodeUtf8('a poll'), encodeUtf8('from the future')]);
});

test('A commit that no member could have made ends the feed with a word, and nothing else', async () => {
  const { town, alice, bob } = await contacts();
  await smuggle(alice, messageKinds.commit, new Uint8Array(500).fill(9));
  await alice.restart(alice.store);
  await town.settle();
  expect(bob.kinds('security')).toMatchObject([{ kind: 'refused', address: alice.address }]);
  await bob.send(alice, 'still here');
  await town.settle();
  expect(alice.texts(bob)).toEqual(['still here']);
});

test('Fresh keys for strangers do not shut out who already read the old ones', async () => {
  const { town, alice, bob } = await contacts();
  const carol = await town.person('carol@example.com', [3]).begin();
  carol.agent.online = true;
  const asking = carol.client.addContact({ address: bob.address, message: 'sealed to the old keys' });
  await carol.during(asking);
  carol.agent.online = false;
  const cards = (): number => storedRows(bob.store).scan(tables.keyPackages).length;
  expect(cards()).toBe(1);
  town.clock.setWallOffset(8 * 86_400_000);
  await town.clock.advance(60_000);
  await town.settle();
  expect(cards()).toBe(2);
  carol.agent.online = true;
  await town.clock.advance(120_000);
  await town.settle();
  await bob.during(bob.client.acceptContact(carol.address));
  await carol.send(bob, 'here I am');
  await town.settle();
  expect(bob.texts(carol)).toEqual(['here I am']);
  town.clock.setWallOffset(60 * 86_400_000);
  await town.clock.advance(60_000);
  // The first is gone for good, the second may still be asked for, the third is the one of today.
  expect(cards()).toBe(2);
  expect(alice.kinds('security')).toEqual([]);
});
