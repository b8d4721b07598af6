import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform } from '@mycelium/node';
import {
  appendToAccount,
  bytesEqual,
  encodeAccountLog,
  encodeIntake,
  encodeIntroductionPart,
  intakeAssociated,
  introductionPieceMax,
  issueDeviceCertificate,
  liveDevices,
  replayAccountLog,
  signIntroduction,
  unwrap,
  type AccountOp,
  type DeviceKey,
  type FeedId,
  type Introduction,
  type KeyPackagePair,
} from '@mycelium/protocol';
import { createSeededRandomness } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import type { AccountRow, ContactRow, OwnFeedRow } from '../src/store/rows.ts';
import { accountRowKey, tables } from '../src/store/tables.ts';
import { contacts, primitives, type Person, type Town } from './people.ts';
import { aheadClaim, relayAddress } from './post-office.ts';

const randomness = createSeededRandomness('Mallory');
const agreement = createKeyAgreement({ primitives, randomness, platform: createMlsPlatform() });

function accountOf(person: Person): AccountRow {
  const account = storedRows(person.store).get(tables.account, accountRowKey);
  if (account === undefined) throw new Error('no account');
  return account;
}

function contactRow(person: Person, address: string): ContactRow | undefined {
  return storedRows(person.store)
    .scan(tables.contacts)
    .find(({ row }) => row.address === address)?.row;
}

function securityKinds(person: Person): readonly string[] {
  return person.kinds('security').map((event) => ('kind' in event ? event.kind : ''));
}

/** A device of Mallory's account, in her own hands: she signs what she likes. */
class Mallory {
  readonly account: AccountRow;
  readonly keys: { readonly keyPackage: Uint8Array; readonly secret: Uint8Array };
  log: readonly Uint8Array[];
  #feeds = 0;

  constructor(person: Person) {
    this.account = accountOf(person);
    this.log = this.account.log;
    this.keys = storedRows(person.store).scan(tables.keyPackages).at(-1)?.row as KeyPackagePair;
  }

  append(op: AccountOp, newSeed?: Uint8Array): void {
    const state = unwrap(replayAccountLog(primitives, this.log));
    const { accountSeed } = this.account.secrets;
    const signed = {
      op,
      timeMs: 1,
      accountSeed,
      ...(newSeed === undefined ? {} : { newAccountSeed: newSeed }),
    };
    this.log = [...this.log, unwrap(appendToAccount(primitives, state, signed)).entry];
  }

  /** What Bob's device gets, with what Mallory changes in it. */
  async introduction(bob: Person, changes: Partial<Introduction> = {}, feed?: FeedId): Promise<Uint8Array> {
    const { device } = this.account;
    this.#feeds += 1;
    const feedId = feed ?? (primitives.sha256(device.key, Uint8Array.of(this.#feeds)) as FeedId);
    const leaf = { deviceSeed: device.seed, deviceKey: device.key, certificate: device.certificate };
    const theirs = storedRows(bob.store).scan(tables.keyPackages).at(-1)?.row;
    const group = await agreement.createGroup('xwing', feedId, leaf);
    const { welcome } = await agreement.add(group, [theirs?.keyPackage ?? new Uint8Array()]);
    const intake = {
      publicKey: (await agreement.createIntakeKey(randomness.bytes(32))).publicKey,
      route: device.intakeRoute,
      relays: [relayAddress(9)],
      difficulty: 0,
    };
    const introduction: Introduction = {
      address: unwrap(replayAccountLog(primitives, this.log)).address,
      accountLog: encodeAccountLog(this.log),
      device: { certificate: device.certificate, keyPackage: this.keys.keyPackage, intake },
      location: { feedId, ownerPublicKey: randomness.bytes(32), sequence: 0, relays: [relayAddress(9)] },
      welcome: welcome ?? new Uint8Array(),
      token: new Uint8Array(),
      greeting: 'hello',
      ...changes,
    };
    const recipient = accountOf(bob).device.key;
    return signIntroduction(primitives, introduction, { deviceSeed: device.seed, recipient });
  }
}

/** As strangers do, piece by piece; any bytes. */
async function give(bob: Person, bytes: Uint8Array): Promise<void> {
  const route = accountOf(bob).device.intakeRoute;
  const key = storedRows(bob.store).scan(tables.intakeKeys).at(-1)?.row.publicKey ?? new Uint8Array();
  const introductionId = randomness.bytes(16);
  const parts = Math.max(1, Math.ceil(bytes.length / introductionPieceMax));
  for (let part = 0; part < parts; part += 1) {
    const piece = bytes.subarray(part * introductionPieceMax, (part + 1) * introductionPieceMax);
    const plain = encodeIntroductionPart({ introductionId, part, parts, piece });
    const sealed = await agreement.sealIntake(key, intakeAssociated(route), plain);
    const requestId = randomness.bytes(12);
    const frame = encodeIntake({ route, requestId, stampTimeMs: 0, stampNonce: 0n, sealed });
    await bob.during(bob.agent.handler.intake(route, 0, frame));
  }
}

async function withMallory(): Promise<{
  readonly town: Town;
  readonly alice: Person;
  readonly bob: Person;
  readonly person: Person;
  readonly mallory: Mallory;
}> {
  const { town, alice, bob } = await contacts();
  const person = await town.person('mallory@example.com', [9]).begin();
  const { link } = await bob.during(bob.client.invite({}));
  await person.during(person.client.acceptInvite(link));
  await town.settle();
  expect(bob.client.contact('mallory@example.com').state).toBe('accepted');
  return { town, alice, bob, person, mallory: new Mallory(person) };
}

test("An introduction to the feed of another contact does not take that feed's place", async () => {
  const { town, alice, bob, mallory } = await withMallory();
  const [aliceFeed] = contactRow(alice, bob.address)?.ownFeeds ?? [];
  await give(bob, await mallory.introduction(bob, {}, aliceFeed));
  expect(securityKinds(bob)).toEqual(['refused']);
  await alice.send(bob, 'still mine');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['still mine']);
});

test('An introduction that comes again does not lead back to a feed that was left', async () => {
  const { bob, mallory } = await withMallory();
  const first = await mallory.introduction(bob);
  const second = await mallory.introduction(bob);
  await give(bob, first);
  await give(bob, second);
  const followed = contactRow(bob, 'mallory@example.com')?.devices[0]?.feedId;
  await give(bob, first);
  expect(contactRow(bob, 'mallory@example.com')?.devices[0]?.feedId).toEqual(followed);
});

function ownFeedsOf(bob: Person): number {
  return contactRow(bob, 'mallory@example.com')?.ownFeeds.length ?? 0;
}

/** Long enough for whatever introductions begin. */
async function minutes(town: Town, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await town.clock.advance(60_000);
    await town.settle();
  }
}

test('An introduction that comes again welcomes nobody anew', async () => {
  const { town, bob, mallory } = await withMallory();
  const first = await mallory.introduction(bob);
  await give(bob, first);
  await minutes(town, 15);
  expect(ownFeedsOf(bob)).toBe(2);
  await give(bob, await mallory.introduction(bob));
  await minutes(town, 15);
  expect(ownFeedsOf(bob)).toBe(3);
  await give(bob, first);
  await minutes(town, 15);
  expect(ownFeedsOf(bob)).toBe(3);
  await bob.during(bob.client.blockContact('mallory@example.com'));
  await bob.during(bob.client.acceptContact('mallory@example.com'));
  await give(bob, first);
  await minutes(town, 15);
  expect(ownFeedsOf(bob)).toBe(4);
});

test('Introductions to one new feed after the other do not make this device begin one for each', async () => {
  const { town, bob, mallory } = await withMallory();
  for (let at = 0; at < 20; at += 1) await give(bob, await mallory.introduction(bob));
  await minutes(town, 1);
  for (let at = 0; at < 20; at += 1) await give(bob, await mallory.introduction(bob));
  await minutes(town, 8);
  expect(ownFeedsOf(bob)).toBe(2);
});

test('A KeyPackage or an intake key that nothing can be sealed to does not stop this device from being renewed', async () => {
  const { town, alice, bob, mallory } = await withMallory();
  const { device } = mallory.account;
  const leaf = { deviceSeed: device.seed, deviceKey: device.key, certificate: device.certificate };
  const other = await agreement.createKeyPackage('x25519', leaf);
  const genuine = { keyPackage: mallory.keys.keyPackage, certificate: device.certificate };
  const intake = {
    publicKey: new Uint8Array(1_216).fill(0xff),
    route: device.intakeRoute,
    relays: [],
    difficulty: 0,
  };
  await give(bob, await mallory.introduction(bob, { device: { ...genuine, intake } }));
  await give(bob, await mallory.introduction(bob, { device: { ...genuine, ...other, intake } }));
  const feeds = storedRows(bob.store).scan(tables.feeds);
  const own = feeds.map(({ row }) => row).find((row) => row.kind === 'own') as OwnFeedRow;
  const { route } = own.writer;
  await bob.during(bob.agent.handler.ahead(route, relayAddress(2), aheadClaim(1_000)));
  await town.settle();
  expect(securityKinds(bob)).toContain('clone');
  expect(accountOf(bob).cloned).toBe(false);
  await bob.send(alice, 'renewed');
  await town.settle();
  expect(alice.texts(bob)).toEqual(['renewed']);
});

test('A new feed is begun with live devices only', async () => {
  const { town, alice, bob } = await contacts();
  const claim = async (person: Person, relay: number): Promise<void> => {
    const feeds = storedRows(person.store).scan(tables.feeds);
    const own = feeds.map(({ row }) => row).filter((row) => row.kind === 'own' && !row.left);
    const { route } = (own.at(-1) as OwnFeedRow).writer;
    await person.during(person.agent.handler.ahead(route, relayAddress(relay), aheadClaim(1_000)));
  };
  const old = accountOf(alice).device.key;
  await claim(alice, 1);
  await town.settle();
  expect(accountOf(alice).device.key).not.toEqual(old);
  expect(contactRow(bob, alice.address)?.devices.some(({ deviceKey }) => bytesEqual(deviceKey, old))).toBe(
    true,
  );
  await claim(bob, 2);
  await town.settle();
  const feedId = contactRow(bob, alice.address)?.ownFeeds.at(-1) ?? new Uint8Array();
  const feed = storedRows(bob.store).get(tables.feeds, feedId);
  const readers: readonly DeviceKey[] = feed?.kind === 'own' ? feed.readers.map((one) => one.deviceKey) : [];
  expect(readers).toEqual([accountOf(alice).device.key]);
  // Never in it, not even until the next commit.
  expect(feed?.kind === 'own' && feed.epoch).toBe(1);
});

test('An account that moves to another address is the contact that it was, blocked or not', async () => {
  const { bob, mallory } = await withMallory();
  mallory.append({ kind: 'move-address', address: 'carol@example.com' });
  await give(bob, await mallory.introduction(bob));
  expect(bob.client.contacts().map(({ address }) => address)).toEqual([
    'alice@example.com',
    'carol@example.com',
  ]);
  await bob.during(bob.client.blockContact('carol@example.com'));
  await give(bob, await mallory.introduction(bob));
  expect(bob.client.contacts()).toHaveLength(2);
  expect(bob.kinds('request')).toEqual([]);
  mallory.append({ kind: 'move-address', address: 'alice@example.com' });
  await give(bob, await mallory.introduction(bob));
  expect(securityKinds(bob)).toEqual(['moved', 'key-change']);
});

test('A new account key, though signed by the old one, is told and is not verified', async () => {
  const { bob, mallory } = await withMallory();
  const { safetyNumber } = bob.client.contact('mallory@example.com');
  await bob.during(bob.client.verifyContact('mallory@example.com', { kind: 'number', text: safetyNumber }));
  const seed = randomness.bytes(32);
  const op = { kind: 'rotate-account-key' as const, accountKey: primitives.ed25519PublicKey(seed) as never };
  mallory.append(op, seed);
  await give(bob, await mallory.introduction(bob));
  expect(securityKinds(bob)).toEqual(['key-change']);
  expect(bob.client.contact('mallory@example.com').trust).toBe('pinned');
});

test('A thousand lies are told once', async () => {
  const { alice, bob, mallory } = await withMallory();
  const bytes = await mallory.introduction(bob, { address: alice.address });
  mallory.append({ kind: 'move-address', address: alice.address });
  for (let at = 0; at < 20; at += 1) await give(bob, await mallory.introduction(bob));
  await give(bob, bytes);
  expect(securityKinds(bob)).toEqual(['key-change']);
});

test('A device that is not in the log, or of another account, introduces nobody', async () => {
  const { town, bob, mallory } = await withMallory();
  const carol = await town.person('carol@example.com', [3]).begin();
  const stranger = new Mallory(carol);
  const { device } = mallory.account;
  const state = unwrap(replayAccountLog(primitives, mallory.log));
  const [live] = liveDevices(state, 0);
  const forged = issueDeviceCertificate(
    primitives,
    state.accountId,
    { ...live!, deviceKey: stranger.account.device.key },
    stranger.account.secrets.accountSeed,
  );
  const intake = { publicKey: new Uint8Array(1_216), route: device.intakeRoute, relays: [], difficulty: 0 };
  const { keyPackage } = stranger.keys;
  const own = { certificate: stranger.account.device.certificate, keyPackage, intake };
  for (const changes of [
    { accountLog: encodeAccountLog(mallory.log), address: 'mallory@example.com' },
    {
      accountLog: encodeAccountLog(mallory.log),
      address: 'mallory@example.com',
      device: { ...own, certificate: forged },
    },
    { device: { ...own, certificate: device.certificate } },
    { device: { ...own, keyPackage: mallory.keys.keyPackage } },
    { address: 'dave@example.com' },
  ]) {
    await give(bob, await stranger.introduction(bob, changes));
  }
  expect(contactRow(bob, 'mallory@example.com')?.devices).toHaveLength(1);
  expect(bob.client.contacts()).toHaveLength(2);
});
