/** Takes the data folder for this process: made 0700, and held alone. */
import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
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

/** Not `recursive`, with which Node 26 tries for ever where nothing can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'EEXIST' });
    return;
  }
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(folder)) throw error; // otherwise another process was first
  }
}

function prepare(folder: string): void {
  try {
    makeFolder(folder);
    if (process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw fileFailure(error, folder);
  }
}
