/** Many clients of one relay that do nothing, and many that lose it at the same moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Budget, Case, Result } from '../case.ts';
import { Child } from '../processes/child.ts';
import type { ClientsQuestions } from '../processes/clients.ts';
import type { RelayQuestions } from '../processes/relay.ts';
import { quantile, round } from '../statistics.ts';

interface Crowd {
  readonly relay: Child<RelayQuestions>;
  readonly halves: readonly Child<ClientsQuestions>[];
}

async function withCrowd<T>(count: number, use: (crowd: Crowd) => Promise<T>): Promise<T> {
  const relay = new Child<RelayQuestions>('relay.ts');
  const halves = [0, 1].map(() => new Child<ClientsQuestions>('clients.ts'));
  try {
    const address = await relay.ask('address', null);
    const each = count / halves.length;
    await Promise.all(
      halves.map((half, at) => half.ask('gather', { relay: address, from: at * each, count: each })),
    );
    return await use({ relay, halves });
  } finally {
    await Promise.all(halves.map((half) => half.stop()));
    await relay.stop();
  }
}

/** Long enough for each client to have kept its connection alive once. */
const idleMs = 30_000;

async function idleClients(budget: Budget): Promise<Result> {
  const count = budget.quick ? 1_000 : 10_000;
  return withCrowd(count, async ({ relay }) => {
    await sleep(budget.quick ? 1_000 : idleMs);
    const residentMb = (await relay.ask('residentBytes', null)) / 2 ** 20;
    return {
      case: 'idle.clients',
      value: round(residentMb),
      unit: 'MB',
      spread: null,
      ratios: {},
      counts:
        `All the resident memory of a relay’s process, as the system counts it and without a collection of ours, with ${count.toLocaleString('en-US')} clients ` +
        'that have been connected for half a minute: each a mail agent with a transport key, a connection over TCP on loopback and a queue with one frame. ' +
        'Kernel buffers of sockets are not in it.',
      goal: { bound: 'most', value: 600 },
    };
  });
}

async function reconnectStorm(budget: Budget): Promise<Result> {
  const count = budget.quick ? 400 : 2_000;
  return withCrowd(count, async ({ relay, halves }) => {
    await relay.ask('hangUp', null);
    const times = (await Promise.all(halves.map((half) => half.ask('say', null)))).flat();
    const at = (part: number): number => round(quantile(times, part) / 1000);
    return {
      case: 'reconnect.storm',
      value: at(1),
      unit: 's',
      spread: null,
      ratios: {},
      quantiles: { p50: at(0.5), p99: at(0.99) },
      counts:
        `A relay ends the connections of ${count.toLocaleString('en-US')} clients at the same moment; each has a frame to say. From then until the last of them has ` +
        'reconnected as the product does (waits with jitter), opened its queue, and the frame is stored on disk. Two processes have the clients, on the same ' +
        'machine as the relay. Its gate on handshakes (1,000 at once and 500 a second from everybody) does not count loopback.',
      goal: { bound: 'most', value: 10 },
    };
  });
}

export const clients: Case = {
  names: ['idle.clients', 'reconnect.storm'],
  run: async (budget) => [await idleClients(budget), await reconnectStorm(budget)],
};
