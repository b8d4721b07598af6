/**
 * The streams that hold a relay's queues: made when they are not there, three copies each where the cluster has three
 * servers. Their age limit is a backstop: what has expired is forgotten by upkeep, by the relay's clock.
 */
import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import type { Connection } from './connection.ts';
import { JetStreamStoreError } from './error.ts';
import { shards, type Subjects } from './subjects.ts';

export interface Streams {
  readonly replicas: number;
  /** Names of the servers that hold them. */
  readonly servers: ReadonlySet<string>;
}

const wantedReplicas = 3;
const codes = { notEnabledForAccount: 10_039, notEnabled: 10_076, notFound: 10_059 };
/** `no suitable peers`, `insufficient resources`, `replicas > 1 not supported in non-clustered mode`. */
const tooFewServers: ReadonlySet<number> = new Set([10_005, 10_023, 10_074]);
/** A cluster that has just begun chooses its leader first. */
const leaderWaitMs = 15_000;
const retryMs = 250;
/** More than twice any retention: a backstop for relays that nobody runs any more. */
const ageMaxMs = 1100 * 24 * 3_600_000;
const nsPerMs = 1_000_000;

/** @throws JetStreamStoreError `store-refused`, `store-unreachable` */
export async function openStreams(connection: Connection, subjects: Subjects): Promise<Streams> {
  if (connection.nats.connection.info?.jetstream !== true) throw withoutJetStream();
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const open = (shard: number): Promise<StreamInfo> =>
    patiently(() => openStream(connection, { subjects, shard }));
  // The first one alone: it finds out what the cluster can do.
  const infos = [await open(0), ...(await Promise.all(numbers.slice(1).map(open)))];
  const servers = new Set<string>();
  for (const { cluster } of infos) {
    const own = connection.nats.connection.info?.server_name;
    const names = [cluster?.leader ?? own, ...(cluster?.replicas ?? []).map(({ name }) => name)];
    for (const name of names) if (name !== undefined && name !== '') servers.add(name);
  }
  return { replicas: Math.min(...infos.map(({ config }) => config.num_replicas)), servers };
}

interface StreamWish {
  readonly subjects: Subjects;
  readonly shard: number;
}

async function openStream(connection: Connection, wish: StreamWish): Promise<StreamInfo> {
  const { manager } = connection.nats;
  const { subjects, shard } = wish;
  const name = subjects.stream(shard);
  const there = await connection.ask(() =>
    manager.streams.info(name).catch((error: unknown) => {
      if (codeOf(error) === codes.notFound) return undefined;
      throw error;
    }),
  );
  if (there !== undefined) return ourOwn(there, subjects, shard);
  const isClustered = connection.nats.connection.info?.cluster !== undefined;
  if (!isClustered) return connection.ask(() => manager.streams.add(configOf(wish, 1)));
  try {
    return await connection.ask(() => manager.streams.add(configOf(wish, wantedReplicas)));
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !tooFewServers.has(code)) throw error;
    const known = connection.nats.connection.info?.connect_urls?.length ?? 1;
    if (known >= wantedReplicas) throw error;
    return connection.ask(() => manager.streams.add(configOf(wish, 1)));
  }
}

function configOf(
  { subjects, shard }: StreamWish,
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name: subjects.stream(shard),
    description: 'Queues of a Mycelium relay',
    subjects: [subjects.all(shard)],
    storage: 'file',
    retention: 'limits',
    num_replicas: replicas,
    max_age: ageMaxMs * nsPerMs,
    allow_direct: true,
    republish: { src: subjects.all(shard), dest: subjects.newsOf(shard), headers_only: true },
  };
}

function ourOwn(info: StreamInfo, subjects: Subjects, shard: number): StreamInfo {
  const { config } = info;
  const isOurs =
    config.subjects.join(' ') === subjects.all(shard) &&
    config.allow_direct &&
    config.republish?.dest === subjects.newsOf(shard) &&
    config.storage === 'file';
  if (isOurs) return info;
  const message = `--store: the stream ${config.name} in NATS is not one of a relay. Give another name: nats://HOST:PORT/NAME.`;
  throw new JetStreamStoreError('store-refused', message);
}

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let leftMs = leaderWaitMs; ; leftMs -= retryMs) {
    try {
      return await attempt();
    } catch (error) {
      const failure = finalFailure(error, leftMs <= 0);
      if (failure !== undefined) throw failure;
      await new Promise((resolve) => void setTimeout(resolve, retryMs));
    }
  }
}

/** Undefined: another try may go better. */
function finalFailure(error: unknown, isLast: boolean): Error | undefined {
  if (error instanceof JetStreamStoreError) return error;
  const code = codeOf(error);
  if (code === codes.notEnabled || code === codes.notEnabledForAccount) return withoutJetStream(error);
  if (!isLast) return undefined;
  const reason = error instanceof Error ? error.message : String(error);
  const message = `--store: NATS could not make the relay's streams (${reason}). Are most servers of the cluster up?`;
  return new JetStreamStoreError('store-unreachable', message, { cause: error });
}

function withoutJetStream(cause?: unknown): JetStreamStoreError {
  const message = '--store: this NATS runs without JetStream. Start it with -js, or configure jetstream {}.';
  return new JetStreamStoreError('store-refused', message, { cause });
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
