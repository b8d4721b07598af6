/**
 * Figures about a relay for Prometheus (docs/relay.md, "Metrics"): counts, sizes and durations of everybody together. No
 * label has a value that a peer chooses or that tells peers apart.
 */
import type { GateMeter } from '@mycelium/node';
import type { QueueStore, QueueStoreLimits, RelayMeter } from '@mycelium/runtime';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface RelayMetrics {
  readonly relay: RelayMeter;
  readonly gate: GateMeter;
  /** From now on the figures of this relay are told, too. */
  watch(relay: WatchedRelay): void;
  reloaded(): void;
  readonly contentType: string;
  text(): Promise<string>;
}

export interface WatchedRelay {
  readonly store: Pick<QueueStore, 'usage'>;
  readonly limits: QueueStoreLimits;
  readonly connections: () => number;
  readonly version: string;
}

/** From one write to a disk under load. */
const storedBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createRelayMetrics(): RelayMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    relay: relayMeter(registry),
    gate: gateMeter(registry),
    watch: (relay) => watch(registry, relay),
    reloaded: reloads(registry),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> {
  return new Counter({
    registers: [registry],
    name: `mycelium_relay_${name}`,
    help,
    labelNames: [...labelNames],
  });
}

function relayMeter(registry: Registry): RelayMeter {
  const opens = counter(registry, 'opens_total', 'Queues opened, by role and outcome.', ['role', 'outcome']);
  const frames = counter(
    registry,
    'append_frames_total',
    'Frames that were asked to be kept, by kind and outcome.',
    ['kind', 'outcome'],
  );
  const bytes = counter(registry, 'append_bytes_total', 'Bytes of those frames.', ['kind', 'outcome']);
  const tokens = counter(
    registry,
    'tokens_told_total',
    'Tokens of invites that owners of intake queues have said to be good, each time that they said something new.',
  );
  const stored = new Histogram({
    registers: [registry],
    name: 'mycelium_relay_store_seconds',
    help: 'From the request to the disk, synced.',
    buckets: storedBuckets,
  });
  const reads = counter(registry, 'reads_total', 'Reads from the store for readers, by outcome.', [
    'outcome',
  ]);
  const readFrames = counter(registry, 'read_frames_total', 'Frames that those reads brought.');
  const readBytes = counter(registry, 'read_bytes_total', 'Bytes of those frames.');
  const trims = counter(registry, 'trims_total', 'Trims by owners, by outcome.', ['outcome']);
  const upkeep = counter(registry, 'upkeep_total', 'Hourly upkeep of the store, by outcome.', ['outcome']);
  const expired = counter(
    registry,
    'expired_frames_total',
    'Frames that were forgotten because their time was over.',
  );
  return {
    opened: (role, outcome) => opens.inc({ role, outcome }),
    appended: (kind, outcome, count, size) => {
      frames.inc({ kind, outcome }, count);
      bytes.inc({ kind, outcome }, size);
    },
    tokensTold: (count) => tokens.inc(count),
    stored: (durationMs) => stored.observe(durationMs / 1000),
    read: (outcome, count, size) => {
      reads.inc({ outcome });
      readFrames.inc(count);
      readBytes.inc(size);
    },
    trimmed: (outcome) => trims.inc({ outcome }),
    upkeep: (expiredFrames) => {
      upkeep.inc({ outcome: expiredFrames === undefined ? 'failed' : 'ok' });
      expired.inc(expiredFrames ?? 0);
    },
  };
}

function gateMeter(registry: Registry): GateMeter {
  const begun = counter(registry, 'connections_begun_total', 'Connections that were let in to prove a key.');
  const proved = counter(registry, 'connections_proved_total', 'Connections that proved a key.');
  const refused = counter(
    registry,
    'connections_refused_total',
    'Connections shed before any work for them, by reason.',
    ['reason'],
  );
  return {
    entered: () => begun.inc(),
    proved: () => proved.inc(),
    refused: (reason) => refused.inc({ reason }),
  };
}

function watch(registry: Registry, { store, limits, connections, version }: WatchedRelay): void {
  const gauge = (name: string, help: string, value: () => number | Promise<number>): Gauge =>
    new Gauge({
      registers: [registry],
      name: `mycelium_relay_${name}`,
      help,
      async collect() {
        this.set(await value());
      },
    });
  gauge('connections', 'Connections that are served now.', connections);
  gauge('store_bytes_max', 'Bytes that the store may take.', () => limits.bytesMax);
  gauge('store_queues_max', 'Queues that the store may have.', () => limits.queuesMax);
  gauge('retention_seconds', 'How long new mail is kept.', () => limits.retentionMs / 1000);
  gauge('store_queues', 'Queues in the store.', async () => (await store.usage()).queues);
  gauge('store_frames', 'Frames in the store.', async () => (await store.usage()).frames);
  gauge('store_bytes', 'Bytes in the store.', async () => (await store.usage()).bytes);
  new Gauge({
    registers: [registry],
    name: 'mycelium_relay_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version'],
  }).set({ version }, 1);
}

function reloads(registry: Registry): () => void {
  const count = counter(registry, 'reloads_total', 'Times that the configuration was reloaded.');
  return () => count.inc();
}
