/** The store of the role relay: the embedded log in a folder, or NATS JetStream, and how the status tells of it. */
import type { RelayStoreStatus } from '@mycelium/api';
import {
  BackupError,
  JetStreamStoreError,
  openJetStreamStore,
  openRelayStore,
  type BackupReport,
} from '@mycelium/node';
import type { Clock, QueueStore, QueueStoreLimits } from '@mycelium/runtime';
import { FailedError } from '../failures.ts';
import type { StorePlace } from '../relay/store-url.ts';
import { anonymousError, type Log } from './log.ts';

export interface OpenedStore {
  readonly store: QueueStore;
  readonly about: RelayStoreStatus;
  /** @throws BackupError */
  readonly backUp: (folder: string) => Promise<BackupReport>;
}

export interface StoreWish {
  readonly place: StorePlace;
  /** What the operator takes, where the store cannot sync before it answers. */
  readonly durability: 'synced' | 'replicated';
  readonly limits: QueueStoreLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** @throws FailedError `store-unreachable`, `store-refused`, `store-durability` */
export async function openStore(wish: StoreWish): Promise<OpenedStore> {
  const { clock, durability, limits, log, place } = wish;
  if (place.kind === 'folder') {
    const store = await openRelayStore({ folder: place.folder, limits, clock });
    const backUp = (folder: string): Promise<BackupReport> => store.backUp(folder);
    return { store, about: { kind: 'folder', durability: 'synced' }, backUp };
  }
  try {
    const store = await openJetStreamStore({
      ...place,
      limits,
      clock,
      durability,
      onTrouble: (error) => log.debug('relay', `NATS did not answer, asked again: ${anonymousError(error)}`),
      onBrokenPromise: (why) => log.error('relay', `new mail is refused: ${why}`),
      onConnection: (isUp) =>
        isUp
          ? log.info('relay', 'NATS is reached again')
          : log.warn('relay', 'the connection to NATS is lost: new mail is refused until it is back'),
    });
    const { replicas, servers } = store;
    if (replicas === 1)
      log.warn('relay', `one NATS server keeps the mail (${servers.join(', ')}): three would keep copies`);
    if (store.durability === 'replicated')
      log.warn(
        'relay',
        'NATS answers before mail is on disk: clients are told, and do not count it as stored',
      );
    const about = { kind: 'nats', durability: store.durability, replicas, servers } as const;
    return { store, about, backUp: () => Promise.reject(new BackupError('elsewhere')) };
  } catch (error) {
    if (!(error instanceof JetStreamStoreError)) throw error;
    throw new FailedError(error.code, error.message, { cause: error });
  }
}
