/**
 * What all queues take, as the streams say and our own writes since: so that quotas cost no question for each frame. What
 * other front-ends write is seen with the next look; quotas are kept to within that.
 */
import type { QueueStoreLimits } from '@mycelium/runtime';
import type { Connection } from './connection.ts';
import { encodeRecord, expectedHeader, recordHeader, sequenceText } from './record.ts';
import { shards, type Subjects } from './subjects.ts';

interface Usage {
  readonly queues: number;
  /** All messages of the streams. */
  readonly records: number;
  readonly bytes: number;
}

const lookEveryMs = 2000;

export class Room {
  readonly #connection: Connection;
  readonly #subjects: Subjects;
  readonly #limits: QueueStoreLimits;
  readonly #monotonicMs: () => number;
  #usage: Usage | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<Usage> | undefined;

  constructor(
    connection: Connection,
    subjects: Subjects,
    limits: QueueStoreLimits,
    monotonicMs: () => number,
  ) {
    this.#connection = connection;
    this.#subjects = subjects;
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
  }

  takes(bytes: number): boolean {
    return (this.#usage?.bytes ?? 0) + bytes <= this.#limits.bytesMax;
  }

  takesQueue(): boolean {
    return (this.#usage?.queues ?? 0) < this.#limits.queuesMax;
  }

  wrote(bytes: number, isNewQueue: boolean): void {
    if (this.#usage === undefined) return;
    const { queues, records, bytes: before } = this.#usage;
    this.#usage = { queues: queues + (isNewQueue ? 1 : 0), records: records + 1, bytes: before + bytes };
  }

  /** Before something is refused for lack of room, the streams are asked how things really are. */
  async lookFor(bytes: number): Promise<void> {
    if (this.#usage === undefined || !this.takes(bytes) || !this.takesQueue()) await this.look();
    else if (this.#monotonicMs() - this.#lookedMs > lookEveryMs) void this.look().catch(() => undefined);
  }

  look(): Promise<Usage> {
    this.#looking ??= this.#ask().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #ask(): Promise<Usage> {
    const { manager } = this.#connection.nats;
    const numbers = Array.from({ length: shards }, (_, shard) => shard);
    this.#lookedMs = this.#monotonicMs();
    const infos = await this.#connection.ask(() =>
      Promise.all(numbers.map((shard) => manager.streams.info(this.#subjects.stream(shard)))),
    );
    const fixed = fixedBytes(this.#subjects);
    let queues = 0;
    let records = 0;
    let bytes = 0;
    for (const { state } of infos) {
      queues += state.num_subjects ?? 0;
      records += state.messages;
      bytes += Math.max(0, state.bytes - state.messages * fixed);
    }
    this.#usage = { queues, records, bytes };
    return this.#usage;
  }
}

/** What a message takes beside its frames: the server's own fields, subject and header, which are always as long. */
function fixedBytes(subjects: Subjects): number {
  const zero = { height: 0, first: 0, next: 0, heldFrom: 0, writtenMs: 0, usedMs: 0, count: 0 };
  const record = encodeRecord({ ...zero, intakeDifficulty: undefined, id: '0'.repeat(idDigits) });
  const header = `NATS/1.0\r\n${recordHeader}: ${record}\r\n${expectedHeader}: ${sequenceText(0)}\r\n\r\n`;
  return serverBytes + subjects.place(new Uint8Array(16)).subject.length + header.length;
}

/** Of a record's id. */
export const idDigits = 16;
/** Length, sequence, time, subject length, header length, checksum. */
const serverBytes = 22 + 4 + 8;
