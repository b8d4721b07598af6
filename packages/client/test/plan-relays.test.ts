import type { PeerAddress } from '@mycelium/protocol';
import type { PeerReport } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { isGone, neverMet, observe, sharesOf, type Look, type RelayHealth } from '../src/relays/health.ts';
import { planRelays, type RelayCandidate, type RelaySituation } from '../src/relays/plan-relays.ts';
import { primitives } from './people.ts';
import { relayAddress } from './post-office.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const there: Look = {
  kind: 'there',
  report: { rttMs: 20, loadPercent: 10, queues: 1_000, keepsMail: true },
  refuses: false,
};
const away: Look = { kind: 'away' };

/** One look a minute for so long. */
function watch(health: RelayHealth, look: Look, fromMs: number, forMs: number): RelayHealth {
  let seen = health;
  for (let atMs = fromMs; atMs < fromMs + forMs; atMs += minute) seen = observe(seen, look, atMs);
  return seen;
}

const proven = watch(neverMet, there, 1, hour);

function candidate(number: number, wish: Partial<RelayCandidate> = {}): RelayCandidate {
  return {
    peers: [relayAddress(number)],
    health: proven,
    named: false,
    from: '',
    replaced: false,
    ...wish,
  };
}

function plan(candidates: readonly RelayCandidate[], wish: Partial<RelaySituation> = {}): readonly number[] {
  const situation = { nowMs: 100 * day, place: Uint8Array.of(1), current: [], candidates, changedMs: 0 };
  return planRelays(primitives, { ...situation, ...wish }).map(({ peers }) => peers[0].key[0] ?? 0);
}

const at = (...numbers: number[]): readonly PeerAddress[] => numbers.map(relayAddress);

test('What the person named comes first and at once; others fill up to three when they have proved themselves', () => {
  const named = candidate(9, { named: true, health: neverMet });
  const [first, second] = [candidate(1), candidate(2)];
  expect(plan([named, first, second])).toHaveLength(3);
  expect(plan([named, first, second])[0]).toBe(9);
  const stranger = candidate(3, { health: watch(neverMet, there, 1, 5 * minute) });
  expect(plan([named, stranger])).toEqual([9]);
  const device = { ...there, report: { ...there.report, keepsMail: false } } as const;
  expect(plan([named, candidate(4, { health: watch(neverMet, device, 1, hour) })])).toEqual([9]);
});

test('Three named ones are the relays in their order, whoever else is there', () => {
  const named = [7, 8, 9].map((number) => candidate(number, { named: true, health: neverMet }));
  expect(plan([...named, candidate(1), candidate(2)])).toEqual([7, 8, 9]);
});

test('Of many named ones different accounts choose different three, and stay with them', () => {
  const named = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => candidate(number, { named: true }));
  const places = Array.from({ length: 64 }, (_, place) => plan(named, { place: Uint8Array.of(place) }));
  expect(new Set(places.flat()).size).toBe(8);
  const [chosen = []] = places;
  expect(plan(named, { place: Uint8Array.of(200), current: at(...chosen) })).toEqual(chosen);
});

test('One contact brings one relay, so that two of three are never its machines', () => {
  const bobs = [1, 2, 3].map((number) => candidate(number, { from: 'bob@example.com' }));
  expect(plan(bobs)).toHaveLength(1);
  expect(plan([...bobs, candidate(4, { from: 'carol@example.com' })])).toHaveLength(2);
});

test('A relay that is away for an hour, a night, or two days keeps its place', () => {
  for (const forMs of [hour, 12 * hour, 2 * day]) {
    const nowMs = 10 * day + forMs;
    const missed = candidate(1, { health: watch(proven, away, 10 * day, forMs) });
    const others = [candidate(2), candidate(3), candidate(4)];
    expect(plan([missed, ...others], { current: at(1, 2, 3), nowMs })).toEqual([1, 2, 3]);
  }
});

test('After three days another one takes its place; when there is no other it stays', () => {
  const nowMs = 13 * day + minute;
  const missed = candidate(1, { health: watch(proven, away, 10 * day, 3 * day + minute), named: true });
  const others = [candidate(2), candidate(3)];
  expect(plan([missed, ...others, candidate(4)], { current: at(1, 2, 3), nowMs })).toEqual([2, 3, 4]);
  expect(plan([missed, ...others], { current: at(1, 2, 3), nowMs })).toEqual([1, 2, 3]);
});

test('Neither a clock that jumps nor a machine that slept for a week makes a relay look gone', () => {
  const first = observe(proven, away, 10 * day);
  expect(isGone(observe(first, away, 17 * day), 17 * day)).toBe(false);
  const watched = watch(first, away, 17 * day, hour);
  expect(isGone(watched, 17 * day + hour)).toBe(true);
  expect(isGone(observe(watched, there, 18 * day), 18 * day)).toBe(false);
});

test('At most one relay is replaced a day', () => {
  const nowMs = 13 * day + minute;
  const health = watch(proven, away, 10 * day, 3 * day + minute);
  const candidates = [candidate(1, { health }), candidate(2), candidate(3), candidate(4)];
  const current = at(1, 2, 3);
  expect(plan(candidates, { current, nowMs, changedMs: nowMs - hour })).toEqual([1, 2, 3]);
  expect(plan(candidates, { current, nowMs, changedMs: nowMs - day })).toEqual([2, 3, 4]);
});

test('A named one that was replaced takes its place again after a day of being there, not before', () => {
  const nowMs = 20 * day;
  const back = (forMs: number): RelayCandidate =>
    candidate(1, { named: true, replaced: true, health: watch(neverMet, there, nowMs - forMs, forMs) });
  const others = [candidate(2), candidate(3), candidate(4)];
  expect(plan([back(hour), ...others], { current: at(2, 3, 4), nowMs })).toEqual([2, 3, 4]);
  expect(plan([back(day), ...others], { current: at(2, 3, 4), nowMs })).toEqual([2, 3, 1]);
});

test('One that is there and refuses our queues is replaced within hours', () => {
  const refuses: Look = { ...there, refuses: true };
  const health = watch(proven, refuses, 10 * day, 2 * hour);
  const candidates = [candidate(1, { health }), candidate(2), candidate(3), candidate(4)];
  const current = at(1, 2, 3);
  expect(plan(candidates, { current, nowMs: 10 * day + 30 * minute })).toEqual([1, 2, 3]);
  expect(plan(candidates, { current, nowMs: 10 * day + 2 * hour })).toEqual([2, 3, 4]);
});

test('A relay that is full, far, much used or often away gets fewer queues; one that is away now none beside others', () => {
  const met = (report: Partial<PeerReport>): RelayHealth => {
    const seen = { ...there, report: { ...there.report, loadPercent: 0, queues: 1_000, ...report } } as const;
    return observe(neverMet, seen, 1);
  };
  const share = (health: RelayHealth): number => {
    const [mine = 0, others = 0] = sharesOf([health, met({})]);
    return mine / others;
  };
  expect(share(met({}))).toBe(1);
  expect(share(met({ rttMs: 90 }))).toBe(1);
  expect(share(met({ rttMs: 400 }))).toBe(0.25);
  expect(share(met({ loadPercent: 50 }))).toBe(0.25);
  expect(share(met({ loadPercent: 100 }))).toBeLessThan(0.001);
  expect(share(met({ queues: 2_000 }))).toBeCloseTo(0.25, 1);
  // Who says that it has nothing does not get everything.
  expect(share(met({ queues: 0 }))).toBeGreaterThan(4);
  expect(sharesOf([met({ queues: 0 }), ...Array.from({ length: 99 }, () => met({}))])[0]).toBe(4);
  expect(share(observe(watch(met({}), away, 1, hour), there, 1))).toBeLessThan(0.2);
  expect(share(observe(met({}), away, 1))).toBeLessThan(0.001);
});
