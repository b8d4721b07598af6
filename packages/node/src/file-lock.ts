/**
 * A lock on a file that the operating system lets go of when its process ends, however that happens: there are no
 * stale locks to be guessed about. It is SQLite's own lock (fcntl, LockFileEx), because Node has none.
 */
import Database from 'better-sqlite3-multiple-ciphers';

export interface FileLock {
  release(): void;
}

/** Undefined: another process, or another holder in this one, has it. */
export function lockFile(file: string): FileLock | undefined {
  const database = new Database(file, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = MEMORY'); // nothing is ever written
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}
