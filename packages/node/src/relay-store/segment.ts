/**
 * One file of the relay's log: a header, then records. Only the newest segment is written to; a whole segment is
 * removed when nothing in it is needed any more. What is behind `end` counts for nothing.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { LogFile, LogFiles } from './files.ts';
import { type LogRecord, readRecord, recordBytes, recordHeaderBytes } from './record.ts';

const magic = Buffer.from('mycelium mail 1\0', 'latin1');
/**
 * Magic 16, salt 4, CRC-32 of all else 4, time ms 8, number 8 and end 8 of the segment before; twice, because without
 * the salt all is lost. What is behind the end that its successor tells was never answered: a write that failed.
 */
const headerCopyBytes = 48;
const headerBytes = headerCopyBytes * 2;
const recordStep = 8;
const scanBytes = 1 << 20;
const longestRecord = recordHeaderBytes + 4096;

export interface SegmentOrigin {
  readonly beganMs: number;
  /** Zero and zero for the first. */
  readonly before: { readonly number: number; readonly end: number };
}

interface SegmentHeader extends SegmentOrigin {
  readonly salt: number;
}

function encodeHeader({ salt, beganMs, before }: SegmentHeader): Buffer {
  const copy = Buffer.alloc(headerCopyBytes);
  magic.copy(copy);
  copy.writeUInt32LE(salt, 16);
  copy.writeDoubleLE(beganMs, 24);
  copy.writeDoubleLE(before.number, 32);
  copy.writeDoubleLE(before.end, 40);
  copy.writeUInt32LE(crc32(copy), 20);
  return copy;
}

function decodeHeader(copy: Buffer): SegmentHeader | undefined {
  const before = { number: copy.readDoubleLE(32), end: copy.readDoubleLE(40) };
  const header = { salt: copy.readUInt32LE(16), beganMs: copy.readDoubleLE(24), before };
  return encodeHeader(header).equals(copy) ? header : undefined;
}

export class Segment {
  readonly number: number;
  readonly salt: number;
  readonly #files: LogFiles;
  readonly #name: string;
  readonly #file: LogFile;
  /** Where the next record goes: everything before is on disk. Of a segment that was found, where its file ends. */
  end: number;
  /** Bytes of frames that some queue still holds. */
  liveBytes: number = 0;
  /** Time of its newest record. */
  newestMs: number = 0;
  /** When it was made; what it holds may be older. */
  readonly beganMs: number;
  readonly before: SegmentOrigin['before'];
  #reads = 0;
  #removed = false;

  private constructor(files: LogFiles, name: string, file: LogFile, header: SegmentHeader) {
    this.#files = files;
    this.#name = name;
    this.#file = file;
    this.number = segmentNumber(name);
    this.salt = header.salt;
    this.beganMs = header.beganMs;
    this.before = header.before;
    this.end = file.size;
  }

  static async create(
    files: LogFiles,
    folder: string,
    origin: SegmentOrigin & { readonly number: number },
  ): Promise<Segment> {
    const { number, beganMs, before } = origin;
    const name = path.join(folder, `${String(number).padStart(10, '0')}.log`);
    const file = await files.open(name);
    try {
      const salt = randomBytes(4).readUInt32LE();
      const copy = encodeHeader({ salt, beganMs, before });
      if (file.size > 0) await file.truncate(0);
      await file.write(Buffer.concat([copy, copy]), 0);
      await file.sync();
      await files.syncFolder(folder);
      const segment = new Segment(files, name, file, { salt, beganMs, before });
      segment.end = headerBytes;
      return segment;
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }

  /** Undefined when both headers are broken: nothing in it can be told from anything else. */
  static async open(files: LogFiles, name: string): Promise<Segment | undefined> {
    const file = await files.open(name);
    const copies = Buffer.alloc(headerBytes);
    await file.read(copies, 0);
    for (const at of [0, headerCopyBytes]) {
      const header = decodeHeader(copies.subarray(at, at + headerCopyBytes));
      if (header !== undefined) return new Segment(files, name, file, header);
    }
    await file.close();
    return undefined;
  }

  /** Calls back for each whole record in order, and leaps over what is broken. */
  async scan(found: (record: LogRecord, offset: number) => void): Promise<void> {
    const size = this.end;
    let window = Buffer.alloc(0);
    let windowAt = headerBytes;
    for (let at = headerBytes; at < size;) {
      if (at + longestRecord > windowAt + window.length && windowAt + window.length < size) {
        window = Buffer.alloc(Math.min(scanBytes, size - at));
        windowAt = at;
        window = window.subarray(0, await this.#file.read(window, at));
        if (window.length === 0) break;
      }
      const record = readRecord(window, at - windowAt, this.salt);
      if (record === undefined) {
        at += recordStep;
        continue;
      }
      found(record, at);
      at += recordBytes(record);
    }
  }

  /** Writes and syncs; only then does `end` move. After a failure the file is cut back, or else cannot be used again. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, this.end);
    await this.#file.sync();
    this.end += bytes.length;
  }

  /** Cuts off what a failed write may have left. */
  async cutBack(): Promise<void> {
    await this.#file.truncate(this.end);
    await this.#file.sync();
  }

  get isEmpty(): boolean {
    return this.end === headerBytes;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const into = Buffer.allocUnsafe(length);
    this.#reads += 1;
    try {
      return into.subarray(0, await this.#file.read(into, offset));
    } finally {
      this.#reads -= 1;
      if (this.#removed && this.#reads === 0) await this.#file.close();
    }
  }

  /** Reads that are under way may finish. */
  async remove(): Promise<void> {
    await this.#files.remove(this.#name);
    this.#removed = true;
    if (this.#reads === 0) await this.#file.close();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

export function isSegmentName(name: string): boolean {
  return /^\d{10}\.log$/.test(name);
}

export function segmentNumber(name: string): number {
  return Number.parseInt(path.basename(name), 10);
}
