import { beforeAll, expect, test } from 'vitest';
import { ClaimTable, claimLocator, claimPeriod, type PutOutcome, type Result } from '@mycelium/protocol';
import { alice, bob } from '../identity/accounts.ts';
import { nowMs, primitives, seedOf } from '../identity/people.ts';
import { hourMs, recordOf } from './claims.ts';

const locator = claimLocator(primitives, alice.userId, claimPeriod(nowMs));
/** Records of Mallory's and others under Alice's locator, with more work than Alice's the larger their number. */
const squatters: Uint8Array[] = [];
const outcome = (result: Result<PutOutcome>): string => (result.ok ? result.value : result.refusal.code);

beforeAll(() => {
  for (let count = 0; count < 9; count += 1) {
    squatters.push(
      recordOf(alice, {
        directorySecret: seedOf(`squatter ${count}`),
        workBits: 14 + Math.floor(count / 8) * 4,
      }),
    );
  }
});

test('a newer record of a key replaces the older; an older one never comes back', () => {
  const table = new ClaimTable(primitives);
  const [first, second] = [recordOf(), recordOf(alice, { sequence: nowMs + 1 })];
  expect(outcome(table.put(first, 'a', nowMs))).toBe('new');
  expect(outcome(table.put(first, 'b', nowMs))).toBe('same');
  expect(outcome(table.put(second, 'b', nowMs))).toBe('replaced');
  expect(outcome(table.put(first, 'a', nowMs))).toBe('sequence');
  expect(table.get(locator, nowMs).map((record) => record.sequence)).toEqual([nowMs + 1]);
  expect(table.size).toBe(1);
});

test('one sequence is one record: a restored copy that says something else is refused', () => {
  const table = new ClaimTable(primitives);
  table.put(recordOf(), 'a', nowMs);
  expect(outcome(table.put(recordOf(alice, { nonce: seedOf('other').subarray(0, 12) }), 'a', nowMs))).toBe(
    'equivocation',
  );
});

test('a ninth key needs more work than the least of the eight', () => {
  const table = new ClaimTable(primitives);
  for (const record of squatters.slice(0, 8)) expect(outcome(table.put(record, 'a', nowMs))).toBe('new');
  const least = Math.min(...table.get(locator, nowMs).map((record) => record.workBits));
  expect(outcome(table.put(squatters[8]!, 'a', nowMs))).toBe('new');
  const kept = table.get(locator, nowMs).map((record) => record.workBits);
  expect(kept).toHaveLength(8);
  expect(kept).toEqual(kept.toSorted((left, right) => right - left));
  expect(kept.filter((bits) => bits === least).length).toBeLessThan(8);
  const gone = squatters.slice(0, 8).map((record) => outcome(table.put(record, 'a', nowMs)));
  expect(gone.filter((answer) => answer === 'same')).toHaveLength(7);
  expect(gone.filter((answer) => answer === 'crowded' || answer === 'new')).toHaveLength(1);
});

test('a network has a quota, and a table an end', () => {
  const table = new ClaimTable(primitives, { perLocator: 8, perNetwork: 2, total: 3 });
  const [one, two, three, four] = squatters as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  expect([one, two, three].map((record) => outcome(table.put(record, 'a', nowMs)))).toEqual([
    'new',
    'new',
    'quota',
  ]);
  expect(outcome(table.put(three, 'b', nowMs))).toBe('new');
  expect(outcome(table.put(four, 'b', nowMs))).toBe('full');
  expect(table.expire(nowMs + 48 * hourMs)).toBe(3);
  expect(
    outcome(table.put(recordOf(bob, { expiresMs: nowMs + 50 * hourMs }), 'a', nowMs + 48 * hourMs)),
  ).toBe('new');
  expect(table.size).toBe(1);
});

test('what has expired is neither taken nor handed out', () => {
  const table = new ClaimTable(primitives);
  const record = recordOf(alice, { expiresMs: nowMs + hourMs });
  expect(outcome(table.put(record, 'a', nowMs))).toBe('new');
  expect(table.get(locator, nowMs + hourMs - 1)).toHaveLength(1);
  expect(table.get(locator, nowMs + hourMs)).toHaveLength(0);
  expect(outcome(table.put(record, 'a', nowMs + hourMs))).toBe('expired');
  expect(outcome(table.put(recordOf(alice, { expiresMs: nowMs + 49 * hourMs }), 'a', nowMs))).toBe('range');
});

test('a clock that jumps does not hand out more than is there', () => {
  const table = new ClaimTable(primitives);
  table.put(recordOf(), 'a', nowMs);
  expect(table.expire(nowMs - 1_000 * hourMs)).toBe(0);
  expect(table.get(locator, nowMs + 1_000_000 * hourMs)).toHaveLength(0);
  expect(table.expire(nowMs + 1_000_000 * hourMs)).toBe(1);
  expect(table.size).toBe(0);
});
