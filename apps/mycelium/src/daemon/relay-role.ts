/** The role relay: keeps sealed mail for others, and knows nothing about it but routes, sizes and times. */
import { openRelayStore, type NodeTransport } from '@mycelium/node';
import type { RelayStatus } from '@mycelium/api';
import type { Primitives, ServerLimits } from '@mycelium/protocol';
import {
  createRelayHost,
  serveLink,
  usualServerLimits,
  type Clock,
  type Link,
  type QueueStoreLimits,
  type Randomness,
  type RelayHost,
  type ServedLink,
} from '@mycelium/runtime';
import { anonymousError, type Log } from './log.ts';

export interface RelayRole {
  /** For the mail agent, where this node is somebody's too. */
  readonly host: RelayHost;
  readonly serverLimits: ServerLimits;
  /** Serves a link that somebody opened. */
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

/** Everybody's mail together; a queue is one feed's epoch, and a person has a few dozen. */
const storeLimits: QueueStoreLimits = {
  retentionMs: 30 * dayMs,
  framesPerQueueMax: 100_000,
  queuesMax: 1_000_000,
  bytesMax: 20 * 2 ** 30,
};

export async function startRelayRole(wish: RelayRoleWish): Promise<RelayRole> {
  const { clock, folder, log } = wish;
  const store = await openRelayStore({ folder, limits: storeLimits, clock });
  const host = createRelayHost({
    store,
    storeLimits,
    clock,
    primitives: wish.primitives,
    onUpkeepFailure: (error) => log.warn('relay', `could not forget expired mail: ${anonymousError(error)}`),
  });
  host.start();
  const serverLimits = host.serverLimits(usualServerLimits);
  const served = new Set<ServedLink>();
  return {
    host,
    serverLimits,
    accept: (link) => {
      const connection = serveLink({ ...wish, limits: serverLimits, backend: host }, link, () =>
        served.delete(connection),
      );
      served.add(connection);
    },
    status: async () => ({ ...(await store.usage()), links: host.connections }),
    stop: async () => {
      for (const connection of served) connection.stop();
      await host.stop();
      await store.close();
    },
  };
}
