/**
 * Look-ups among 100,000 simulated nodes that come and go: the real walk over simulated datagrams, by a virtual clock. Nobody
 * publishes again and nobody hands over: what is measured is how long one publication lasts.
 */
import { bytesEqual } from '@mycelium/protocol';
import { Seeker } from '@mycelium/runtime';
import {
  createSeededRandomness,
  createVirtualClock,
  DirectoryWorld,
  type SeededRandomness,
} from '@mycelium/simulation';
import { primitives, recordOfNobody } from './records.ts';

export interface ChurnWish {
  readonly nodes: number;
  /** How long a node stays, on average (exponentially distributed). */
  readonly stayHours: number;
  readonly claims: number;
  /** Hours after the publication, rising. */
  readonly ages: readonly number[];
}

export interface ChurnAge {
  readonly hours: number;
  readonly found: number;
  readonly claims: number;
  readonly timesMs: readonly number[];
  readonly asked: number;
}

const hourMs = 3_600_000;
const roundTripMs = [20, 150] as const;
const lossRate = 0.01;
/** Nodes ask each other that often, about, whether they are there. */
const staleMs = 600_000;

export async function measureChurn(wish: ChurnWish): Promise<readonly ChurnAge[]> {
  const { nodes, stayHours, claims, ages } = wish;
  const randomness = createSeededRandomness(`churn ${nodes} ${stayHours}`);
  const clock = createVirtualClock();
  const horizonMs = ((ages.at(-1) ?? 0) + 1) * hourMs;
  const count = Math.ceil(nodes * (1 + (1.1 * horizonMs) / (stayHours * hourMs)));
  const world = new DirectoryWorld({ count, clock, primitives, randomness, roundTripMs, lossRate, staleMs });
  comeAndGo(world, wish, randomness.fork('stays'));
  const seeker = (): Seeker => new Seeker({ nodes: world.seenBy(world.someNodes(20)), clock, primitives });
  const during = async <T>(works: readonly Promise<T>[]): Promise<readonly T[]> => {
    const done: T[][] = [];
    void Promise.all(works).then((all) => done.push(all));
    await clock.runUntil(() => done.length > 0, hourMs);
    return done[0] ?? [];
  };
  const records = Array.from({ length: claims }, () => recordOfNobody(randomness, clock.nowMs()));
  await inBatches(records, (batch) =>
    during(batch.map(({ locator, bytes }) => seeker().publish(locator, bytes))),
  );
  const measured: ChurnAge[] = [];
  for (const hours of ages) {
    await clock.advance(Math.max(0, hours * hourMs - clock.monotonicMs()));
    world.asked = 0;
    const timesMs: number[] = [];
    let found = 0;
    await inBatches(records, async (batch) => {
      await during(
        batch.map(async ({ locator, bytes }) => {
          const beganMs = clock.monotonicMs();
          const answer = await seeker().lookUp(locator);
          timesMs.push(clock.monotonicMs() - beganMs);
          if (answer.some((record) => bytesEqual(record, bytes))) found += 1;
        }),
      );
    });
    measured.push({ hours, found, claims, timesMs, asked: world.asked });
  }
  return measured;
}

/** As many at any time: whoever goes is followed by a new one, elsewhere. */
function comeAndGo(
  world: DirectoryWorld,
  { nodes, stayHours }: ChurnWish,
  randomness: SeededRandomness,
): void {
  const stayMs = (): number => -Math.log(1 - randomness.fraction()) * stayHours * hourMs;
  const places = new Float64Array(nodes);
  for (const [number, node] of world.nodes.entries()) {
    const place = number < nodes ? number : earliest(places, randomness);
    node.fromMs = number < nodes ? 0 : (places[place] ?? 0);
    node.untilMs = node.fromMs + stayMs();
    places[place] = node.untilMs;
  }
}

/** The place that is free first, of some: near enough to the first of all. */
function earliest(places: Float64Array, randomness: SeededRandomness): number {
  let first = randomness.between(0, places.length - 1);
  for (let tried = 0; tried < 8; tried += 1) {
    const other = randomness.between(0, places.length - 1);
    if ((places[other] ?? 0) < (places[first] ?? 0)) first = other;
  }
  return first;
}

async function inBatches<T>(
  items: readonly T[],
  work: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  const size = 25;
  for (let at = 0; at < items.length; at += size) await work(items.slice(at, at + size));
}
