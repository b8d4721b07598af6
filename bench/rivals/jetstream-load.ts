/**
 * A client of NATS JetStream: publishes with many acks under way, by the client's own call or the fastest way there is
 * (bare publishing with a reply subject, no promise for each message), or is pushed what a stream gets.
 */
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { answerQuestions } from '../processes/child.ts';
import { startNatsServer } from './nats-server.ts';

export interface JetStreamQuestions {
  /** Starts a server, which ends with this process, and answers its URL. */
  readonly serve: { readonly asked: null; readonly answered: string };
  readonly connect: { readonly asked: string; readonly answered: null };
  /** Makes a stream on disk that takes all subjects. */
  readonly stream: { readonly asked: null; readonly answered: null };
  /** From now on the stream is pushed to us. */
  readonly follow: { readonly asked: null; readonly answered: null };
  /** Answered when the next messages, so many, have all been acked. */
  readonly publish: { readonly asked: Publishing; readonly answered: null };
  /** Answered when we have been pushed so many more. */
  readonly heard: { readonly asked: number; readonly answered: null };
}

export interface Publishing {
  readonly messages: number;
  readonly subjects: number;
  readonly bytes: number;
  /** Acks under way at once. */
  readonly window: number;
  /** By `js.publish`, with a promise for each message. */
  readonly promises: boolean;
}

const stream = 'frames';
let nats: NatsConnection | undefined;
let acked = 0;
let onAcked: () => void = () => undefined;
let pushed = 0;
let onPushed: () => void = () => undefined;
const inbox = `acks.${process.pid}`;

function connection(): NatsConnection {
  if (nats === undefined) throw new Error('it is connected first');
  return nats;
}

async function publishByCall({ messages, subjects, bytes, window }: Publishing): Promise<null> {
  const client = jetstream(connection());
  const payload = new Uint8Array(bytes).fill(7);
  let sent = 0;
  const lane = async (): Promise<void> => {
    for (let at = sent++; at < messages; at = sent++) await client.publish(`queue.${at % subjects}`, payload);
  };
  await Promise.all(Array.from({ length: window }, lane));
  return null;
}

function publishBare({ messages, subjects, bytes, window }: Publishing): Promise<null> {
  const payload = new Uint8Array(bytes).fill(7);
  const names = Array.from({ length: subjects }, (_, at) => `queue.${at}`);
  const end = acked + messages;
  let sent = acked;
  return new Promise((resolve) => {
    const pump = (): void => {
      for (; sent < end && sent - acked < window; sent += 1)
        connection().publish(names[sent % subjects] ?? '', payload, { reply: inbox });
      if (acked >= end) resolve(null);
    };
    onAcked = pump;
    pump();
  });
}

answerQuestions<JetStreamQuestions>({
  serve: () => startNatsServer(),
  connect: async (url) => {
    nats = await connect({ servers: url });
    nats.subscribe(inbox, {
      callback: (_error, message) => {
        // {"stream":"frames", "seq":1} or {"error":…
        if (message.data[2] !== 0x73) throw new Error(`JetStream refused: ${message.string()}`);
        acked += 1;
        onAcked();
      },
    });
    return null;
  },
  stream: async () => {
    const manager = await jetstreamManager(connection());
    await manager.streams.add({ name: stream, subjects: ['queue.*'], storage: 'file' });
    return null;
  },
  follow: async () => {
    const deliver = `deliver.${process.pid}`;
    connection().subscribe(deliver, {
      callback: () => {
        pushed += 1;
        onPushed();
      },
    });
    await connection().flush();
    const manager = await jetstreamManager(connection());
    const wish = { deliver_subject: deliver, ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.All };
    await manager.consumers.add(stream, wish);
    return null;
  },
  publish: (asked) => (asked.promises ? publishByCall(asked) : publishBare(asked)),
  heard: (messages) => {
    const end = pushed + messages;
    return new Promise((resolve) => {
      onPushed = (): void => {
        if (pushed >= end) resolve(null);
      };
      onPushed();
    });
  },
});
