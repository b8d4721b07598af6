// A relay's mail as version 1 of the store wrote it, put together byte by byte: nothing of today's code is asked.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { frameOf, routeOf } from './frames.ts';

const salt = 0x5a17_0001;

function header(version: string, beganMs: number, before: { number: number; end: number }): Buffer {
  const copy = Buffer.alloc(48);
  copy.write(`mycelium mail ${version}\0`, 'latin1');
  copy.writeUInt32LE(salt, 16);
  copy.writeDoubleLE(beganMs, 24);
  copy.writeDoubleLE(before.number, 32);
  copy.writeDoubleLE(before.end, 40);
  copy.writeUInt32LE(crc32(copy), 20);
  return Buffer.concat([copy, copy]);
}

function record(fields: {
  readonly kind: 1 | 2;
  readonly queue: number;
  readonly at24: number;
  readonly at32: number;
  readonly timeMs: number;
  readonly difficulty?: number;
  readonly frame?: Uint8Array;
}): Buffer {
  const { kind, queue, at24, at32, timeMs, difficulty, frame = new Uint8Array(0) } = fields;
  const bytes = Buffer.alloc(48 + frame.length);
  bytes[4] = kind;
  bytes[5] = kind === 1 ? 0 : (difficulty ?? 255);
  bytes.writeUInt16LE(frame.length, 6);
  bytes.set(routeOf(queue), 8);
  bytes.writeBigUInt64LE(BigInt(at24), 24);
  bytes.writeBigUInt64LE(BigInt(at32), 32);
  bytes.writeBigUInt64LE(BigInt(timeMs), 40);
  bytes.set(frame, 48);
  bytes.writeUInt32LE(crc32(bytes.subarray(4), salt), 0);
  return bytes;
}

export interface OldStore {
  readonly folder: string;
  readonly timeMs: number;
  /** The digit in the headers. */
  readonly version?: string;
  /** Bytes of each segment that are harmed, from its start. */
  readonly harm?: (segment: Buffer) => void;
}

/**
 * Two segments: queue 1 with frames 0 to 4 and its first two trimmed, queue 2 for strangers with frame 0; then frames 5 to 9
 * of queue 1. Behind the end that the second tells of the first there is what was never answered.
 */
export function writeOldStore({ folder, timeMs, version = '1', harm = () => undefined }: OldStore): void {
  const frames = (queue: number, from: number, to: number): Buffer[] =>
    Array.from({ length: to - from }, (_, at) =>
      record({ kind: 1, queue, at24: from + at, at32: 0, timeMs, frame: frameOf(queue, from + at) }),
    );
  const first = Buffer.concat([
    header(version, timeMs, { number: 0, end: 0 }),
    record({ kind: 2, queue: 1, at24: 0, at32: 0, timeMs }),
    record({ kind: 2, queue: 2, at24: 0, at32: 0, timeMs, difficulty: 9 }),
    ...frames(1, 0, 5),
    ...frames(2, 0, 1),
    record({ kind: 2, queue: 1, at24: 2, at32: 5, timeMs }),
  ]);
  const second = Buffer.concat([
    header(version, timeMs, { number: 1, end: first.length }),
    ...frames(1, 5, 10),
  ]);
  const unanswered = Buffer.concat(frames(1, 5, 6).map((bytes) => bytes.fill(7, 60)));
  mkdirSync(folder, { recursive: true });
  for (const [at, segment] of [Buffer.concat([first, unanswered]), second].entries()) {
    harm(segment);
    writeFileSync(path.join(folder, `000000000${at + 1}.log`), segment);
  }
}
