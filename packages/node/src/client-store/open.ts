/**
 * `ClientStore` on a database with encrypted pages and, before it, a step log: a commit is one sealed record at the end
 * of a file and one fsync (step-log.ts), its rows stay in memory, and go into the database with those of many other
 * commits (records.ts). Rows that live for a moment only never get there. One process at a time: the database stays
 * locked while it is open.
 *
 * Durable: a commit is fsynced before it resolves, off this thread. A start reads the logs that a killed process left. Deleted means
 * gone: pages are overwritten (`secure_delete`), and both logs, which have what was replaced, are emptied at most
 * `logKeptMs` after a commit, and on `close`. Nothing is promised about what a flash disk keeps underneath.
 */
import { assert, compareBytes } from '@mycelium/protocol';
import type { ClientStore, Row, ScanRange, Write } from '@mycelium/runtime';
import { clientStoreError, translateFailure } from './failures.ts';
import { MemoryRows, type PlainWrite } from './memory-rows.ts';
import { mergeRows, rowsOf } from './merge.ts';
import { Records } from './records.ts';
import { StepLog, stepLogFiles } from './step-log.ts';
import { assertFits } from './step-record.ts';

export interface ClientStoreWish {
  readonly file: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const keyBytes = 32;
const oldestNode = 24;
/** How long the logs may keep what has been deleted or replaced. */
export const logKeptMs = 60_000;
/** Of one log, and so of what is in memory of it; there are two at most, one growing, one on its way into the database. */
const logBytesMax = 8 * 1024 * 1024;
/** Written in one turn: some milliseconds. */
const rowsAtOnce = 512;

/** @throws ClientStoreError `in-use`, `wrong-key`, `corrupt`, `newer-version`, `full`, `failed` */
export function openClientStore(wish: ClientStoreWish): ClientStore {
  if (wish.key.length !== keyBytes) throw new RangeError(`client store key: ${keyBytes} bytes are needed`);
  assertNode();
  let records: Records | undefined;
  try {
    records = Records.open(wish.file, wish.key);
    return new LoggedStore(records, wish.file, wish.key.slice());
  } catch (error) {
    records?.close();
    throw translateFailure(error, wish.file, 'open');
  }
}

/** The native module takes the whole process down on an old Node, so it is not loaded there. */
function assertNode(): void {
  const version = process.versions.node;
  if (Number(version.split('.')[0]) >= oldestNode) return;
  throw clientStoreError(
    'failed',
    'the store',
    new Error(`Node ${oldestNode} or newer is needed, this is ${version}`),
  );
}

/** Full logs on their way into the database. */
interface Leaving {
  readonly logs: readonly StepLog[];
  readonly rows: MemoryRows;
  readonly writes: Iterator<PlainWrite, void>;
  /** Taken from `writes` and not in the database: its transaction failed. */
  slice: readonly PlainWrite[];
}

class LoggedStore implements ClientStore {
  readonly #records: Records;
  readonly #file: string;
  readonly #key: Uint8Array;
  #log: StepLog | undefined;
  #lastNumber: number;
  #rows = new MemoryRows();
  #leaving: Leaving | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #emptyLogs: NodeJS.Timeout | undefined;
  /** The log that grows is being synced: it stays where it is. */
  #committing = false;
  #emptiesAfterCommit = false;

  constructor(records: Records, file: string, key: Uint8Array) {
    this.#records = records;
    this.#file = file;
    this.#key = key;
    this.#lastNumber = records.applied;
    this.#leaving = this.#leftBehind();
    if (this.#leaving !== undefined) this.#emptySoon();
  }

  async commit(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return;
    assert(!this.#committing, 'one commit at a time');
    this.#committing = true;
    try {
      const single = this.#withoutRanges(writes);
      if ((this.#log?.bytes ?? 0) >= logBytesMax) this.#leave();
      this.#log ??= StepLog.create(this.#file, this.#lastNumber + 1, this.#key);
      this.#lastNumber = this.#log.number;
      for (const write of await this.#log.append(single)) this.#rows.set(write);
    } catch (error) {
      throw translateFailure(error, this.#file, 'use');
    } finally {
      this.#committing = false;
      if (this.#emptiesAfterCommit) this.#emptyNow();
      else this.#emptySoon();
    }
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const row = this.#rows.get(table, key) ?? this.#leaving?.rows.get(table, key);
    if (row !== undefined) return row.value?.slice();
    return this.#guarded(() => this.#records.get(table, key));
  }

  scan(table: string, range: ScanRange = {}): readonly Row[] {
    const above = [this.#rows.scan(table, range)];
    if (this.#leaving !== undefined) above.push(this.#leaving.rows.scan(table, range));
    return this.#guarded(() => mergeRows([...above, rowsOf(this.#records, table, range)], range));
  }

  close(): void {
    if (!this.#records.isOpen) return;
    assert(!this.#committing, 'a store is closed when its last commit has ended');
    clearTimeout(this.#emptyLogs);
    clearImmediate(this.#scheduled);
    try {
      this.#emptyAll();
    } catch {
      // A full disk, say. Nothing is lost: the next start reads the logs.
      for (const log of this.#leaving?.logs ?? []) log.close();
      this.#log?.close();
    }
    this.#key.fill(0);
    this.#records.close();
  }

  /** What a killed process left, from its oldest log to its newest. */
  #leftBehind(): Leaving | undefined {
    const logs: StepLog[] = [];
    const rows = new MemoryRows();
    for (const file of stepLogFiles(this.#file)) {
      const log = StepLog.open(file, this.#key);
      if (log === undefined) continue;
      logs.push(log);
      // In the database already: it was not removed any more.
      if (log.number > this.#records.applied) for (const write of log.read()) rows.set(write);
      this.#lastNumber = Math.max(this.#lastNumber, log.number);
    }
    return logs.length === 0 ? undefined : { logs, rows, writes: rows.writes(), slice: [] };
  }

  /** Each write for one key: ranges as the rows in them, in the order of the writes. */
  #withoutRanges(writes: readonly Write[]): readonly PlainWrite[] {
    const single: PlainWrite[] = [];
    if (writes.every(isSingle)) return writes;
    for (const write of writes) {
      if (write.kind === 'delete-range') {
        const { table, from, to } = write;
        const isWithin = (row: PlainWrite): boolean =>
          row.table === table && compareBytes(row.key, from) >= 0 && compareBytes(row.key, to) < 0;
        const here = single.filter(isWithin);
        const gone = [...this.scan(table, { from, to }), ...here];
        single.push(...gone.map(({ key }) => ({ table, key, value: undefined })));
        continue;
      }
      assertFits(write.table, write.key);
      const value = write.kind === 'put' ? write.value : undefined;
      single.push({ table: write.table, key: write.key, value });
    }
    return single;
  }

  /** The log that grew goes; the one before it has to be through. */
  #leave(): void {
    this.#leaveWholly();
    if (this.#log === undefined) return;
    const rows = this.#rows;
    this.#leaving = { logs: [this.#log], rows, writes: rows.writes(), slice: [] };
    this.#log = undefined;
    this.#rows = new MemoryRows();
    this.#leaveLater();
  }

  #leaveLater(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      try {
        if (this.#leaveSlice()) this.#leaveLater();
      } catch {
        // A full disk, say: it is tried again when the next log is full, and by the timer.
        this.#emptySoon();
      }
    });
  }

  #leaveWholly(): void {
    while (this.#leaveSlice());
  }

  /** False: nothing is on its way any more. */
  #leaveSlice(): boolean {
    const leaving = this.#leaving;
    if (leaving === undefined) return false;
    if (leaving.slice.length === 0) leaving.slice = takeSome(leaving.writes);
    this.#records.apply(leaving.slice);
    const isLast = leaving.slice.length < rowsAtOnce;
    leaving.slice = [];
    if (!isLast) return true;
    this.#records.finish(leaving.logs.at(-1)?.number ?? this.#records.applied);
    this.#leaving = undefined;
    for (const log of leaving.logs) log.remove();
    return false;
  }

  #emptySoon(): void {
    this.#emptyLogs ??= setTimeout(() => {
      this.#emptyLogs = undefined;
      if (this.#committing) this.#emptiesAfterCommit = true;
      else this.#emptyNow();
    }, logKeptMs).unref();
  }

  #emptyNow(): void {
    this.#emptiesAfterCommit = false;
    try {
      this.#emptyAll();
    } catch {
      this.#emptySoon();
    }
  }

  #emptyAll(): void {
    this.#leave();
    this.#leaveWholly();
    this.#records.emptyLog();
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translateFailure(error, this.#file, 'use');
    }
  }
}

/** A put, or a delete of one key: what it has is what a plain write has. */
function isSingle(write: Write): write is Write & PlainWrite {
  if (write.kind === 'delete-range') return false;
  assertFits(write.table, write.key);
  return true;
}

function takeSome(writes: Iterator<PlainWrite, void>): readonly PlainWrite[] {
  const some: PlainWrite[] = [];
  while (some.length < rowsAtOnce) {
    const { done, value } = writes.next();
    if (done === true) break;
    some.push(value);
  }
  return some;
}
