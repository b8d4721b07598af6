// A relay and those who are connected to it, without a network: bytes go straight into its links.
import {
  concatBytes,
  emptyMailStream,
  encodeHello,
  type IntakeGrant,
  type MailItem,
  type MailStream,
  readMailStream,
  type ServerLimits,
  type TransportKey,
} from '@mycelium/protocol';
import {
  createRelayHost,
  type DirectoryDesk,
  perHour,
  type Link,
  type QueueStore,
  type QueueStoreLimits,
  type RelayHost,
  type RelayMeter,
  type RelayPolicy,
  serveLink,
  usualRelayPolicy,
} from '@mycelium/runtime';
import {
  createMemoryQueueStore,
  createSeededRandomness,
  createVirtualClock,
  type MemoryQueueStore,
  type VirtualClock,
} from '@mycelium/simulation';
import { openBytes, primitives, type QueueMembers } from '../../../protocol/test/mail/members.ts';

export const storeLimits: QueueStoreLimits = {
  retentionMs: 30 * 86_400_000,
  framesPerQueueMax: 100_000,
  queuesMax: 100,
  bytesMax: 1 << 28,
};

const serverLimits: ServerLimits = {
  opensMax: 100,
  pendingBytesMax: 1 << 16,
  readsMax: 2,
  readBytesMax: 8192,
  rate: { perSecond: 1e6, burst: 1e6 },
  retentionSeconds: 0,
  queueFramesMax: 0,
  intakeTokens: true,
};

export const relayKey: TransportKey = new Uint8Array(32).fill(0x7e) as TransportKey;

const hello = encodeHello({
  versionMin: 1,
  versionMax: 1,
  features: 0,
  challenge: new Uint8Array(32),
  appendFramesPerSecond: 0,
  retentionSeconds: 0,
  queueFramesMax: 0,
});

/** One who is connected: what they hear, in words and whole. */
export class Client {
  readonly items: MailItem[] = [];
  /** Bytes that the relay wrote and that we have not read: the link is full from `window` on. */
  unread = 0;
  isReading = true;
  readonly window = 16_384;
  isPaused = false;
  isClosed = false;
  challenge: Uint8Array = new Uint8Array(32);
  readonly #waiting: Uint8Array[] = [];
  #stream: MailStream = emptyMailStream;
  #receive: (bytes: Uint8Array) => void = () => undefined;
  #drained: () => void = () => undefined;
  #closed: (reason: string) => void = () => undefined;
  readonly link: Link;

  constructor(name: string, source?: string) {
    this.link = {
      source,
      remoteKey: new Uint8Array(32).fill(name.charCodeAt(0)) as TransportKey,
      path: 'memory',
      initiator: false,
      write: (bytes) => {
        this.#waiting.push(bytes.slice());
        this.unread += bytes.length;
        if (this.isReading) this.read();
        return this.unread < this.window;
      },
      onBytes: (receive) => (this.#receive = receive),
      onDrain: (drained) => (this.#drained = drained),
      onClose: (closed) => (this.#closed = closed),
      pause: () => (this.isPaused = true),
      resume: () => (this.isPaused = false),
      close: () => (this.isClosed = true),
    };
  }

  send(...frames: readonly Uint8Array[]): void {
    this.#receive(concatBytes(...frames));
  }

  /** Takes what waits. */
  read(): void {
    const wasFull = this.unread >= this.window;
    const { stream, items, refusal } = readMailStream(this.#stream, concatBytes(...this.#waiting.splice(0)));
    if (refusal !== undefined) throw new Error('the relay sent something that is no frame');
    this.#stream = stream;
    this.unread = 0;
    for (const item of items) {
      if (item.kind === 'control' && item.control.kind === 'hello') this.challenge = item.control.challenge;
      else this.items.push(item);
    }
    if (wasFull) this.#drained();
  }

  hangUp(): void {
    this.#closed('the peer hung up');
  }

  open(
    queue: QueueMembers,
    role: 'reader' | 'owner',
    changes: { base?: number; intakeDifficulty?: number; intakeTokens?: readonly IntakeGrant[] } = {},
  ): void {
    this.send(
      openBytes(queue, role, { ...changes, at: { challenge: this.challenge, transportKey: relayKey } }),
    );
  }

  /** Since the last call: `opened 0-0, stored 1, error rate, push 4+2`. */
  heard(): string {
    return this.items
      .splice(0)
      .map((item) => {
        if (item.kind === 'mail') return 'mail';
        if (item.kind === 'push') return `push ${item.push.firstIndex}+${item.frames.length}`;
        const { control } = item;
        if (control.kind === 'error') return `error ${control.name}`;
        if (control.kind === 'stored') return `stored ${control.index}`;
        if (control.kind === 'opened' || control.kind === 'done')
          return `${control.kind} ${control.first}-${control.next}`;
        return control.kind;
      })
      .join(', ');
  }

  /** Frames of pushes since the last call, with their indices. */
  pushed(): readonly { readonly index: number; readonly frame: Uint8Array }[] {
    return this.items
      .splice(0)
      .flatMap((item) =>
        item.kind === 'push'
          ? item.frames.map((frame, at) => ({ index: item.push.firstIndex + at, frame }))
          : [],
      );
  }
}

export interface Scene {
  readonly clock: VirtualClock;
  readonly store: MemoryQueueStore;
  readonly host: RelayHost;
  /** Connected and greeted. */
  connect(name: string, source?: string): Client;
  settle(): Promise<void>;
}

export function createScene(
  options: {
    readonly limits?: Partial<QueueStoreLimits>;
    readonly store?: (store: QueueStore) => QueueStore;
    readonly stored?: MemoryQueueStore;
    readonly policy?: Partial<RelayPolicy>;
    readonly meter?: RelayMeter;
    readonly serverLimits?: Partial<ServerLimits>;
    readonly desk?: (clock: VirtualClock) => DirectoryDesk;
  } = {},
): Scene {
  const clock = createVirtualClock();
  const limits = { ...storeLimits, ...options.limits };
  const store = options.stored ?? createMemoryQueueStore({ clock, limits });
  const wish = { store: options.store?.(store) ?? store, storeLimits: limits, clock, primitives };
  const policy = { ...usualRelayPolicy, queueIntake: perHour(120, 3), ...options.policy };
  const { meter } = options;
  const desk = options.desk?.(clock);
  const host = createRelayHost({
    ...wish,
    policy: () => policy,
    ...(meter && { meter }),
    ...(desk && { desk }),
  });
  const randomness = createSeededRandomness('relay scene');
  const serving = {
    transport: { key: relayKey },
    clock,
    randomness,
    primitives,
    limits: host.serverLimits({
      ...serverLimits,
      directory: desk !== undefined,
      ...options.serverLimits,
    }),
    backend: host,
  };
  return {
    clock,
    store,
    host,
    settle: () => clock.settle(),
    connect(name, source) {
      const client = new Client(name, source);
      serveLink(serving, client.link, () => undefined);
      client.send(hello);
      return client;
    },
  };
}
