/**
 * Where an installation keeps its files, and what they are called. The daemon writes them; commands read the token and
 * find the socket.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export function defaultDataFolder(
  env: Environment = process.env,
  platform: string = process.platform,
): string {
  if (platform === 'win32')
    return path.join(env['LOCALAPPDATA'] ?? path.join(os.homedir(), 'AppData', 'Local'), 'Mycelium');
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Application Support', 'Mycelium');
  const xdg = env['XDG_DATA_HOME'];
  return path.join(
    xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.local', 'share'),
    'mycelium',
  );
}

/** Everything in the folder. All of it is its owner's alone (0700, files 0600). */
export interface DataFiles {
  readonly folder: string;
  /** Held by the daemon while it runs; the system lets go of it when the process ends, however that happens. */
  readonly lock: string;
  /** Process id of who holds the lock, for people. */
  readonly pid: string;
  readonly store: string;
  readonly storeKey: string;
  readonly transportKey: string;
  readonly relayStore: string;
  readonly directory: string;
  /** Claims that the role relay publishes again. */
  readonly relayClaims: string;
  readonly token: string;
  /** The API's socket, where the folder's path is short enough for one. */
  readonly apiSocket: string;
  /** Says where the API's socket is, while the daemon runs. */
  readonly apiPointer: string;
  /** The port of last time, so that addresses stay. */
  readonly port: string;
  /** Directory nodes of last time. */
  readonly nodes: string;
  /** Port of the page, once it was asked for. */
  readonly pagePort: string;
  /** Browsers that were paired. */
  readonly browsers: string;
}

export function dataFiles(folder: string): DataFiles {
  const file = (name: string): string => path.join(folder, name);
  return {
    folder,
    lock: file('lock'),
    pid: file('pid'),
    store: file('store.db'),
    storeKey: file('store.key'),
    transportKey: file('transport.key'),
    relayStore: file('relay'),
    directory: file('directory.claims'),
    relayClaims: file('relay.claims'),
    token: file('api.token'),
    apiSocket: file('api.sock'),
    apiPointer: file('api.path'),
    port: file('port'),
    nodes: file('nodes.json'),
    pagePort: file('page.port'),
    browsers: file('browsers.json'),
  };
}

/** Where the running daemon says its socket is, and the token it wants; undefined when none has run here or it has stopped. */
export function readApiAccess(
  folder: string,
): { readonly endpoint: string; readonly token: string } | undefined {
  const files = dataFiles(folder);
  try {
    return {
      endpoint: readFileSync(files.apiPointer, 'utf8').trim(),
      token: readFileSync(files.token, 'utf8').trim(),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The process that last took the lock, as it said; for sentences only. */
export function readPid(folder: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(dataFiles(folder).pid, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
