/** The role relay: keeps sealed mail for others, and knows nothing about it but routes, sizes and times. */
import type { BackupReport, NodeTransport } from '@mycelium/node';
import type { RelayStatus } from '@mycelium/api';
import type { Primitives, ServerLimits } from '@mycelium/protocol';
import {
  createRelayHost,
  serveLink,
  Splices,
  type Clock,
  type Link,
  type QueueStore,
  type QueueStoreLimits,
  type Randomness,
  type RelayHost,
  type ServedLink,
} from '@mycelium/runtime';
import { queueStoreLimits, relayPolicy, relayServerLimits } from '../relay/live-limits.ts';
import type { Operator } from '../relay/operator.ts';
import type { RelayMetrics } from '../relay/relay-metrics.ts';
import type { StorePlace } from '../relay/store-url.ts';
import type { KeptClaims } from './kept-claims.ts';
import { anonymousError, type Log } from './log.ts';
import { openStore } from './relay-store.ts';

export interface RelayRole {
  /** For the mail agent, where this node is somebody's too. */
  readonly host: RelayHost;
  /** What a mail agent is given that serves for this relay too. */
  readonly serving: {
    readonly relay: RelayHost;
    readonly serverLimits: ServerLimits;
    readonly splices: Splices;
  };
  readonly store: QueueStore;
  /** Copies the mail into a new folder. @throws BackupError */
  backUp(folder: string): Promise<BackupReport>;
  readonly limits: QueueStoreLimits;
  /** Serves a link that somebody opened. */
  accept(link: Link): void;
  status(): Promise<RelayStatus>;
  /** Begins nothing more, and answers what is under way once it is on disk. */
  drain(): Promise<void>;
  /** Drains, tells everybody who is connected that this relay stops, and closes. */
  stop(): Promise<void>;
}

export interface RelayRoleWish {
  readonly transport: NodeTransport;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly primitives: Primitives;
  readonly place: StorePlace;
  readonly durability: 'synced' | 'replicated';
  readonly log: Log;
  readonly operator: Operator;
  readonly metrics: RelayMetrics | undefined;
  /** Undefined: no directory is configured. */
  readonly claims: KeptClaims | undefined;
}

export async function startRelayRole(wish: RelayRoleWish): Promise<RelayRole> {
  const { claims, clock, log, metrics, operator } = wish;
  const limits = queueStoreLimits(operator.current);
  const { store, about, backUp } = await openStore({ ...wish, limits });
  const host = createRelayHost({
    store,
    storeLimits: limits,
    clock,
    primitives: wish.primitives,
    policy: relayPolicy(operator.current),
    ...(metrics && { meter: metrics.relay }),
    ...(claims && { desk: claims.desk }),
    onUpkeepFailure: (error) => log.warn('relay', `could not forget expired mail: ${anonymousError(error)}`),
  });
  host.start();
  const splices = new Splices(wish);
  const serverLimits = {
    ...relayServerLimits(operator.current, about.durability === 'replicated'),
    splices: true,
    directory: claims !== undefined,
  };
  const served = new Set<ServedLink>();
  let draining: Promise<void> | undefined;
  const drain = (): Promise<void> => {
    if (draining === undefined)
      log.info('relay', `stops: ${host.connections} connections are answered first`);
    return (draining ??= host.stop());
  };
  return {
    host,
    store,
    limits,
    serving: { relay: host, serverLimits, splices },
    accept: (link) => {
      if (draining !== undefined) return link.close();
      const connection = serveLink({ ...wish, limits: serverLimits, backend: host, splices }, link, () =>
        served.delete(connection),
      );
      served.add(connection);
    },
    status: async () => ({ ...(await store.usage()), links: host.connections, store: about }),
    backUp,
    drain,
    stop: async () => {
      await drain();
      for (const connection of served) connection.stop();
      await claims?.stop();
      await store.close();
    },
  };
}
