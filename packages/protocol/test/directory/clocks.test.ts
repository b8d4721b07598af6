// Clocks that are wrong, days that change, records that come again or too late, and the first and the last days there are.
import {
  ClaimTable,
  claimLocator,
  claimPeriod,
  openClaim,
  unwrap,
  verifyClaimRecord,
  type PutOutcome,
  type Result,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { alice } from '../identity/accounts.ts';
import { nowMs, primitives, seedOf } from '../identity/people.ts';
import { hourMs, recordOf } from './claims.ts';

const dayMs = 24 * hourMs;
const outcome = (result: Result<PutOutcome>): string => (result.ok ? result.value : result.refusal.code);

/** What Alice publishes whose clock says `aliceMs`, to a node whose clock says `nodeMs`. */
function putAt(aliceMs: number, nodeMs: number, life = 48 * hourMs): string {
  const record = recordOf(alice, {
    period: claimPeriod(aliceMs),
    sequence: aliceMs,
    expiresMs: aliceMs + life,
  });
  return outcome(new ClaimTable(primitives).put(record, 'a', nodeMs));
}

test('a clock that is minutes fast is forgiven, two days are not; a slow one makes claims end sooner', () => {
  expect(putAt(nowMs + 9 * 60_000, nowMs)).toBe('new');
  expect(putAt(nowMs + 2 * dayMs, nowMs)).toBe('range');
  expect(putAt(nowMs - 2 * dayMs + hourMs, nowMs)).toBe('new');
  expect(putAt(nowMs - 2 * dayMs, nowMs)).toBe('expired');
});

test('a node whose clock is two days wrong refuses what is right, and never hands out what has expired for it', () => {
  expect(putAt(nowMs, nowMs - 2 * dayMs)).toBe('range');
  expect(putAt(nowMs, nowMs + 2 * dayMs)).toBe('expired');
  const table = new ClaimTable(primitives);
  expect(outcome(table.put(recordOf(), 'a', nowMs))).toBe('new');
  expect(table.get(recordOf().subarray(4, 36), nowMs + 2 * dayMs)).toEqual([]);
  // Set right again, it has it still.
  expect(table.get(recordOf().subarray(4, 36), nowMs)).toHaveLength(1);
});

test.for([
  ['1970', 0],
  ['1970, an hour in', hourMs],
  ['2106, when seconds in 32 bits end', 2 ** 32 * 1_000],
  ['the last year that a program’s calendar has', 100_000_000 * dayMs - 60 * hourMs],
] as const)('in %s claims are published and found as ever', ([, atMs]) => {
  const period = claimPeriod(atMs);
  const record = recordOf(alice, { period, sequence: atMs + 1, expiresMs: atMs + 47 * hourMs });
  const table = new ClaimTable(primitives);
  expect(outcome(table.put(record, 'a', atMs))).toBe('new');
  const locator = claimLocator(primitives, alice.userId, period);
  const [found] = table.get(locator, atMs + hourMs);
  expect(found).toBeDefined();
  const place = { userId: alice.userId, period };
  expect(found && openClaim(primitives, place, found).ok).toBe(true);
});

test('a claim of one day is nothing under another day, whoever copies it there', () => {
  const today = claimPeriod(nowMs);
  const [old, fresh] = [recordOf(alice, { period: today }), recordOf(alice, { period: today + 1 })];
  const record = unwrap(verifyClaimRecord(primitives, old, nowMs));
  const tomorrow = { userId: alice.userId, period: today + 1 };
  expect(openClaim(primitives, tomorrow, record)).toMatchObject({ ok: false, refusal: { code: 'locator' } });
  // The sealed part moved into a record of tomorrow: neither signature nor seal holds.
  const mixed = fresh.slice();
  mixed.set(old.subarray(96, 928), 96);
  expect(verifyClaimRecord(primitives, mixed, nowMs).ok).toBe(false);
});

test('a replay says nothing new, an older claim is refused, and one that has ended cannot come again', () => {
  const table = new ClaimTable(primitives);
  const [older, newer] = [recordOf(), recordOf(alice, { sequence: nowMs + 1 })];
  expect(outcome(table.put(newer, 'a', nowMs))).toBe('new');
  expect(outcome(table.put(newer, 'b', nowMs))).toBe('same');
  expect(outcome(table.put(older, 'b', nowMs))).toBe('sequence');
  expect(outcome(table.put(older, 'b', nowMs + 49 * hourMs))).toBe('expired');
});

test('a node that has lost everything takes an old claim until the newer one comes, and then no more', () => {
  const table = new ClaimTable(primitives);
  const [older, newer] = [recordOf(), recordOf(alice, { sequence: nowMs + 1 })];
  expect(outcome(table.put(older, 'mallory', nowMs))).toBe('new');
  expect(outcome(table.put(newer, 'a', nowMs))).toBe('replaced');
  expect(outcome(table.put(older, 'mallory', nowMs))).toBe('sequence');
});

test.for([0, 999, 1_001, 4_096, 65_536])('%i bytes are no record', (length) => {
  const bytes = new Uint8Array(length).fill(1);
  expect(verifyClaimRecord(primitives, bytes, nowMs)).toMatchObject({ refusal: { code: 'length' } });
});

test('squatters who race for the last place end the same way in whatever order they come', () => {
  const secrets = Array.from({ length: 10 }, (_, number) => seedOf(`racer ${number}`));
  const racers = secrets.map((directorySecret, number) =>
    recordOf(alice, { directorySecret, workBits: 14 + (number % 3) }),
  );
  const bitsLeft = (order: readonly Uint8Array[]): readonly number[] => {
    const table = new ClaimTable(primitives);
    for (const record of order) table.put(record, 'a', nowMs);
    return table.get(recordOf().subarray(4, 36), nowMs).map(({ workBits }) => workBits);
  };
  const forward = bitsLeft(racers);
  expect(forward).toHaveLength(8);
  expect(bitsLeft(racers.toReversed())).toEqual(forward);
});
