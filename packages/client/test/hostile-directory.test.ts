// 200 directory nodes, a share of them Mallory's (issue 5): real claims, walks, cards, and the client's own judgement.
// MYCELIUM_LOOK_UPS=200 asks more often, and prints what came of it (docs/directory.md).
import { accountFingerprint, bytesEqual, bytesToHex, parseAddress, unwrap } from '@mycelium/protocol';
import { Seeker, type DirectoryNetwork } from '@mycelium/runtime';
import { createSeededRandomness, DirectoryWorld, makeHostile } from '@mycelium/simulation';
import { expect, test, vi } from 'vitest';
import { recordWith } from '../../runtime/test/directory/records.ts';
import { findAccounts, type Search } from '../src/network/find-accounts.ts';
import { primitives, Town, type Person } from './people.ts';

vi.setConfig({ testTimeout: 600_000 });

const alicesAddress = unwrap(parseAddress('alice@example.com'));
const hourMs = 3_600_000;
const nodeCount = 200;
const asked = process.env['MYCELIUM_LOOK_UPS'];
const lookUps = Number(asked ?? 12);
const shares = asked === undefined ? [0.1, 0.2, 0.5, 0.8] : [0.1, 0.2, 0.3, 0.4, 0.5, 0.8];

interface HostileTown {
  readonly town: Town;
  readonly alice: Person;
  /** Looks Alice up as somebody who knows twenty nodes, whoever they are. */
  readonly lookUp: () => Promise<Search>;
}

function seekerNetwork(seeker: () => Seeker, heard: (record: Uint8Array) => void): DirectoryNetwork {
  return {
    publish: (locator, record) => {
      heard(record);
      return seeker().publish(locator, record);
    },
    lookUp: (locator, signal) => seeker().lookUp(locator, signal),
    nodesKnown: () => nodeCount,
  };
}

/** Somebody else who says to be Alice; the claims go to Mallory's nodes only. */
async function impostorsClaims(town: Town): Promise<readonly Uint8Array[]> {
  const before = { ...town.directory };
  const claims: Uint8Array[] = [];
  Object.assign(town.directory, {
    publish: async (_locator: Uint8Array, record: Uint8Array) => {
      claims.push(record);
      return { accepted: 1, refused: [] };
    },
    lookUp: async () => [],
  });
  await town.person('alice@example.com').begin();
  Object.assign(town.directory, before);
  return claims;
}

async function hostileTown(share: number): Promise<HostileTown> {
  const randomness = createSeededRandomness(`hostile ${share}`);
  const town = new Town();
  const { clock } = town;
  const world = new DirectoryWorld({
    count: nodeCount,
    clock,
    primitives,
    randomness,
    roundTripMs: [10, 120],
    lossRate: 0.01,
    staleMs: 0,
  });
  const seeker = (): Seeker =>
    new Seeker({ nodes: world.seenBy([...new Set(world.someNodes(20))]), clock, primitives });
  const published: Uint8Array[] = [];
  Object.assign(
    town.directory,
    seekerNetwork(seeker, (record) => published.push(record)),
  );
  const alice = await town.person('alice@example.com').begin();
  const old = [...published];
  const impostors = [...(await impostorsClaims(town)), ...(await impostorsClaims(town))];
  const forged = old.map((record) => record.with(700, (record[700] ?? 0) ^ 1));
  const expired = recordWith(randomness, { nowMs: clock.nowMs(), lifeMs: 1 });
  const noise = new Map<string, readonly Uint8Array[]>();
  const noiseFor = (locator: Uint8Array): readonly Uint8Array[] => {
    const name = bytesToHex(locator);
    const made =
      noise.get(name) ?? [1, 2].map(() => recordWith(randomness, { nowMs: clock.nowMs(), locator }));
    noise.set(name, made);
    return made;
  };
  makeHostile(
    {
      world,
      primitives,
      randomness,
      records: (locator) =>
        [...impostors, ...old, ...forged]
          .filter((record) => bytesEqual(record.subarray(4, 36), locator))
          .concat(expired, noiseFor(locator)),
    },
    share,
  );
  // Alice publishes again, now that a share of the nodes lies.
  await clock.advance(5 * hourMs);
  expect(published.length).toBeGreaterThan(old.length);
  const ports = {
    primitives,
    clock,
    store: alice.store,
    mail: alice.agent,
    directory: seekerNetwork(seeker, () => undefined),
  };
  return {
    town,
    alice,
    lookUp: () => findAccounts(ports as unknown as Parameters<typeof findAccounts>[0], alicesAddress),
  };
}

interface Outcome {
  readonly found: number;
  readonly contested: number;
  readonly nothing: number;
  /** Somebody else and not Alice: what must never be. */
  readonly wrong: number;
}

async function measure(share: number): Promise<Outcome> {
  const { town, alice, lookUp } = await hostileTown(share);
  const fingerprint = alice.client.account()?.fingerprint;
  const searches: Search[] = [];
  void Promise.all(Array.from({ length: lookUps }, () => lookUp())).then((done) => searches.push(...done));
  expect(await town.clock.runUntil(() => searches.length === lookUps, 10 * 60_000)).toBe(true);
  const outcome = { found: 0, contested: 0, nothing: 0, wrong: 0 };
  for (const { candidates } of searches) {
    const hasAlice = candidates.some(({ card }) => accountFingerprint(card.state.accountId) === fingerprint);
    if (hasAlice) outcome.found += 1;
    if (hasAlice && candidates.length > 1) outcome.contested += 1;
    if (candidates.length === 0) outcome.nothing += 1;
    if (!hasAlice && candidates.length > 0) outcome.wrong += 1;
  }
  if (asked !== undefined) process.stdout.write(`${JSON.stringify({ share, lookUps, ...outcome })}\n`);
  return outcome;
}

test.for(shares)('with %f of the nodes hostile nobody is taken for Alice', async (share) => {
  const { found, nothing, wrong } = await measure(share);
  expect(wrong).toBe(0);
  expect(found + nothing).toBe(lookUps);
  if (share <= 0.2) expect(found / lookUps).toBeGreaterThanOrEqual(0.99);
});
