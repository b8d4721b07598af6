/**
 * `ClientStore` on SQLite with encrypted pages: ChaCha20-Poly1305, a key and tag for every page
 * (better-sqlite3-multiple-ciphers). One process at a time: the file stays locked while it is open.
 *
 * Durable: WAL with `synchronous = FULL`, so a commit is fsynced before it returns. Deleted means gone: pages are
 * overwritten (`secure_delete`) and the log, which has old pages, is emptied at most `logKeptMs` after a commit,
 * and on `close`. Nothing is promised about what a flash disk keeps underneath.
 */
import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3-multiple-ciphers';
import type { ClientStore, Row, ScanRange, Write } from '@mycelium/runtime';
import { clientStoreError, translateFailure } from './failures.ts';
import { migrate } from './migrations.ts';

export interface ClientStoreWish {
  readonly file: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const keyBytes = 32;
const oldestNode = 24;
/** How long the log may keep what has been deleted or replaced. */
export const logKeptMs = 60_000;

/** @throws ClientStoreError `in-use`, `wrong-key`, `corrupt`, `newer-version`, `full`, `failed` */
export function openClientStore(wish: ClientStoreWish): ClientStore {
  if (wish.key.length !== keyBytes) throw new RangeError(`client store key: ${keyBytes} bytes are needed`);
  assertNode();
  let database: Database | undefined;
  try {
    database = new Database(wish.file, { timeout: 250 });
    configure(database, wish.key);
    if (process.platform !== 'win32') chmodSync(wish.file, 0o600);
    migrate(database, wish.file);
    return new SqliteClientStore(database, wish.file);
  } catch (error) {
    database?.close();
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

function configure(database: Database, key: Uint8Array): void {
  database.pragma("cipher = 'chacha20'");
  // `raw:`: the key is used as it is, without a derivation from a passphrase. Not through SQL text, which is kept in traces.
  const keyText = Buffer.from(`raw:${Buffer.from(key).toString('hex')}`);
  database.key(keyText);
  keyText.fill(0);
  database.pragma('locking_mode = EXCLUSIVE'); // before WAL: then there is no shared-memory file
  database.pragma('journal_mode = WAL'); // reads the first page: a wrong key or a second process fails here
  database.pragma('synchronous = FULL');
  database.pragma('fullfsync = ON'); // macOS: through the disk's own cache
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma('secure_delete = ON');
  database.pragma('temp_store = MEMORY');
  database.pragma('trusted_schema = OFF');
}

const inOrder = 'SELECT key, value FROM records WHERE tbl = ? AND key >= ?';

class SqliteClientStore implements ClientStore {
  readonly #database: Database;
  readonly #file: string;
  readonly #run: (writes: readonly Write[]) => void;
  readonly #get: Database.Statement<[string, Uint8Array], Uint8Array>;
  readonly #scans: Record<'up' | 'down' | 'upTo' | 'downTo', Database.Statement<readonly unknown[], Row>>;
  #emptyLog: NodeJS.Timeout | undefined;

  constructor(database: Database, file: string) {
    this.#database = database;
    this.#file = file;
    const put = database.prepare(
      'INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    const remove = database.prepare('DELETE FROM records WHERE tbl = ? AND key = ?');
    const removeRange = database.prepare('DELETE FROM records WHERE tbl = ? AND key >= ? AND key < ?');
    const perform = (write: Write): void => {
      if (write.kind === 'put') put.run(write.table, write.key, write.value);
      else if (write.kind === 'delete') remove.run(write.table, write.key);
      else removeRange.run(write.table, write.from, write.to);
    };
    this.#run = database.transaction((writes: readonly Write[]) => writes.forEach(perform)).immediate;
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

  commit(writes: readonly Write[]): void {
    if (writes.length === 0) return;
    this.#guarded(() => this.#run(writes));
    this.#emptyLog ??= setTimeout(() => this.#truncateLog(), logKeptMs).unref();
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const value = this.#guarded(() => this.#get.get(table, key));
    return value && plain(value);
  }

  scan(table: string, range: ScanRange = {}): readonly Row[] {
    const { from = new Uint8Array(0), to, reverse = false, limit = -1 } = range;
    const rows = this.#guarded(() =>
      to === undefined
        ? this.#scans[reverse ? 'down' : 'up'].all(table, from, limit)
        : this.#scans[reverse ? 'downTo' : 'upTo'].all(table, from, to, limit),
    );
    return rows.map((row) => ({ key: plain(row.key), value: plain(row.value) }));
  }

  close(): void {
    clearTimeout(this.#emptyLog);
    if (!this.#database.open) return;
    this.#truncateLog();
    this.#database.close();
  }

  #truncateLog(): void {
    this.#emptyLog = undefined;
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // A full disk, say. Nothing is lost: the log is still read, and the next commit asks again.
    }
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translateFailure(error, this.#file, 'use');
    }
  }
}

/** Node's Buffer says less than it is: callers get bytes and nothing more. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
