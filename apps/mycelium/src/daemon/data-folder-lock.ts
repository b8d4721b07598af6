/** Takes the data folder for this process: made 0700, and held alone. */
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { lockFile } from '@mycelium/node';
import { dataFiles, readPid, type DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import { fileFailure, writePrivate } from './private-files.ts';

export interface HeldFolder {
  readonly files: DataFiles;
  release(): void;
}

/** @throws FailedError `in-use`, `data-folder`, `store-full` */
export function holdDataFolder(folder: string): HeldFolder {
  const files = dataFiles(folder);
  prepare(folder);
  let lock;
  try {
    lock = lockFile(files.lock);
  } catch (error) {
    throw fileFailure(error, files.lock);
  }
  if (lock === undefined) {
    const pid = readPid(folder);
    const holder = pid === undefined ? 'another process' : `process ${pid}`;
    throw new FailedError(
      'in-use',
      `The data folder ${folder} is in use by ${holder}. Stop that one first, or choose another folder with --data.`,
    );
  }
  const held = lock;
  try {
    writePrivate(files.pid, `${process.pid}\n`);
  } catch (error) {
    held.release();
    throw error;
  }
  return {
    files,
    release: () => {
      rmSync(files.pid, { force: true });
      held.release();
    },
  };
}

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw fileFailure(error, folder);
  }
}
