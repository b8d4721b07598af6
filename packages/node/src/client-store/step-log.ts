/**
 * A step log: commits one after the other in a file, each sealed and fsynced before it counts. What is in it goes into
 * the database later, many commits at once; then the file goes.
 *
 * | at | size | |
 * |---|---|---|
 * | 0 | 8 | `MYCSTEP1` |
 * | 8 | 8 | number of the log, little-endian: logs are read in the order of their numbers |
 * | 16 | 32 | salt, random: the log's key is HKDF-SHA256(store key, salt, `mycelium step log 1`) |
 * | 48 | … | records: length of what is sealed u32 · count u64, both little-endian · ciphertext and tag (ChaCha20-Poly1305) |
 *
 * The number and the salt are the associated data; the nonce is the count, which grows with every record that was begun.
 * A log is written by the run of the program that made it, and by no other. A record is a list of writes: kind u8 (0 put, 1 delete) · length
 * of the table's name u8 · name · length of the key u16 · key, and for a put the length of the value u32 · value.
 *
 * A record that is not whole at the end of the file was never acknowledged. One that does not open and
 * has others behind it is damage.
 */
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { open, seal } from '../primitives/ciphers.ts';
import { hkdf } from '../primitives/hashes.ts';
import { systemRandomness } from '../randomness.ts';
import { DamagedLogError } from './damaged-log.ts';
import type { PlainWrite } from './memory-rows.ts';
import { decodeWrites, encodeWrites } from './step-record.ts';

const magic = Buffer.from('MYCSTEP1', 'latin1');
const [numberAt, saltAt, headerBytes] = [8, 16, 48];
const [prefixBytes, tagBytes, saltBytes] = [12, 16, 32];
const nonceBytes = 12;
const keyInfo = Buffer.from('mycelium step log 1', 'latin1');
const fdatasync = promisify(fs.fdatasync);
/** Above what one commit can need: a length beyond it is damage. */
const recordBytesMax = 2 ** 30;

export class StepLog {
  readonly number: number;
  readonly #file: string;
  readonly #descriptor: number;
  readonly #key: Uint8Array;
  readonly #associated: Uint8Array;
  /** Of the next record. */
  #count = 0;
  #broken = false;
  #end = headerBytes;

  private constructor(file: string, descriptor: number, header: Uint8Array, storeKey: Uint8Array) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.number = Number(Buffer.from(header).readBigUInt64LE(numberAt));
    this.#associated = header.slice(numberAt, headerBytes);
    this.#key = hkdf(storeKey, header.subarray(saltAt, headerBytes), keyInfo, 32);
  }

  static create(database: string, number: number, storeKey: Uint8Array): StepLog {
    const file = fileOf(database, number);
    const header = Buffer.alloc(headerBytes);
    magic.copy(header);
    header.writeBigUInt64LE(BigInt(number), numberAt);
    header.set(systemRandomness.bytes(saltBytes), saltAt);
    const descriptor = fs.openSync(file, 'wx+', 0o600);
    try {
      writeAll(descriptor, header, 0);
      syncFolderOf(file);
    } catch (error) {
      fs.closeSync(descriptor);
      fs.rmSync(file, { force: true });
      throw error;
    }
    return new StepLog(file, descriptor, header, storeKey);
  }

  /** Undefined: it was being made when the program was killed; nothing is in it, and it is removed. */
  static open(file: string, storeKey: Uint8Array): StepLog | undefined {
    const descriptor = fs.openSync(file, 'r+');
    const header = Buffer.alloc(headerBytes);
    const read = fs.readSync(descriptor, header, 0, headerBytes, 0);
    if (read === headerBytes && header.subarray(0, magic.length).equals(magic))
      return new StepLog(file, descriptor, header, storeKey);
    fs.closeSync(descriptor);
    fs.rmSync(file);
    return undefined;
  }

  get bytes(): number {
    return this.#end;
  }

  /**
   * The writes are views of memory that is theirs. On disk when this resolves; when it rejects, nothing was written. The
   * thread goes on while the disk syncs.
   */
  async append(writes: readonly PlainWrite[]): Promise<readonly PlainWrite[]> {
    if (this.#broken) throw new Error('an earlier record of the step log could not be taken back');
    const { bytes, writes: kept } = encodeWrites(writes);
    const record = Buffer.allocUnsafeSlow(prefixBytes + bytes.length + tagBytes);
    record.writeUInt32LE(bytes.length + tagBytes, 0);
    record.writeBigUInt64LE(BigInt(this.#count), 4);
    seal(record.subarray(prefixBytes), bytes, this.#associated, nonceOf(record), this.#key);
    // Whatever comes of it, this nonce has been used.
    this.#count += 1;
    try {
      writeAll(this.#descriptor, record, this.#end);
      await fdatasync(this.#descriptor);
    } catch (error) {
      this.#takeBackQuietly();
      throw error;
    }
    this.#end += record.length;
    return kept;
  }

  /** Every write in it, in order. Not to be appended to afterwards. */
  *read(): Generator<PlainWrite> {
    const { size } = fs.fstatSync(this.#descriptor);
    const prefix = Buffer.alloc(prefixBytes);
    while (this.#end + prefixBytes <= size) {
      fs.readSync(this.#descriptor, prefix, 0, prefixBytes, this.#end);
      const next = this.#end + prefixBytes + prefix.readUInt32LE(0);
      const bytes = next <= size ? this.#openRecord(prefix) : undefined;
      if (bytes === undefined && next < size)
        throw new DamagedLogError('a record of the step log does not open');
      if (bytes === undefined) return;
      yield* decodeWrites(bytes);
      this.#end = next;
    }
  }

  /** Its contents are elsewhere. The salt first: without it what the disk may keep has no key. */
  remove(): void {
    this.#key.fill(0);
    try {
      writeAll(this.#descriptor, new Uint8Array(saltBytes), saltAt);
      fs.rmSync(this.#file, { force: true });
    } finally {
      fs.closeSync(this.#descriptor);
    }
  }

  /** It stays as it is, for the next start. */
  close(): void {
    this.#key.fill(0);
    fs.closeSync(this.#descriptor);
  }

  /** What stands behind the last whole record was not acknowledged: nobody may read it. */
  #takeBack(): void {
    this.#broken = true;
    fs.ftruncateSync(this.#descriptor, this.#end);
    fs.fdatasyncSync(this.#descriptor);
    this.#broken = false;
  }

  /** The failure that led here is the one to be told. */
  #takeBackQuietly(): void {
    try {
      this.#takeBack();
    } catch {
      // `append` refuses from now on.
    }
  }

  #openRecord(prefix: Buffer): Uint8Array | undefined {
    const length = prefix.readUInt32LE(0);
    if (length < tagBytes || length > recordBytesMax) return undefined;
    const sealed = Buffer.allocUnsafeSlow(length);
    fs.readSync(this.#descriptor, sealed, 0, length, this.#end + prefixBytes);
    const bytes = new Uint8Array(new ArrayBuffer(length - tagBytes));
    return open(bytes, sealed, this.#associated, nonceOf(prefix), this.#key) ? bytes : undefined;
  }
}

/** Of a database, in the order of their numbers. */
export function stepLogFiles(database: string): readonly string[] {
  const prefix = `${path.basename(database)}-steps-`;
  return fs
    .readdirSync(path.dirname(database))
    .filter((name) => name.startsWith(prefix) && /^\d{16}$/.test(name.slice(prefix.length)))
    .toSorted()
    .map((name) => path.join(path.dirname(database), name));
}

function fileOf(database: string, number: number): string {
  return `${database}-steps-${String(number).padStart(16, '0')}`;
}

/** The count as it stands in the record, and zeros. */
function nonceOf(record: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(nonceBytes);
  nonce.set(record.subarray(4, prefixBytes));
  return nonce;
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;)
    at += fs.writeSync(descriptor, bytes, at, bytes.length - at, position + at);
}

/** The name of a new file is on disk, where the system knows how. */
function syncFolderOf(file: string): void {
  if (process.platform === 'win32') return;
  const folder = fs.openSync(path.dirname(file), 'r');
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}
