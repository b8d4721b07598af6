/** What the operator of a relay decides (docs/relay.md). Where no configuration file is given, the defaults below hold. */
import type { BlockList } from 'node:net';
import type { Endpoint } from '../daemon/endpoints.ts';
import type { LogLevel } from '../daemon/log.ts';
import type { StorePlace } from './store-url.ts';

export interface RelaySettings {
  readonly listen: ListenSettings;
  readonly store: StoreSettings;
  readonly access: AccessSettings;
  readonly strangers: StrangerSettings;
  readonly connections: ConnectionSettings;
  readonly sources: SourceSettings;
  readonly metrics: MetricsSettings;
  readonly log: LogSettings;
}

export interface ListenSettings {
  /** TCP, and UDP on the same port number. Empty: as without a file. */
  readonly addresses: readonly Endpoint[];
  /** WebSocket; over TLS when there is a certificate. */
  readonly websocket: readonly Endpoint[];
  /** PEM files; both or neither. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

export type StoreDurability = 'synced' | 'replicated';

export interface StoreSettings {
  /** What `--store` takes. Undefined: in the data folder. */
  readonly url: StorePlace | undefined;
  /** `replicated`: a store is taken that answers before mail is on disk; peers are told. */
  readonly durability: StoreDurability;
  readonly retentionMs: number;
  readonly bytesMax: number;
  readonly queuesMax: number;
  readonly framesPerQueueMax: number;
}

export interface AccessSettings {
  /** Whose mail is kept here. */
  readonly owners: 'anybody' | 'listed';
  /** Transport keys in z-base-32: those of `owners = "listed"`. */
  readonly listed: ReadonlySet<string>;
  /** Who may connect. Undefined: everybody. */
  readonly networks: BlockList | undefined;
  readonly refusedNetworks: BlockList;
}

/** Intake frames: what anybody may leave for people who keep their mail here. */
export interface StrangerSettings {
  /** Leading zero bits that a stamp has at least, whatever the owner of the queue asks for. */
  readonly proofOfWork: number;
  readonly perQueueHour: number;
  readonly perQueueBurst: number;
  readonly perSourceHour: number;
}

export interface ConnectionSettings {
  readonly most: number;
  readonly perSource: number;
  /** Programs on this machine are bounded as everybody is. */
  readonly countsLoopback: boolean;
  readonly handshakesPerSecond: number;
  readonly handshakesPerSourceMinute: number;
  readonly framesPerSecond: number;
  readonly framesBurst: number;
  readonly framesPerQueueSecond: number;
  readonly framesPerQueueBurst: number;
  readonly openQueues: number;
  readonly openQueuesPerSource: number;
}

/** What one source (an IPv4 address, a /64 of IPv6) may have kept here. */
export interface SourceSettings {
  readonly newQueuesPerHour: number;
  readonly bytesPerHour: number;
}

export interface MetricsSettings {
  /** On 127.0.0.1. Undefined: no metrics. */
  readonly port: number | undefined;
}

export interface LogSettings {
  readonly format: 'text' | 'json';
  /** Undefined: as `MYCELIUM_LOG` says. */
  readonly level: LogLevel | undefined;
}
