/**
 * The database of a client store: one SQLite table of bytes with encrypted pages, ChaCha20-Poly1305, a key and tag for
 * every page (better-sqlite3-multiple-ciphers). Rows come into it from step logs, many commits in one transaction, in
 * the order of their keys; which logs are in it stands in it.
 */
import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3-multiple-ciphers';
import type { Row, ScanRange } from '@mycelium/runtime';
import type { PlainWrite } from './memory-rows.ts';
import { migrate } from './migrations.ts';

const inOrder = 'SELECT key, value FROM records WHERE tbl = ? AND key >= ?';

export class Records {
  readonly #database: Database;
  readonly #put: (writes: readonly PlainWrite[]) => void;
  readonly #get: Database.Statement<[string, Uint8Array], Uint8Array>;
  readonly #scans: Record<'up' | 'down' | 'upTo' | 'downTo', Database.Statement<readonly unknown[], Row>>;

  constructor(database: Database) {
    this.#database = database;
    const put = database.prepare(
      'INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    const remove = database.prepare('DELETE FROM records WHERE tbl = ? AND key = ?');
    const perform = ({ table, key, value }: PlainWrite): void => {
      if (value === undefined) remove.run(table, key);
      else put.run(table, key, value);
    };
    this.#put = database.transaction((writes: readonly PlainWrite[]) => writes.forEach(perform)).immediate;
    this.#get = database
      .prepare<[string, Uint8Array], Uint8Array>('SELECT value FROM records WHERE tbl = ? AND key = ?')
      .pluck();
    const scan = (sql: string): Database.Statement<readonly unknown[], Row> =>
      database.prepare<readonly unknown[], Row>(sql);
    this.#scans = {
      up: scan(`${inOrder} ORDER BY key LIMIT ?`),
      down: scan(`${inOrder} ORDER BY key DESC LIMIT ?`),
      upTo: scan(`${inOrder} AND key < ? ORDER BY key LIMIT ?`),
      downTo: scan(`${inOrder} AND key < ? ORDER BY key DESC LIMIT ?`),
    };
  }

  static open(file: string, key: Uint8Array): Records {
    const database = new Database(file, { timeout: 250 });
    try {
      configure(database, key);
      if (process.platform !== 'win32') chmodSync(file, 0o600);
      migrate(database, file);
      return new Records(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#database.open;
  }

  /** Number of the newest log whose writes are all in here. */
  get applied(): number {
    return Number(this.#database.prepare<[], number>('SELECT log FROM applied').pluck().get() ?? 0);
  }

  /** All or none; on disk when `finish` has returned, and until then again from the log. */
  apply(writes: readonly PlainWrite[]): void {
    this.#put(writes);
  }

  /** Everything of this log is here, and on disk. */
  finish(log: number): void {
    // With NORMAL a commit waits for no disk; this one takes all before it along.
    this.#database.pragma('synchronous = FULL');
    this.#database.prepare('UPDATE applied SET log = ?').run(log);
    this.#database.pragma('synchronous = NORMAL');
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const value = this.#get.get(table, key);
    return value && plain(value);
  }

  scan(table: string, range: ScanRange): readonly Row[] {
    const { from = new Uint8Array(0), to, reverse = false, limit = -1 } = range;
    const rows =
      to === undefined
        ? this.#scans[reverse ? 'down' : 'up'].all(table, from, limit)
        : this.#scans[reverse ? 'downTo' : 'upTo'].all(table, from, to, limit);
    return rows.map((row) => ({ key: plain(row.key), value: plain(row.value) }));
  }

  /** Pages that were replaced are nowhere any more. */
  emptyLog(): void {
    this.#database.pragma('wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#database.close();
  }
}

function configure(database: Database, key: Uint8Array): void {
  database.pragma("cipher = 'chacha20'");
  // `raw:`: the key is used as it is, without a derivation from a passphrase. Not through SQL text, which is kept in traces.
  const keyText = Buffer.from(`raw:${Buffer.from(key).toString('hex')}`);
  database.key(keyText);
  keyText.fill(0);
  database.pragma('locking_mode = EXCLUSIVE'); // before WAL: then there is no shared-memory file
  database.pragma('journal_mode = WAL'); // reads the first page: a wrong key or a second process fails here
  database.pragma('synchronous = NORMAL'); // what is not on disk yet is in a step log, which is
  database.pragma('fullfsync = ON'); // macOS: through the disk's own cache
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma('secure_delete = ON');
  database.pragma('temp_store = MEMORY');
  database.pragma('trusted_schema = OFF');
}

/** Node's Buffer says less than it is: callers get bytes and nothing more. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
