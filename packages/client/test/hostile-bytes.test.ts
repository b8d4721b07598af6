import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform } from '@mycelium/node';
import {
  encodeIntake,
  encodeIntroductionPart,
  frameCount,
  hasReserved,
  intakeAssociated,
  messageKinds,
  reserve,
  sealMessage,
  signIntroduction,
  type FeedId,
  type Route,
} from '@mycelium/protocol';
import { createSeededRandomness } from '@mycelium/simulation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import { placeKey } from '../src/store/keys.ts';
import type { OwnFeedRow, QueueRow } from '../src/store/rows.ts';
import { accountRowKey, tables } from '../src/store/tables.ts';
import { contacts, primitives, type Person } from './people.ts';
import { aheadClaim, relayAddress } from './post-office.ts';

const randomness = createSeededRandomness('bytes of Mallory');
const agreement = createKeyAgreement({ primitives, randomness, platform: createMlsPlatform() });

function ownFeed(person: Person): OwnFeedRow {
  const feeds = storedRows(person.store).scan(tables.feeds);
  const own = feeds.map(({ row }) => row).find((row) => row.kind === 'own' && !row.left);
  return own as OwnFeedRow;
}

/** Any kind, any flags, any content: sealed by a real contact as its next message. */
function sealAnything(
  person: Person,
  message: { kind: number; flags: number; content: Uint8Array },
): Promise<void> {
  const feed = ownFeed(person);
  const parts = frameCount(message.content.length);
  const timeNs = BigInt(person.town.clock.nowMs()) * 1_000_000n;
  const writer = hasReserved(feed.writer, parts) ? feed.writer : reserve(feed.writer, parts);
  const sealed = sealMessage(writer, { ...message, timeNs }, randomness.bytes(8 * parts), primitives);
  const queue = storedRows(person.store).get(tables.queues, writer.route) as Extract<
    QueueRow,
    { kind: 'own' }
  >;
  return person.store.commit([
    {
      kind: 'put',
      table: 'feeds',
      key: feed.feedId,
      value: tables.feeds.encode({ ...feed, writer: sealed.writer }),
    },
    {
      kind: 'put',
      table: 'queues',
      key: queue.route,
      value: tables.queues.encode({ ...queue, next: sealed.writer.index }),
    },
    ...sealed.frames.map((frame, at) => ({
      kind: 'put' as const,
      table: 'frames',
      key: placeKey(queue.route, writer.index + at),
      value: frame,
    })),
  ]);
}

const anyBytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

test('Whatever a contact seals, the next text of it arrives', async () => {
  const { town, alice, bob } = await contacts();
  const numbers = Object.values(messageKinds).filter((kind) => kind !== messageKinds.commit);
  const anything = fc.record({
    kind: fc.oneof(fc.constantFrom(...numbers), fc.integer({ min: 0, max: 255 })),
    flags: fc.integer({ min: 0, max: 255 }),
    content: fc.oneof(anyBytes(40), anyBytes(600), fc.constant(new Uint8Array(5_000))),
  });
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 6 }), async (messages) => {
      for (const message of messages) {
        if (message.kind !== messageKinds.commit) await sealAnything(alice, message);
      }
      await alice.restart(alice.store);
      sent += 1;
      await alice.send(bob, `text ${sent}`);
      await town.settle();
      expect(bob.client.history({ to: alice.address, limit: 1 })[0]?.text).toBe(`text ${sent}`);
    }),
    { numRuns: 25 },
  );
  await bob.send(alice, 'and back');
  await town.settle();
  expect(alice.texts(bob)).toContain('and back');
});

test('Whatever stands in an introduction or an intake frame, nothing throws and nobody becomes a contact', async () => {
  const { alice, bob } = await contacts();
  const rows = storedRows(bob.store);
  const { device } = rows.get(tables.account, accountRowKey) ?? {};
  const route = device?.intakeRoute as Route;
  const key = rows.scan(tables.intakeKeys).at(-1)?.row.publicKey ?? new Uint8Array();
  const stranger = storedRows(alice.store).get(tables.account, accountRowKey);
  const genuine = signIntroduction(
    primitives,
    {
      address: 'carol@example.com',
      accountLog: randomness.bytes(300),
      device: {
        certificate: stranger?.device.certificate ?? new Uint8Array(),
        keyPackage: randomness.bytes(4_000),
        intake: { publicKey: new Uint8Array(1_216), route, relays: [relayAddress(1)], difficulty: 1 },
      },
      location: {
        feedId: randomness.bytes(32) as FeedId,
        ownerPublicKey: randomness.bytes(32),
        sequence: 0,
        relays: [],
      },
      welcome: randomness.bytes(500),
      token: new Uint8Array(),
      greeting: 'hello',
    },
    { deviceSeed: randomness.bytes(32), recipient: device?.key ?? (randomness.bytes(32) as never) },
  );
  const give = async (plain: Uint8Array): Promise<void> => {
    const sealed = await agreement.sealIntake(key, intakeAssociated(route), plain);
    const requestId = randomness.bytes(12);
    const frame = encodeIntake({ route, requestId, stampTimeMs: 0, stampNonce: 0n, sealed });
    await bob.during(bob.agent.handler.intake(route, 0, frame));
  };
  const flipped = fc
    .tuple(fc.nat(genuine.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, bits]) => genuine.map((byte, place) => (place === at ? byte ^ bits : byte)));
  const cut = fc.nat(genuine.length).map((length) => genuine.slice(0, length));
  await fc.assert(
    fc.asyncProperty(fc.oneof(flipped, cut, anyBytes(2_000)), async (bytes) => {
      const introductionId = randomness.bytes(16);
      const parts = Math.max(1, Math.ceil(bytes.length / 2_000));
      for (let part = 0; part < parts; part += 1) {
        const piece = bytes.subarray(part * 2_000, (part + 1) * 2_000);
        await give(encodeIntroductionPart({ introductionId, part, parts, piece }));
      }
      await give(bytes.subarray(0, 1_000));
      const junk = bytes.length >= 4_096 ? bytes.slice(0, 4_096) : bytes;
      await bob.during(bob.agent.handler.intake(route, 0, junk));
    }),
    { numRuns: 40 },
  );
  expect(bob.client.contacts()).toHaveLength(1);
  expect([...bob.kinds('request'), ...bob.kinds('security')]).toEqual([]);
});

test('Whatever a relay says of a queue, its frames are wanted where they were', async () => {
  const { town, alice, bob } = await contacts();
  const feed = storedRows(bob.store)
    .scan(tables.feeds)
    .find(({ row }) => row.kind === 'peer')?.row;
  if (feed?.kind !== 'peer') throw new Error('Bob follows Alice');
  const { route } = feed.reader;
  const own = ownFeed(bob).writer.route;
  const index = fc.oneof(fc.nat(60), fc.maxSafeNat());
  await fc.assert(
    fc.asyncProperty(
      index,
      fc.array(anyBytes(200), { maxLength: 4 }),
      fc.boolean(),
      async (at, frames, framed) => {
        const { handler } = bob.agent;
        const given = frames.map((bytes) => {
          const frame = new Uint8Array(128);
          frame.set(bytes.subarray(0, 128));
          frame.set([1, 1, 124, 0, ...route]);
          return framed ? frame : bytes;
        });
        await bob.during(handler.received(route, at, given, relayAddress(1)));
        await bob.during(handler.received(own, at, given, relayAddress(1)));
        await bob.during(handler.acknowledged(own, relayAddress(7), at));
        await bob.during(handler.ahead(own, relayAddress(7), aheadClaim(at)).catch(() => undefined));
      },
    ),
    { numRuns: 40 },
  );
  await alice.send(bob, 'all the same');
  await bob.send(alice, 'and back');
  await town.settle();
  expect(bob.texts(alice)).toEqual(alice.texts(bob));
  expect(bob.texts(alice)).toHaveLength(2);
  expect(bob.kinds('security')).toEqual([]);
});
