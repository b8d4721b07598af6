/** Files that are their owner's alone, written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FailedError } from '../failures.ts';

export function writePrivate(file: string, text: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    rmSync(draft, { force: true });
    throw fileFailure(error, file);
  }
}

/** Undefined: there is none. */
export function readPrivate(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fileFailure(error, file);
  }
}

/** So that the new name of a file survives a power cut. Windows has no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const sentences: Readonly<Record<string, (file: string) => string>> = {
  ENOSPC: (file) => `The disk is full: ${file} could not be written. Free some space and try again.`,
  EDQUOT: (file) => `Your share of the disk is used up: ${file} could not be written.`,
  EACCES: (file) => `You may not read or write ${file}. Check its owner and permissions.`,
  EPERM: (file) => `You may not change ${file}. Check its owner and permissions.`,
  EROFS: (file) => `${file} is on a disk that cannot be written to.`,
  ENOENT: (file) => `${file} could not be made there. Choose another data folder with --data.`,
  ENOTDIR: (file) => `${file} is not in a folder. Choose another data folder with --data.`,
  EEXIST: (file) => `${file} is in the way: a folder is needed there.`,
};

export function fileFailure(error: unknown, file: string): FailedError {
  if (error instanceof FailedError) return error;
  const code = codeOf(error) ?? 'unknown reason';
  const sentence = sentences[code]?.(file) ?? `${file} could not be used (${code}).`;
  return new FailedError(code === 'ENOSPC' || code === 'EDQUOT' ? 'store-full' : 'data-folder', sentence, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
