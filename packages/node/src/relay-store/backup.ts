/**
 * A copy of the store as it stands at one moment, made while it goes on: of each segment what was written by then, whatever
 * becomes of it meanwhile. A store can be opened on the copy as on any folder.
 */
import path from 'node:path';
import { errorCode, type LogFiles } from './files.ts';
import type { Segment } from './segment.ts';

export interface BackupReport {
  readonly queues: number;
  readonly frames: number;
  /** Of the copy on disk. */
  readonly bytes: number;
  readonly segments: number;
}

/** Written last: a copy without it is not whole. */
const reportName = 'backup.json';
const pieceBytes = 1 << 20;

export type BackupRefusal = 'not-empty' | 'disk-full' | 'elsewhere' | 'failed';

const sentences: Readonly<Record<BackupRefusal, string>> = {
  'not-empty': 'the folder has something in it. Name a new one',
  'disk-full': 'the disk is full there. Make room and begin again, in a new folder',
  elsewhere: 'the mail is in NATS, and is copied there: nats stream backup NAME-queues-0 DIR, and so on',
  failed: 'it could not be written or read',
};

export class BackupError extends Error {
  readonly code = 'backup-failed';

  constructor(refusal: BackupRefusal, cause?: unknown) {
    const code = refusal === 'failed' ? ` (${errorCode(cause) ?? 'unknown reason'})` : '';
    super(`The backup was not made: ${sentences[refusal]}${code}.`, { cause });
    this.name = 'BackupError';
  }
}

/** What the store held at one moment, kept until it is released. */
export interface StoreMoment {
  readonly queues: number;
  readonly frames: number;
  readonly parts: readonly {
    readonly segment: Segment;
    readonly end: number;
    readonly release: () => Promise<void>;
  }[];
}

/** `moment` is asked once the folder is known to be new. @throws BackupError */
export async function backUp(
  files: LogFiles,
  folder: string,
  moment: () => Promise<StoreMoment>,
): Promise<BackupReport> {
  try {
    await files.makeFolder(folder);
    if ((await files.list(folder)).length > 0) throw new BackupError('not-empty');
    const { queues, frames, parts } = await moment();
    let bytes = 0;
    try {
      for (const { segment, end } of parts) {
        await copy(files, segment, end, path.join(folder, path.basename(segment.name)));
        bytes += end;
      }
    } finally {
      for (const { release } of parts) await release();
    }
    const report = { queues, frames, bytes, segments: parts.length };
    await writeReport(files, path.join(folder, reportName), report);
    await files.syncFolder(folder);
    return report;
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const full = errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT';
    throw new BackupError(full ? 'disk-full' : 'failed', error);
  }
}

async function copy(files: LogFiles, segment: Segment, end: number, name: string): Promise<void> {
  const file = await files.open(name);
  try {
    for (let at = 0; at < end;) {
      const piece = await segment.read(at, Math.min(pieceBytes, end - at));
      if (piece.length === 0) throw new BackupError('failed');
      await file.write(piece, at);
      at += piece.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeReport(files: LogFiles, name: string, report: BackupReport): Promise<void> {
  const file = await files.open(name);
  try {
    await file.write(Buffer.from(`${JSON.stringify(report)}\n`), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
