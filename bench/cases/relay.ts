/** A whole relay over real sockets: frames that it stores and pushes, and one queue with many readers. */
import type { Budget, Case, Result } from '../case.ts';
import { appendAndHear, type Appended, withRelay } from '../relay/scene.ts';
import { median, round, spreadOf } from '../statistics.ts';

const owners = 32;

async function durable(budget: Budget): Promise<Result> {
  const [rounds, frames] = budget.quick ? [4, 4_000] : [7, 10_000];
  const measured = await withRelay(async (scene) => {
    await scene.near.ask('own', { from: 0, count: owners });
    await scene.far.ask('follow', { from: 0, count: owners, readers: 1 });
    const each: Appended[] = [];
    for (let at = -1; at < rounds; at += 1) {
      const appended = await appendAndHear(scene, owners, frames);
      if (at >= 0) each.push(appended); // the first round warms up
    }
    return each;
  });
  const rates = measured.map(({ framesPerSecond }) => framesPerSecond);
  return {
    case: 'relay.durable',
    value: round(median(rates) / 1000),
    unit: 'k frames/s',
    spread: spreadOf(rates),
    ratios: {},
    quantiles: { 'relay µs a frame': round(median(measured.map((each) => each.relayMicroseconds))) },
    counts:
      `Short frames appended by ${owners} owners, one connection each, 256 frames unanswered (as our client does), synced ` +
      'to disk, answered by *stored* and pushed to a reader of each queue, from the first append until the last push has ' +
      'arrived. Relay, owners and readers are three processes on one machine; encrypted links over TCP.',
    goal: { bound: 'least', value: 200 },
    limit:
      'The processor: 2 µs a frame in the relay, of which four tenths are the system’s calls for sockets and the disk and ' +
      'XChaCha20-Poly1305, an eighth is collection of garbage and a twelfth the serving machine (docs/decisions/0007).',
  };
}

async function fanOut(readers: number, budget: Budget): Promise<Result> {
  const [rounds, deliveries] = budget.quick ? [4, 50_000] : [7, 300_000];
  const frames = deliveries / readers;
  const rates = await withRelay(async (scene) => {
    await scene.near.ask('own', { from: 0, count: 1 });
    for (const child of [scene.near, scene.far])
      await child.ask('follow', { from: 0, count: 1, readers: readers / 2 });
    const each: number[] = [];
    for (let at = -1; at < rounds; at += 1) {
      const { framesPerSecond } = await appendAndHear(scene, 1, frames);
      if (at >= 0) each.push(framesPerSecond * readers);
    }
    return each;
  });
  return {
    case: readers === 1_000 ? 'relay.fanout' : `relay.fanout.${readers}`,
    value: round(median(rates) / 1000),
    unit: 'k deliveries/s',
    spread: spreadOf(rates),
    ratios: {},
    counts:
      `Short frames of one queue that arrived at ${readers.toLocaleString('en-US')} readers, one connection each in two ` +
      'processes: each frame is appended, synced and answered once, and counts once for each reader.',
  };
}

export const relay: Case = {
  names: ['relay.durable', 'relay.fanout', 'relay.fanout.100'],
  run: async (budget) => [await durable(budget), await fanOut(1_000, budget), await fanOut(100, budget)],
};
