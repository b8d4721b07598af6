/** What every command is given, and how it is run to an exit code. */
import type { Role } from '@mycelium/api';
import type { Command } from 'commander';
import { connect, type Connection } from '../connection.ts';
import { FailedError } from '../failures.ts';
import type { StoreDurability } from '../relay/settings.ts';
import type { StorePlace } from '../relay/store-url.ts';
import type { Output } from '../terminal/output.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface NodeWish {
  readonly data: string;
  readonly roles: readonly Role[];
  readonly listen: readonly string[];
  readonly bootstrap: readonly string[];
  readonly relays: readonly string[];
  /** Opens it; with a new data folder also chooses it. */
  readonly passphrase?: string | undefined;
  /** Where the role relay keeps mail, when not in the data folder. */
  readonly relayStore?: StorePlace | undefined;
  /** `replicated`: the operator takes a store that answers before mail is on disk. */
  readonly storeDurability?: StoreDurability | undefined;
  /** The relay's configuration file. */
  readonly config?: string | undefined;
  /** Port on 127.0.0.1 for the API over WebSocket; 0: any free one. Undefined: none. */
  readonly apiPort?: number | undefined;
  /** False: it neither announces itself by mDNS nor looks for others. */
  readonly mdns?: boolean | undefined;
  /** Who is asked what domains publish: `off`, `dns`, `dns,https`, `dns,https,private`. */
  readonly domainLookup?: string | undefined;
  /** A DNS server instead of the machine's, or `https://…`. */
  readonly resolver?: string | undefined;
  /** Where it listens for WebSockets as well. */
  readonly websocket?: WebSocketWish | undefined;
  /** No network: the data folder is opened for a moment. */
  readonly offline?: boolean;
}

export interface WebSocketWish {
  /** `HOST:PORT` */
  readonly listen: string;
  /** PEM files; both, or none: without TLS. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** A node in this very process. */
export interface RunningNode {
  readonly addresses: readonly string[];
  /** Path of the API's socket. */
  readonly api: string;
  /** `ws://127.0.0.1:PORT`, with an `apiPort`. */
  readonly websocket: string | undefined;
  readonly hasAccount: boolean;
  /** Where the relay's figures are. */
  readonly metrics: string | undefined;
  /** Takes in the relay's configuration file anew. */
  reload(): void;
  stop(): Promise<void>;
  /** Resolves when it has stopped, whoever asked for that. */
  readonly stopped: Promise<void>;
}

/** The daemon, handed in by main.ts: commands know it by this much. */
export interface Daemon {
  start(wish: NodeWish): Promise<RunningNode>;
  /** How the store of this folder opens, before it is opened. */
  custody(data: string): 'none' | 'file' | 'passphrase';
}

export interface Context {
  readonly data: string;
  readonly output: Output;
  readonly terminal: Terminal;
  /** What a person types to run these words of this program on this data folder. */
  typed(words: string): string;
  /** Loaded only by who needs it: other commands start faster. */
  readonly daemon: () => Promise<Daemon>;
}

type Perform<Options> = (context: Context, args: readonly string[], options: Options) => Promise<void>;

/** Ties a command to what performs it. */
export type Bind = <Options>(command: Command, perform: Perform<Options>) => void;

/** Runs `work` with a connection to the node of this data folder. */
export async function withNode<T>(context: Context, work: (node: Connection) => Promise<T>): Promise<T> {
  const node = await connect(context.data);
  if (node === undefined) {
    throw new FailedError(
      'not-running',
      `No node runs on the data folder ${context.data}. Start one with: ${context.typed('up')}`,
    );
  }
  try {
    return await work(node);
  } finally {
    node.close();
  }
}
