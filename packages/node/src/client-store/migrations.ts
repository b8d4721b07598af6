/**
 * The store's schema, as numbered steps: `user_version` counts the steps that a file has taken. A released step
 * never changes; a new one is appended, and a file of the version before it is committed beside its test.
 */
import type Database from 'better-sqlite3-multiple-ciphers';
import { clientStoreError } from './failures.ts';

export type Migration = (database: Database) => void;

export const migrations: readonly Migration[] = [
  // 1: ordered tables of bytes. WITHOUT ROWID: rows lie in the order of their keys, with no second tree.
  (database) => {
    database.exec(
      'CREATE TABLE records (tbl TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID, STRICT',
    );
  },
  // 2: the number of the newest step log that is in `records` (step-log.ts).
  (database) => {
    database.exec('CREATE TABLE applied (log INTEGER NOT NULL) STRICT');
    database.exec('INSERT INTO applied VALUES (0)');
  },
];

/** Takes the steps that the file lacks, all or none. */
export function migrate(database: Database, file: string, steps: readonly Migration[] = migrations): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > steps.length) throw clientStoreError('newer-version', file);
  database
    .transaction(() => {
      for (const step of steps.slice(version)) step(database);
      database.pragma(`user_version = ${steps.length}`);
    })
    .immediate();
}
