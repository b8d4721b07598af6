/**
 * One file of the relay's log: a header, then records. Only the newest segment is written to; a whole segment is
 * removed when nothing in it is needed any more. What is behind `end` counts for nothing.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { LogFile, LogFiles } from './files.ts';
import { type LogRecord, readRecord, recordBytes, recordHeaderBytes, writeRecord } from './record.ts';

/** The version of what is in a segment, told by its header. Older ones are brought to it when the store is opened (migrations.ts). */
export const storeVersion = 2;
const magicPrefix = Buffer.from('mycelium mail ', 'latin1');
const versionAt = magicPrefix.length;
/**
 * Magic 16 (`mycelium mail `, version as a digit, 0), salt 4, CRC-32 of all else 4, time ms 8, number 8 and end 8 of the segment before; twice, because without
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
  readonly version: number;
}

const digitZero = 0x30;

function encodeHeader({ salt, version, beganMs, before }: SegmentHeader): Buffer {
  const copy = Buffer.alloc(headerCopyBytes);
  magicPrefix.copy(copy);
  copy[versionAt] = digitZero + version;
  copy.writeUInt32LE(salt, 16);
  copy.writeDoubleLE(beganMs, 24);
  copy.writeDoubleLE(before.number, 32);
  copy.writeDoubleLE(before.end, 40);
  copy.writeUInt32LE(crc32(copy), 20);
  return copy;
}

function decodeHeader(copy: Buffer): SegmentHeader | undefined {
  const before = { number: copy.readDoubleLE(32), end: copy.readDoubleLE(40) };
  const version = (copy[versionAt] ?? 0) - digitZero;
  const header = { salt: copy.readUInt32LE(16), version, beganMs: copy.readDoubleLE(24), before };
  const isKnown = version >= 1 && version <= storeVersion;
  return isKnown && encodeHeader(header).equals(copy) ? header : undefined;
}

/** What a newer version's header looks like is not known, but that it begins so. */
function newerVersion(copy: Buffer): number | undefined {
  const version = (copy[versionAt] ?? 0) - digitZero;
  const isOurs = copy.subarray(0, versionAt).equals(magicPrefix) && copy[versionAt + 1] === 0;
  return isOurs && version > storeVersion && version <= 9 ? version : undefined;
}

/** The store was written by a newer program. Nothing of it was touched. */
export class StoreVersionError extends Error {
  readonly code = 'store-version';
  readonly version: number;

  constructor(version: number) {
    super(
      `The relay's mail is in version ${version} of the store, and this program knows versions up to ${storeVersion}. Start a newer program, or give it another folder.`,
    );
    this.name = 'StoreVersionError';
    this.version = version;
  }
}

export class Segment {
  readonly number: number;
  readonly salt: number;
  readonly #files: LogFiles;
  /** Of its file. */
  readonly name: string;
  readonly #file: LogFile;
  /** Where the next record goes: everything before is on disk. Of a segment that was found, where its file ends. */
  end: number;
  /** Bytes of frames that some queue still holds. */
  liveBytes: number = 0;
  /** When the last of its frames expires. */
  expiresMs: number = 0;
  readonly version: number;
  /** When it was made; what it holds may be older. */
  readonly beganMs: number;
  readonly before: SegmentOrigin['before'];
  #reads = 0;
  #removed = false;

  private constructor(files: LogFiles, name: string, file: LogFile, header: SegmentHeader) {
    this.#files = files;
    this.name = name;
    this.#file = file;
    this.number = segmentNumber(name);
    this.salt = header.salt;
    this.version = header.version;
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
      const header = { salt, version: storeVersion, beganMs, before };
      const copy = encodeHeader(header);
      if (file.size > 0) await file.truncate(0);
      await file.write(Buffer.concat([copy, copy]), 0);
      await file.sync();
      await files.syncFolder(folder);
      const segment = new Segment(files, name, file, header);
      segment.end = headerBytes;
      return segment;
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Undefined when both headers are broken: nothing in it can be told from anything else.
   * @throws StoreVersionError when a newer program wrote it
   */
  static async open(files: LogFiles, name: string): Promise<Segment | undefined> {
    const file = await files.open(name);
    const copies = Buffer.alloc(headerBytes);
    await file.read(copies, 0);
    for (const at of [0, headerCopyBytes]) {
      const header = decodeHeader(copies.subarray(at, at + headerCopyBytes));
      if (header !== undefined) return new Segment(files, name, file, header);
    }
    await file.close();
    const newer = newerVersion(copies) ?? newerVersion(copies.subarray(headerCopyBytes));
    if (newer !== undefined) throw new StoreVersionError(newer);
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

  /** All of it in this version, each record converted. */
  async rewritten(convert: (record: LogRecord) => LogRecord): Promise<Buffer> {
    const { salt, beganMs, before } = this;
    const copy = encodeHeader({ salt, version: storeVersion, beganMs, before });
    const bytes = Buffer.alloc(this.end);
    copy.copy(bytes);
    copy.copy(bytes, headerCopyBytes);
    let at = headerBytes;
    await this.scan((record) => {
      at = writeRecord(bytes, at, convert(record), salt);
    });
    return bytes.subarray(0, at);
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
    const release = this.hold();
    try {
      return into.subarray(0, await this.#file.read(into, offset));
    } finally {
      await release();
    }
  }

  /** Keeps its bytes there to be read, also when it is removed meanwhile, until the answer is called. */
  hold(): () => Promise<void> {
    this.#reads += 1;
    return () => this.#released();
  }

  async #released(): Promise<void> {
    this.#reads -= 1;
    if (this.#removed && this.#reads === 0) await this.#file.close();
  }

  /** Reads that are under way may finish. */
  async remove(): Promise<void> {
    await this.#files.remove(this.name);
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
