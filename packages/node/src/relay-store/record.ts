/**
 * Records of the relay's log (docs/decisions/0002-relay-store.md), all multiples of 8 bytes:
 *
 * | at | size | field |
 * |---|---|---|
 * | 0 | 4 | CRC-32 of everything after it, begun with the segment's salt |
 * | 4 | 1 | kind: 1 frame, 2 queue, 3 queue forgotten |
 * | 5 | 1 | queue: intake difficulty, 255 for none |
 * | 6 | 2 | payload length |
 * | 8 | 16 | route |
 * | 24 | 8 | frame: index; queue: first |
 * | 32 | 8 | frame: when it expires, ms (version 1: zero); queue: next |
 * | 40 | 8 | time, ms |
 * | 48 | n | frame: its bytes |
 *
 * The salt is random and never leaves the machine: who chooses what is in a frame cannot make it look like a record
 * to a scan that has lost its place.
 */
import { crc32 } from 'node:zlib';

export const recordHeaderBytes = 48;
const recordKinds = { frame: 1, queue: 2, forgotten: 3 } as const;
const noIntake = 255;
const payloadBytesMax = 4096;
const routeAt = 8;

export interface FrameRecord {
  readonly kind: 'frame';
  readonly route: Uint8Array;
  readonly index: number;
  readonly timeMs: number;
  /** Told with *stored*, so that no later setting takes it back. Zero: from version 1, which did not write it down. */
  readonly expiresMs: number;
  readonly frame: Uint8Array;
}

/** Where a queue stands: made, changed, or trimmed. */
export interface QueueRecord {
  readonly kind: 'queue';
  readonly route: Uint8Array;
  readonly first: number;
  readonly next: number;
  readonly intakeDifficulty: number | undefined;
  readonly timeMs: number;
}

export interface ForgottenRecord {
  readonly kind: 'forgotten';
  readonly route: Uint8Array;
  readonly timeMs: number;
}

export type LogRecord = FrameRecord | QueueRecord | ForgottenRecord;

export function recordBytes(record: LogRecord): number {
  return recordHeaderBytes + (record.kind === 'frame' ? record.frame.length : 0);
}

/** Writes at `at` and answers where the next record goes. `into` has room. */
export function writeRecord(into: Buffer, at: number, record: LogRecord, salt: number): number {
  const payload = record.kind === 'frame' ? record.frame : undefined;
  const end = at + recordBytes(record);
  into[at + 4] = recordKinds[record.kind];
  into[at + 5] = record.kind === 'queue' ? (record.intakeDifficulty ?? noIntake) : 0;
  into.writeUInt16LE(payload?.length ?? 0, at + 6);
  into.set(record.route, at + routeAt);
  writeCount(
    into,
    at + 24,
    record.kind === 'frame' ? record.index : record.kind === 'queue' ? record.first : 0,
  );
  writeCount(
    into,
    at + 32,
    record.kind === 'queue' ? record.next : record.kind === 'frame' ? record.expiresMs : 0,
  );
  writeCount(into, at + 40, record.timeMs);
  if (payload !== undefined) into.set(payload, at + recordHeaderBytes);
  into.writeUInt32LE(crc32(into.subarray(at + 4, end), salt), at);
  return end;
}

/** The whole record at `at`; undefined when there is none that is whole and unharmed. Views of `bytes`. */
export function readRecord(bytes: Buffer, at: number, salt: number): LogRecord | undefined {
  if (bytes.length - at < recordHeaderBytes) return undefined;
  const kind = bytes[at + 4] ?? 0;
  const length = bytes.readUInt16LE(at + 6);
  const end = at + recordHeaderBytes + length;
  if (
    kind < recordKinds.frame ||
    kind > recordKinds.forgotten ||
    length > payloadBytesMax ||
    end > bytes.length
  ) {
    return undefined;
  }
  if (bytes.readUInt32LE(at) !== crc32(bytes.subarray(at + 4, end), salt)) return undefined;
  const route = bytes.subarray(at + routeAt, at + routeAt + 16);
  const timeMs = readCount(bytes, at + 40);
  if (kind === recordKinds.frame) {
    const frame = bytes.subarray(at + recordHeaderBytes, end);
    const [index, expiresMs] = [readCount(bytes, at + 24), readCount(bytes, at + 32)];
    return { kind: 'frame', route, index, timeMs, expiresMs, frame };
  }
  if (kind === recordKinds.forgotten) return { kind: 'forgotten', route, timeMs };
  const difficulty = bytes[at + 5] ?? noIntake;
  return {
    kind: 'queue',
    route,
    first: readCount(bytes, at + 24),
    next: readCount(bytes, at + 32),
    intakeDifficulty: difficulty === noIntake ? undefined : difficulty,
    timeMs,
  };
}

const high = 0x1_0000_0000;

function writeCount(into: Buffer, at: number, value: number): void {
  into.writeUInt32LE(value % high, at);
  into.writeUInt32LE(Math.floor(value / high), at + 4);
}

function readCount(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * high;
}
