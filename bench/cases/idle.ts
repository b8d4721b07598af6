/** What a relay's memory pays for a queue and for a connection that nothing happens on. */
import type { Budget, Case, Result } from '../case.ts';
import type { RelayMemory } from '../processes/relay.ts';
import { appendAndHear, type RelayScene, withRelay } from '../relay/scene.ts';
import { round } from '../statistics.ts';

const measuredHow =
  'Difference, before and after, of the live objects in the heap of the relay’s process (garbage collected) and of all its other resident ' +
  'memory (VmRSS without V8’s heap; kernel buffers are not in it), over how many there are. Some frames have gone through before.';

const nodeOptions = ['--expose-gc'];

/** Some frames through a few queues, so that all code has run; few, because what they leave free would be used again. */
async function busy(scene: RelayScene): Promise<void> {
  const owners = 4;
  await scene.near.ask('own', { from: 1_000_000, count: owners });
  await scene.far.ask('follow', { from: 1_000_000, count: owners, readers: 1 });
  for (let at = 0; at < 2; at += 1) await appendAndHear(scene, owners, 1_000);
}

interface Each {
  readonly value: number;
  readonly quantiles: Readonly<Record<string, number>>;
}

function each(before: RelayMemory, after: RelayMemory, count: number): Each {
  const of = (field: keyof RelayMemory): number => round((after[field] - before[field]) / count);
  const [heap, other] = [of('heapBytes'), of('otherBytes')];
  // Below zero: something from before was given back meanwhile, which these must not have the good of.
  return { value: round(heap + Math.max(0, other)), quantiles: { heap, other } };
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
