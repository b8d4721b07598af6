/** The few file operations that the relay's log needs, as a value: tests hand in ones that fail. */
import fs from 'node:fs';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface LogFile {
  readonly size: number;
  /** Writes all of `bytes` at `position`. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Contents and length are on disk when this resolves. */
  sync(): Promise<void>;
  /** How many bytes there were; fewer than asked for at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface LogFiles {
  makeFolder(folder: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** Opens for reading and writing, and makes the file when it is not there. */
  open(file: string): Promise<LogFile>;
  remove(file: string): Promise<void>;
  /** Puts a file in the place of another, whole. */
  rename(from: string, to: string): Promise<void>;
  /** New and removed names are on disk when this resolves. */
  syncFolder(folder: string): Promise<void>;
}

export const nodeFiles: LogFiles = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },
  list: (folder) => readdir(folder),
  remove: (file) => unlink(file),
  rename: (from, to) => rename(from, to),
  syncFolder: async (folder) => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  open: openFile,
};

// Descriptors rather than handles: a handle that nobody closed, as after a simulated kill, is an error when collected.
const openDescriptor = promisify(fs.open);
const [writeTo, readFrom] = [promisify(fs.write), promisify(fs.read)];
const [syncData, cut, close] = [promisify(fs.fdatasync), promisify(fs.ftruncate), promisify(fs.close)];

async function openFile(file: string): Promise<LogFile> {
  const descriptor = await openDescriptor(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  const { size } = fs.fstatSync(descriptor);
  return {
    size,
    write: async (bytes, position) => {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await writeTo(descriptor, bytes, at, bytes.length - at, position + at);
        at += bytesWritten;
      }
    },
    sync: () => syncData(descriptor),
    read: async (into, position) => {
      let at = 0;
      while (at < into.length) {
        const { bytesRead } = await readFrom(descriptor, into, at, into.length - at, position + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return at;
    },
    truncate: (length) => cut(descriptor, length),
    close: () => close(descriptor),
  };
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
