/** Peers, paths and relays of a node, as they travel over the local API. */

/** One way to a peer. */
export interface PeerPath {
  /** `unix`, `tcp`, `udp`, `websocket`, `relayed`. */
  readonly path: string;
  /** `HOST:PORT`, `wss://HOST:PORT`, where the path has one. */
  readonly at?: string | undefined;
  /** `ready`: open, and takes over when the used one dies. `silent`: open, and does not answer. */
  readonly state: 'used' | 'ready' | 'silent' | 'connecting' | 'closed';
  readonly rttMs?: number | undefined;
  /** Why it is used, or why it is not. */
  readonly note: string;
}

export interface Peer {
  readonly address: string;
  readonly state: string;
  readonly path?: string | undefined;
  readonly rttMs?: number | undefined;
  /** Why it is not connected, or why this path. */
  readonly note: string;
  readonly direction: 'in' | 'out';
  /** Address of the contact whose device it is. */
  readonly contact?: string | undefined;
  /** Every path that is known, in the order in which they are tried; none for a link that the peer opened. */
  readonly paths: readonly PeerPath[];
}

/** Where the mail is, and whether what a relay calls stored is on a disk. */
/** A relay of the account, or one that could become one. */
export interface AccountRelay {
  readonly address: string;
  readonly use: 'account' | 'spare';
  /** The person chose it. */
  readonly named: boolean;
  readonly state: 'there' | 'away' | 'refuses' | 'unknown';
  /** Since when it is so, as far as it was seen. */
  readonly since?: number | undefined;
  readonly rttMs?: number | undefined;
  /** How full it says to be. */
  readonly loadPercent?: number | undefined;
  readonly note: string;
}

export interface RelayStoreStatus {
  readonly kind: 'folder' | 'nats';
  /** `replicated`: in the memory of most servers, on their disks a while later. */
  readonly durability: 'synced' | 'replicated';
  /** Copies of each queue, and the names of the servers that have them. */
  readonly replicas?: number | undefined;
  readonly servers?: readonly string[] | undefined;
}

export interface RelayStatus {
  readonly store: RelayStoreStatus;
  readonly queues: number;
  readonly frames: number;
  readonly bytes: number;
  readonly links: number;
}

/** What is in the copy of a relay's mail. */
export interface BackupReport {
  readonly queues: number;
  readonly frames: number;
  readonly bytes: number;
  readonly segments: number;
}
