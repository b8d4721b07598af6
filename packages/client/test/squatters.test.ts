// Squatters under Alice's locator: who has more work is kept, and Alice works more, up to a bound (spec/directory.md, "Squatters").
import {
  bytesToHex,
  ClaimTable,
  claimLocator,
  claimPeriod,
  claimWorkBitsMax,
  decodeClaimRecord,
  parseAddress,
  unwrap,
  userIdOf,
} from '@mycelium/protocol';
import { createSeededRandomness } from '@mycelium/simulation';
import { expect, test, vi } from 'vitest';
import { recordWith } from '../../runtime/test/directory/records.ts';
import { publishAgainstCrowd } from '../src/network/crowded-claim.ts';
import { primitives, Town } from './people.ts';

vi.setConfig({ testTimeout: 120_000 });

const randomness = createSeededRandomness('squatters');

/** One directory node with real rules. */
function townWithNode(): { readonly town: Town; readonly table: ClaimTable } {
  const town = new Town();
  const table = new ClaimTable(primitives);
  Object.assign(town.directory, {
    publish: async (_locator: Uint8Array, record: Uint8Array) => {
      const outcome = table.put(record, 'network', town.clock.nowMs());
      return outcome.ok ? { accepted: 1, refused: [] } : { accepted: 0, refused: [outcome.refusal.code] };
    },
    lookUp: async (locator: Uint8Array) => table.get(locator, town.clock.nowMs()).map(({ bytes }) => bytes),
  });
  return { town, table };
}

function locatorsOf(address: string, nowMs: number): readonly Uint8Array[] {
  const userId = userIdOf(primitives, unwrap(parseAddress(address)));
  const today = claimPeriod(nowMs);
  return [today, today + 1].map((period) => claimLocator(primitives, userId, period));
}

test('eight squatters with more work do not keep Alice from being found', async () => {
  const { town, table } = townWithNode();
  const nowMs = town.clock.nowMs();
  for (const locator of locatorsOf('alice@example.com', nowMs)) {
    for (let count = 0; count < 8; count += 1) {
      const record = recordWith(randomness, { nowMs, locator, workBits: 16 });
      expect(table.put(record, 'mallory', nowMs).ok).toBe(true);
    }
  }
  const alice = await town.person('alice@example.com').begin();
  const bob = await town.person('bob@example.com').begin();
  expect(alice.client.status().published.note).toBe('at 1 directory nodes');
  const added = await bob.during(bob.client.addContact({ address: 'alice@example.com' }));
  expect(added.address).toBe('alice@example.com');
});

test('the work is one bit more than the least of the eight has, and no more', async () => {
  const { town, table } = townWithNode();
  const nowMs = town.clock.nowMs();
  const locator = randomness.bytes(32);
  const bits = [15, 16, 16, 17, 18, 18, 19, 19];
  for (const workBits of bits) table.put(recordWith(randomness, { nowMs, locator, workBits }), 'm', nowMs);
  const least = Math.min(...table.get(locator, nowMs).map(({ workBits }) => workBits));
  const directorySeed = randomness.bytes(32);
  const record = recordWith(randomness, { nowMs, locator, seed: directorySeed });
  const ports = { clock: town.clock, directory: town.directory, primitives };
  const publishing = publishAgainstCrowd(ports, { locator, record, directorySeed });
  let done = false;
  void publishing.finally(() => (done = true));
  expect(await town.clock.runUntil(() => done, 60_000)).toBe(true);
  expect(await publishing).toEqual({ accepted: 1, refused: [] });
  const key = bytesToHex(primitives.ed25519PublicKey(directorySeed));
  const own = table.get(locator, nowMs).find(({ directoryKey }) => bytesToHex(directoryKey) === key);
  expect(own?.workBits).toBeGreaterThan(least);
  expect(bytesToHex(own?.sealed ?? new Uint8Array())).toBe(
    bytesToHex(unwrap(decodeClaimRecord(primitives, record)).sealed),
  );
});

test('beyond the bound Alice does not try', async () => {
  const town = new Town();
  const nowMs = town.clock.nowMs();
  const record = recordWith(randomness, { nowMs });
  const locator = record.slice(4, 36);
  const squatters = Array.from({ length: 8 }, () => recordWith(randomness, { nowMs, locator }));
  let published = 0;
  const crowd = {
    publish: async () => {
      published += 1;
      return { accepted: 0, refused: ['crowded'] };
    },
    lookUp: async () => squatters,
    nodesKnown: () => 1,
  };
  // Eight records of 23 bits would take a minute: each hash of work (two parts, the second of 8 bytes) is taken for one.
  const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
    parts[1]?.length === 8 ? Uint8Array.of(0, 0, 1, ...new Uint8Array(29)) : primitives.sha256(...parts);
  const own = { locator, record, directorySeed: randomness.bytes(32) };
  const ports = { clock: town.clock, directory: crowd, primitives: { ...primitives, sha256 } };
  expect(claimWorkBitsMax).toBe(22);
  expect(await publishAgainstCrowd(ports, own)).toEqual({ accepted: 0, refused: ['crowded'] });
  expect(published).toBe(1);
});
