/** What a relay's memory pays for a queue and for a connection that nothing happens on. */
import type { Budget, Case, Result } from '../case.ts';
import type { RelayMemory } from '../processes/relay.ts';
import { appendAndHear, type RelayScene, withRelay } from '../relay/scene.ts';
import { round } from '../statistics.ts';

const measuredHow =
  'Difference of the resident memory of the relay’s process (kernel buffers not in it), or of what lives in it where that is more, ' +
  'before and after, garbage collected both times, over how many there are. V8’s room for new objects, which grows with work and not with ' +
  'what is kept, has its full size (32 MB twice) from the start, and the relay has been busy before.';

const nodeOptions = ['--expose-gc', '--min-semi-space-size=32', '--max-semi-space-size=32'];

/** Frames through a few queues: what any relay has seen that has served for a minute. */
async function busy(scene: RelayScene): Promise<void> {
  const owners = 4;
  await scene.near.ask('own', { from: 1_000_000, count: owners });
  await scene.far.ask('follow', { from: 1_000_000, count: owners, readers: 1 });
  for (let at = 0; at < 4; at += 1) await appendAndHear(scene, owners, 20_000);
}

interface Each {
  readonly value: number;
  readonly quantiles: Readonly<Record<string, number>>;
}

function each(before: RelayMemory, after: RelayMemory, count: number): Each {
  const of = (field: keyof RelayMemory): number => round((after[field] - before[field]) / count);
  const [resident, heap, buffers] = [of('residentBytes'), of('heapBytes'), of('externalBytes')];
  // Pages that were free before may be in use now without the process having grown.
  return { value: Math.max(resident, round(heap + buffers)), quantiles: { resident, heap, buffers } };
}

async function queue(budget: Budget): Promise<Result> {
  const count = budget.quick ? 4_000 : 24_000;
  return withRelay(async (scene) => {
    await busy(scene);
    const before = await scene.relay.ask('memory', null);
    await Promise.all([
      scene.near.ask('openMany', { from: 0, count: count / 2, role: 'owner' }),
      scene.far.ask('openMany', { from: count / 2, count: count / 2, role: 'owner' }),
    ]);
    await Promise.all([
      scene.near.ask('openMany', { from: count / 2, count: count / 2, role: 'reader' }),
      scene.far.ask('openMany', { from: 0, count: count / 2, role: 'reader' }),
    ]);
    const { value, quantiles } = each(before, await scene.relay.ask('memory', null), count);
    return {
      case: 'idle.queue',
      value,
      unit: 'bytes',
      spread: null,
      ratios: {},
      quantiles,
      counts:
        `An empty queue at a relay, open to its owner and subscribed by a reader over connections with 4,000 each; ${count.toLocaleString('en-US')} ` +
        `of them. ${measuredHow}`,
      goal: { bound: 'most', value: 4_096 },
    };
  }, nodeOptions);
}

async function connection(budget: Budget): Promise<Result> {
  const count = budget.quick ? 1_000 : 2_000;
  return withRelay(async (scene) => {
    await busy(scene);
    const before = await scene.relay.ask('memory', null);
    await Promise.all([scene.near.ask('idle', count / 2), scene.far.ask('idle', count / 2)]);
    const { value, quantiles } = each(before, await scene.relay.ask('memory', null), count);
    return {
      case: 'idle.connection',
      value,
      unit: 'bytes',
      spread: null,
      ratios: {},
      quantiles,
      counts:
        `A connection to a relay over TCP, encrypted, both sides have said hello and nothing else; ${count.toLocaleString('en-US')} of them from ` +
        `two other processes. ${measuredHow}`,
      goal: { bound: 'most', value: 40_960 },
    };
  }, nodeOptions);
}

export const idle: Case = {
  names: ['idle.queue', 'idle.connection'],
  run: async (budget) => [await queue(budget), await connection(budget)],
};
