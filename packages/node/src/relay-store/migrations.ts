/**
 * Brings segments of older versions to this one, when the store is opened. Each is written anew beside the old one, synced, and put
 * in its place whole: a kill at any moment leaves the old or the new, and the next start goes on.
 *
 * | version | since | what changed |
 * |---|---|---|
 * | 1 | 0.1 | |
 * | 2 | 0.2 | a frame's record says when it expires; before, all were kept for 30 days |
 */
import path from 'node:path';
import { errorCode, type LogFiles } from './files.ts';
import type { LogRecord } from './record.ts';
import { Segment, storeVersion } from './segment.ts';

/** How long version 1 kept everything. */
const version1RetentionMs = 30 * 86_400_000;

/** By the version they lead away from. */
const steps: Readonly<Record<number, (record: LogRecord) => LogRecord>> = {
  1: (record) =>
    record.kind === 'frame' ? { ...record, expiresMs: record.timeMs + version1RetentionMs } : record,
};

export class StoreMigrationError extends Error {
  readonly code: string;

  constructor(segment: Segment, cause: unknown) {
    const full = errorCode(cause) === 'ENOSPC' || errorCode(cause) === 'EDQUOT';
    const reason = full
      ? `the disk has no room for ${Math.ceil(segment.end / 2 ** 20)} MiB more`
      : `a file could not be written (${errorCode(cause) ?? 'unknown reason'})`;
    super(
      `The relay's mail could not be brought from version ${segment.version} of the store to ${storeVersion}: ${reason}. Nothing was lost. Mend that and start again.`,
      { cause },
    );
    this.name = 'StoreMigrationError';
    this.code = full ? 'store-full' : 'store-version';
  }
}

/** Replaces, in `segments`, those that are of an older version. @throws StoreMigrationError */
export async function migrateSegments(
  files: LogFiles,
  folder: string,
  segments: Map<number, Segment>,
): Promise<void> {
  for (const [number, segment] of segments) {
    if (segment.version === storeVersion) continue;
    try {
      segments.set(number, await migrated(files, folder, segment));
    } catch (cause) {
      throw new StoreMigrationError(segment, cause);
    }
  }
}

async function migrated(files: LogFiles, folder: string, old: Segment): Promise<Segment> {
  const draft = path.join(folder, 'migration.draft');
  const bytes = await old.rewritten((record) => {
    let current = record;
    for (let version = old.version; version < storeVersion; version += 1)
      current = steps[version]?.(current) ?? current;
    return current;
  });
  const file = await files.open(draft);
  try {
    await file.truncate(0);
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await old.close();
  await files.rename(draft, old.name);
  await files.syncFolder(folder);
  const segment = await Segment.open(files, old.name);
  if (segment === undefined) throw new Error('what was just written cannot be read');
  return segment;
}
