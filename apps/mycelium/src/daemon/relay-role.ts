/** The role relay: keeps sealed mail for others, and knows nothing about it but sizes and times. */
import { openRelayStore, type NodeTransport } from '@mycelium/node';
import type { RelayStatus } from '@mycelium/api';
import type { Primitives } from '@mycelium/protocol';
import type { Clock, Link, QueueStoreLimits, Randomness, ServingBackend } from '@mycelium/runtime';
import type { Log } from './log.ts';

export interface RelayRole {
  /** For the mail agent, where this node is somebody's too. */
  readonly backend: ServingBackend | undefined;
  accept(link: Link): void;
  status(): Promise<RelayStatus>;
  stop(): Promise<void>;
}

export interface RelayRoleWish {
  readonly transport: NodeTransport;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly primitives: Primitives;
  readonly folder: string;
  readonly log: Log;
}

const dayMs = 86_400_000;

const limits: QueueStoreLimits = {
  retentionMs: 30 * dayMs,
  framesPerQueueMax: 100_000,
  queuesMax: 1_000_000,
  bytesMax: 20 * 2 ** 30,
};

export async function startRelayRole({ clock, folder }: RelayRoleWish): Promise<RelayRole> {
  const store = await openRelayStore({ folder, limits, clock });
  return {
    backend: undefined,
    accept: (link) => link.close(),
    status: async () => ({ ...(await store.usage()), links: 0 }),
    stop: () => store.close(),
  };
}
