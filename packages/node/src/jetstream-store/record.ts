/**
 * One record of a queue's log in JetStream (docs/decisions/0010-jetstream.md): where the queue stands after it, and the
 * frames that it brought. A record is a message on the queue's subject; all that is known of a queue is in its newest one,
 * so that no second place can contradict it.
 *
 * The header has always the same length: what a stream takes less its messages' fixed part is the frames' bytes.
 */

export interface QueueRecord {
  /**
   * One more than that of the record it was written after. The first record of a height in the log is the one that
   * counts; a later one of the same height lost a race and is as if it were not there.
   */
  readonly height: number;
  /** Lowest index that may still be there, and the one that the next frame gets. */
  readonly first: number;
  readonly next: number;
  /** Stream sequence below which nothing of the queue is held. */
  readonly heldFrom: number;
  readonly intakeDifficulty: number | undefined;
  readonly writtenMs: number;
  /** When the queue was last opened or appended to, within a day. */
  readonly usedMs: number;
  /** Random: tells a writer its own record. */
  readonly id: string;
  /** How many frames it brought: those with the indices up to `next`. */
  readonly count: number;
}

export interface LoggedRecord extends QueueRecord {
  /** Stream sequence. */
  readonly seq: number;
  /** Sequence of the newest record on the subject that its writer had seen. */
  readonly after: number;
}

export const recordHeader = 'Mycelium-Queue';
export const expectedHeader = 'Nats-Expected-Last-Subject-Sequence';

const numberDigits = 11; // of 36: 2^53 and more
const fieldsWanted = 10;
const version = '1';
const noDifficulty = '--';

const numberText = (value: number): string => value.toString(36).padStart(numberDigits, '0');

export function encodeRecord(record: QueueRecord): string {
  const { intakeDifficulty } = record;
  return [
    version,
    numberText(record.height),
    numberText(record.first),
    numberText(record.next),
    numberText(record.heldFrom),
    numberText(record.writtenMs),
    numberText(record.usedMs),
    intakeDifficulty === undefined ? noDifficulty : String(intakeDifficulty).padStart(2, '0'),
    String(record.count).padStart(4, '0'),
    record.id,
  ].join(' ');
}

export const sequenceText = (sequence: number): string => String(sequence).padStart(16, '0');

/** Undefined for what no front-end of ours wrote. */
export function decodeRecord(text: string): QueueRecord | undefined {
  const fields = text.split(' ');
  const [read, height, first, next, heldFrom, writtenMs, usedMs, difficulty, count, id] = fields;
  if (read !== version || fields.length !== fieldsWanted || id === undefined) return undefined;
  const record = {
    height: Number.parseInt(height ?? '', 36),
    first: Number.parseInt(first ?? '', 36),
    next: Number.parseInt(next ?? '', 36),
    heldFrom: Number.parseInt(heldFrom ?? '', 36),
    writtenMs: Number.parseInt(writtenMs ?? '', 36),
    usedMs: Number.parseInt(usedMs ?? '', 36),
    intakeDifficulty: difficulty === noDifficulty ? undefined : Number(difficulty),
    count: Number(count),
    id,
  };
  const { intakeDifficulty, id: _, ...numbers } = record;
  const all = [...Object.values(numbers), intakeDifficulty ?? 0];
  const holds = all.every(Number.isSafeInteger) && record.first <= record.next && record.count <= record.next;
  return holds ? record : undefined;
}

const sizeBytes = 2;

/** Sizes first, then the frames one after the other. */
export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = frames.reduce((sum, frame) => sum + sizeBytes + frame.length, 0);
  const payload = new Uint8Array(bytes);
  const view = new DataView(payload.buffer);
  let at = frames.length * sizeBytes;
  for (const [index, frame] of frames.entries()) {
    view.setUint16(index * sizeBytes, frame.length);
    payload.set(frame, at);
    at += frame.length;
  }
  return payload;
}

/** Undefined when the payload is not what the record says. The frames are views. */
export function decodeFrames(payload: Uint8Array, count: number): readonly Uint8Array[] | undefined {
  if (payload.length < count * sizeBytes) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const frames: Uint8Array[] = [];
  let at = count * sizeBytes;
  for (let index = 0; index < count; index += 1) {
    const end = at + view.getUint16(index * sizeBytes);
    frames.push(payload.subarray(at, end));
    at = end;
  }
  return at === payload.length ? frames : undefined;
}
