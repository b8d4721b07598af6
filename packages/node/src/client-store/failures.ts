/**
 * What went wrong with the store, as a person is told it. Sentences name the file and what to do; never a key or
 * the contents of a row.
 */
import { ClientStoreError, type ClientStoreErrorCode } from '@mycelium/runtime';
import { DamagedLogError } from './damaged-log.ts';

type Step = 'open' | 'use';

const sentences: Record<ClientStoreErrorCode, (file: string) => string> = {
  full: (file) => `The disk is full: nothing was written to ${file}. Free some space and try again.`,
  failed: (file) => `The disk would not read or write ${file}. Check the disk and the folder's permissions.`,
  'in-use': (file) => `Another program is using ${file}. Stop it first.`,
  'wrong-key': (file) =>
    `${file} does not open with this key. Either the key is not the one that it was made with, or the file's first page is damaged.`,
  corrupt: (file) =>
    `${file} is damaged. Put back a copy of the whole data folder, or recover the account from its phrase.`,
  'newer-version': (file) => `${file} was written by a newer version of Mycelium. Update this one.`,
};

export function clientStoreError(
  code: ClientStoreErrorCode,
  file: string,
  cause?: unknown,
): ClientStoreError {
  return new ClientStoreError(code, sentences[code](file), cause === undefined ? {} : { cause });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** SQLite's extended result codes (sqlite.org/rescode.html) and Node's, put into the port's few. */
export function translateFailure(error: unknown, file: string, step: Step): ClientStoreError {
  if (error instanceof ClientStoreError) return error;
  if (error instanceof DamagedLogError) return clientStoreError('corrupt', file, error);
  const code = codeOf(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT')
    return clientStoreError('full', file, error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return clientStoreError('in-use', file, error);
  if (code === 'SQLITE_NOTADB')
    return clientStoreError(step === 'open' ? 'wrong-key' : 'corrupt', file, error);
  if (code.startsWith('SQLITE_CORRUPT')) return clientStoreError('corrupt', file, error);
  return clientStoreError('failed', file, error);
}
