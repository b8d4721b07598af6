/**
 * The `QueueStore` of a relay that has outgrown one machine: queues in NATS JetStream, served by any number of front-ends
 * that keep nothing themselves (docs/decisions/0010-jetstream.md).
 */
import { randomBytes } from 'node:crypto';
import { bytesToHex } from '@mycelium/protocol';
import type {
  Append,
  AppendOutcome,
  Clock,
  QueueState,
  QueueStore,
  QueueStoreLimits,
  StoredFrame,
} from '@mycelium/runtime';
import { Connection, type NatsWish } from './connection.ts';
import { countFrames } from './count-frames.ts';
import { askServers, judgeServers } from './durability.ts';
import { JetStreamStoreError } from './error.ts';
import { Followed } from './followed.ts';
import { QueueLine } from './queue-line.ts';
import { findRecord, readFrames } from './read-frames.ts';
import { RecordLog } from './record-log.ts';
import { idDigits, Room } from './room.ts';
import { openStreams, type Streams } from './streams.ts';
import { Subjects } from './subjects.ts';
import { AppendTask, OpenTask, TrimTask } from './tasks.ts';
import { forgetExpired } from './upkeep.ts';

export interface JetStreamStoreWish extends NatsWish {
  /** Sets this relay's queues apart from others' on the same cluster. Letters, digits and hyphens. */
  readonly name: string;
  readonly limits: QueueStoreLimits;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** `replicated`: the operator takes a cluster that syncs later than it answers. */
  readonly durability: 'synced' | 'replicated';
  /** Port of the servers' monitoring. */
  readonly monitorPort: number;
  /** Something was not answered, and is tried again: for the log. */
  readonly onTrouble?: (error: unknown) => void;
  /** The connection was lost, or made again. */
  readonly onConnection?: (isUp: boolean) => void;
  /** A server does not sync any more before it answers: nothing is taken until it does. Looked at with the upkeep. */
  readonly onBrokenPromise?: (why: string) => void;
  /** For tests. */
  readonly askServers?: typeof askServers;
}

export interface JetStreamStore extends QueueStore {
  readonly durability: 'synced' | 'replicated';
  /** Copies of each queue. */
  readonly replicas: number;
  /** Names of the servers that hold them. */
  readonly servers: readonly string[];
}

/** @throws JetStreamStoreError */
export async function openJetStreamStore(wish: JetStreamStoreWish): Promise<JetStreamStore> {
  const connection = await Connection.open(wish);
  connection.onChange = (isUp) => wish.onConnection?.(isUp);
  try {
    const subjects = new Subjects(wish.name);
    const streams = await openStreams(connection, subjects);
    const durability = await findDurability(connection, streams, wish);
    return new Store(wish, { connection, subjects, streams, durability });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function findDurability(
  connection: Connection,
  streams: Streams,
  wish: JetStreamStoreWish,
): Promise<'synced' | 'replicated'> {
  const reports = await reportsOf(connection, wish);
  const verdict = judgeServers(streams.servers, reports);
  if (verdict.keepsPromise) return 'synced';
  if (wish.durability !== 'replicated') {
    const advice =
      'Run NATS 2.10 or later with jetstream { sync_interval: always } and http: 8222 on every server; or, to keep mail ' +
      'that is in the memory of most servers but not yet on their disks, say --store-durability replicated.';
    const message = `--store: this NATS cannot promise that stored mail is on disk: ${verdict.why}. ${advice}`;
    throw new JetStreamStoreError('store-durability', message);
  }
  if (streams.replicas > 1) return 'replicated';
  const message =
    '--store: one NATS server that does not sync before it answers keeps nothing through a power cut, and ' +
    'replicates nothing. Run three servers as a cluster, or keep mail in a folder.';
  throw new JetStreamStoreError('store-durability', message);
}

function reportsOf(connection: Connection, wish: JetStreamStoreWish): ReturnType<typeof askServers> {
  const told = connection.nats.connection.info?.connect_urls ?? [];
  const hosts = [...wish.servers, ...told].map((server) => withPort(server, wish.monitorPort));
  return (wish.askServers ?? askServers)(hosts);
}

function withPort(server: string, port: number): string {
  return `${server.replace(/:\d+$/, '')}:${port}`;
}

interface Parts {
  readonly connection: Connection;
  readonly subjects: Subjects;
  readonly streams: Streams;
  readonly durability: 'synced' | 'replicated';
}

type Usage = Awaited<ReturnType<QueueStore['usage']>>;

/** Lines of queues that nobody uses at the moment are forgotten above so many. */
const linesMax = 20_000;

class Store implements JetStreamStore {
  readonly durability: 'synced' | 'replicated';
  /** Each stream has a leader of its own, and may be without one. */
  readonly queuesApart = true;
  readonly replicas: number;
  readonly servers: readonly string[];
  readonly elsewhere: Followed;
  readonly #wish: JetStreamStoreWish;
  readonly #connection: Connection;
  readonly #subjects: Subjects;
  readonly #log: RecordLog;
  readonly #room: Room;
  readonly #lines = new Map<string, QueueLine>();
  readonly #frontEnd = newId();
  #brokenPromise = false;
  #usage: Usage | undefined;
  #asking: Promise<Usage> | undefined;

  constructor(wish: JetStreamStoreWish, { connection, subjects, streams, durability }: Parts) {
    const monotonicMs = (): number => wish.clock.monotonicMs();
    this.#wish = wish;
    this.#connection = connection;
    this.#subjects = subjects;
    this.#log = new RecordLog(connection);
    this.#room = new Room(connection, subjects, wish.limits, monotonicMs);
    this.durability = durability;
    this.replicas = streams.replicas;
    this.servers = [...streams.servers].toSorted();
    this.elsewhere = new Followed({
      connection,
      subjects,
      log: this.#log,
      frontEnd: this.#frontEnd,
      lineOf: (route) => this.#lineOf(route),
    });
  }

  #lineOf(route: Uint8Array): QueueLine {
    const key = bytesToHex(route);
    const line = this.#lines.get(key) ?? this.#newLine(route);
    this.#lines.delete(key); // to the end: those used least are forgotten first
    this.#lines.set(key, line);
    if (this.#lines.size > linesMax) this.#forgetLine();
    return line;
  }

  #newLine(route: Uint8Array): QueueLine {
    const { clock, limits } = this.#wish;
    return new QueueLine({
      log: this.#log,
      place: this.#subjects.place(route),
      around: () => ({ nowMs: clock.nowMs(), limits, room: this.#room }),
      newId,
      isFenced: this.replicas === 1,
      monotonicMs: () => clock.monotonicMs(),
      beforeRetry: (ms) => this.#beforeRetry(ms),
      lookAtRoom: async (task) => {
        if (task instanceof AppendTask) await this.#room.lookFor(task.bytes);
        else if (task instanceof OpenTask) await this.#room.lookFor(0);
      },
      trouble: (error) => this.#wish.onTrouble?.(error),
      wrote: (bytes, isNewQueue) => this.#room.wrote(bytes, isNewQueue),
    });
  }

  #forgetLine(): void {
    for (const [key, line] of this.#lines) {
      if (!line.isIdle || this.elsewhere.heeds(key)) continue;
      this.#lines.delete(key);
      return;
    }
  }

  async #beforeRetry(ms: number): Promise<void> {
    if (!this.#connection.isUp) return this.#connection.untilUp(ms);
    await new Promise((resolve) => void setTimeout(resolve, ms));
  }

  open(
    route: Uint8Array,
    base: number,
    intakeDifficulty: number | undefined,
  ): Promise<QueueState | 'store-full' | 'failed'> {
    return new Promise((resolve) => {
      const task = new OpenTask(this.#nowMs(), { base, intakeDifficulty }, resolve);
      this.#lineOf(route).submit(task);
      if (this.#connection.isUp) this.#log.tellOpened(this.#subjects.place(route), this.#frontEnd);
    });
  }

  #nowMs(): number {
    return this.#wish.clock.monotonicMs();
  }

  async state(route: Uint8Array): Promise<QueueState | undefined> {
    const tip = await this.#tipOf(route);
    if (tip === undefined) return undefined;
    const { first, next, intakeDifficulty } = tip.record;
    return { first, next, intakeDifficulty };
  }

  async #tipOf(route: Uint8Array): ReturnType<QueueLine['refresh']> {
    const line = this.#lineOf(route);
    if (this.#connection.isUp && this.elsewhere.heeds(bytesToHex(route)) && line.remembered !== undefined)
      return line.remembered;
    return line.refresh();
  }

  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    if (this.#brokenPromise)
      return Promise.resolve(appends.map(() => ({ kind: 'refused', reason: 'failed' })));
    const outcomes = appends.map(
      ({ route, frame, index }) =>
        new Promise<AppendOutcome>((settle) => this.#lineOf(route).append({ frame, index, settle })),
    );
    return Promise.all(outcomes);
  }

  async read(
    route: Uint8Array,
    from: number,
    framesMax: number,
    bytesMax: number,
  ): Promise<readonly StoredFrame[]> {
    const tip = await this.#tipOf(route);
    if (tip === undefined) return [];
    const { known } = this.#lineOf(route);
    const queue = { log: this.#log, place: this.#subjects.place(route), tip, known };
    return readFrames(queue, { from, framesMax, bytesMax });
  }

  async trim(route: Uint8Array, upTo: number): Promise<void> {
    const line = this.#lineOf(route);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    line.submit(new TrimTask(this.#nowMs(), upTo, resolve, reject));
    if (!(await promise)) return;
    // It is forgotten from here on. What could not be deleted is deleted with the next trim, or when it expires.
    await this.#purge(route, upTo).catch(() => undefined);
  }

  async #purge(route: Uint8Array, upTo: number): Promise<void> {
    const line = this.#lineOf(route);
    const tip = line.remembered ?? (await line.refresh());
    if (tip === undefined) return;
    const place = this.#subjects.place(route);
    const { known } = line;
    const queue = { log: this.#log, place, tip, known };
    const isAll = upTo >= tip.record.next;
    const kept = isAll ? tip.record.seq : await findRecord(queue, upTo);
    await this.#log.purge(place, Math.min(kept, tip.record.seq));
    known.forgetBelow(upTo);
  }

  async expire(): Promise<number> {
    await this.#judgeAgain();
    return forgetExpired({
      log: this.#log,
      subjects: this.#subjects,
      lineOf: (route) => this.#lineOf(route),
      trim: (route, upTo) => this.trim(route, upTo),
      nowMs: this.#wish.clock.nowMs(),
      retentionMs: this.#wish.limits.retentionMs,
    });
  }

  /** A server may have been started anew with other settings. One that says nothing now proves nothing. */
  async #judgeAgain(): Promise<void> {
    if (this.durability === 'replicated') return;
    const reports = await reportsOf(this.#connection, this.#wish);
    const heard = new Set(this.servers.filter((name) => reports.some((report) => report.name === name)));
    const verdict = judgeServers(heard, reports);
    this.#brokenPromise = heard.size > 0 && !verdict.keepsPromise;
    if (!verdict.keepsPromise && heard.size > 0) this.#wish.onBrokenPromise?.(verdict.why);
  }

  async usage(): Promise<Usage> {
    this.#asking ??= this.#askUsage().finally(() => (this.#asking = undefined));
    try {
      return (this.#usage = await this.#asking);
    } catch (error) {
      // Who asks how full it is had better hear how full it was.
      if (this.#usage === undefined) throw error;
      return this.#usage;
    }
  }

  async #askUsage(): Promise<Usage> {
    const taken = await this.#room.look();
    const { queues, bytes } = taken;
    const tipOf = (route: Uint8Array): ReturnType<QueueLine['refresh']> => this.#lineOf(route).refresh();
    const frames = await countFrames(this.#connection, this.#subjects, taken, tipOf);
    return { queues, frames, bytes };
  }

  async close(): Promise<void> {
    this.elsewhere.stop();
    await this.#connection.close();
  }
}

function newId(): string {
  return randomBytes(idDigits / 2).toString('hex');
}
