/**
 * Single records in JetStream: written, read, purged, heard of. What they mean together is in `queue-log.ts`.
 *
 * Questions about the end of a log go to the stream's leader: a replica may not have its newest records yet. What a
 * replica has is in the log's order, so records up to one that it has shown may come from any.
 */
import type { MsgHdrs } from '@nats-io/transport-node';
import type { Connection } from './connection.ts';
import {
  decodeFrames,
  decodeRecord,
  encodeFrames,
  encodeRecord,
  expectedHeader,
  type LoggedRecord,
  type QueueRecord,
  recordHeader,
  sequenceText,
} from './record.ts';
import type { Place } from './subjects.ts';

/** `unknown`: no answer in time, or none that says which. It may be in the log, or still come. */
export type Written =
  | { readonly kind: 'stored'; readonly seq: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'full' }
  | { readonly kind: 'unknown' };

export interface FoundRecord {
  readonly record: LoggedRecord;
  readonly subject: string;
  readonly frames: readonly Uint8Array[];
}

/** A record that was stored, told by the server. `before`: the one before it on its subject; zero for none. */
export interface News {
  readonly record: LoggedRecord;
  readonly before: number;
}

const codes = { wrongLastSequence: 10_071, wrongLastSequenceUnknown: 10_164, noMessage: 10_037 };
/** No room: of the account, of the server, of the stream. */
const fullCodes: ReadonlySet<number> = new Set([10_002, 10_023, 10_028, 10_047, 10_077, 10_110, 10_122]);

export class RecordLog {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Refused as `conflict` when the subject's newest record is not `after`, as far as the server checks it. */
  async write(
    { subject }: Place,
    record: QueueRecord,
    frames: readonly Uint8Array[],
    after: number,
  ): Promise<Written> {
    const { client, newHeaders } = this.#connection.nats;
    const headers = newHeaders();
    headers.set(recordHeader, encodeRecord(record));
    headers.set(expectedHeader, sequenceText(after));
    const payload = encodeFrames(frames);
    try {
      const ack = await this.#connection.ask(() => client.publish(subject, payload, { headers }));
      return { kind: 'stored', seq: ack.seq };
    } catch (error) {
      const code = apiCode(error);
      if (code === codes.wrongLastSequence || code === codes.wrongLastSequenceUnknown)
        return { kind: 'conflict' };
      return { kind: code !== undefined && fullCodes.has(code) ? 'full' : 'unknown' };
    }
  }

  /** The newest record of the subject, from the stream's leader. */
  async newest({ stream, subject }: Place): Promise<FoundRecord | undefined> {
    const { manager } = this.#connection.nats;
    const message = await this.#connection.ask(() =>
      manager.streams.getMessage(stream, { last_by_subj: subject }),
    );
    return message === null ? undefined : found(message.subject, message.seq, message.header, message.data);
  }

  /** The first record of the subject at or above `from`. `subject` may be all of a stream's. */
  async firstFrom(stream: string, subject: string, from: number): Promise<FoundRecord | undefined> {
    const { manager } = this.#connection.nats;
    const query = { seq: Math.max(1, from), next_by_subj: subject };
    const near = await this.#connection.ask(() => manager.direct.getMessage(stream, query));
    // A replica that has none yet proves nothing.
    const message =
      near ?? (await this.#connection.ask(() => manager.streams.getMessage(stream, leaderQuery(query))));
    return message === null ? undefined : found(message.subject, message.seq, message.header, message.data);
  }

  /** Deletes the subject's records below `before`. */
  async purge({ stream, subject }: Place, before: number): Promise<void> {
    if (before <= 1) return; // to the server zero means all
    const { manager } = this.#connection.nats;
    await this.#connection.ask(() => manager.streams.purge(stream, { filter: subject, seq: before }));
  }

  /** Answers what ends it. `opened` hears that a front-end opened the queue for its owner. */
  hear({ news }: Place, hear: { stored(news: News): void; opened(by: string): void }): () => void {
    const subscription = this.#connection.nats.connection.subscribe(news, {
      callback: (error, message) => {
        const { headers } = message;
        if (error !== null || headers === undefined) return;
        const by = headers.get(openedHeader);
        if (by !== '') return hear.opened(by);
        const record = recordOf(headers, Number(headers.get('Nats-Sequence')));
        const before = Number(headers.get('Nats-Last-Sequence'));
        if (record !== undefined) hear.stored({ record, before });
      },
    });
    return () => subscription.unsubscribe();
  }

  tellOpened({ news }: Place, by: string): void {
    const headers = this.#connection.nats.newHeaders();
    headers.set(openedHeader, by);
    this.#connection.nats.connection.publish(news, undefined, { headers });
  }
}

const openedHeader = 'Mycelium-Opened';

function found(subject: string, seq: number, header: MsgHdrs, data: Uint8Array): FoundRecord {
  const record = recordOf(header, seq);
  const frames = record && decodeFrames(data, record.count);
  // Somebody else writes to our subjects: better no answer than a wrong one.
  if (record === undefined || frames === undefined)
    throw new Error(`the message ${seq} on a queue's subject is no record of a relay`);
  return { record, subject, frames };
}

function recordOf(header: MsgHdrs, seq: number): LoggedRecord | undefined {
  const record = decodeRecord(header.get(recordHeader));
  const after = Number(header.get(expectedHeader));
  return record === undefined || !Number.isSafeInteger(after) ? undefined : { ...record, seq, after };
}

/** The library's type does not know that the leader takes this question too; servers since 2.9 do. */
function leaderQuery(query: { readonly seq: number; readonly next_by_subj: string }): { seq: number } {
  return query;
}

function apiCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
