/** Where a relay keeps mail, as `--store` and `store.url` name it: a folder, or NATS (docs/relay-cluster.md). */
import { fileURLToPath } from 'node:url';
import type { ValueKind } from './config-values.ts';

export type StorePlace = FolderPlace | NatsPlace;

export interface FolderPlace {
  readonly kind: 'folder';
  readonly folder: string;
}

export interface NatsPlace {
  readonly kind: 'nats';
  /** `HOST:PORT` */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly tls: boolean;
  /** Sets the relay's queues apart from those of others on the same cluster. */
  readonly name: string;
  /** Of every server: where it tells its version and settings. */
  readonly monitorPort: number;
}

const usualName = 'mycelium';
const usualPort = 4222;
const usualMonitorPort = 8222;

/** Several hosts stand in one URL, so no URL parser takes it. */
const natsUrl =
  /^(?<scheme>nats|tls):\/\/(?:(?<user>[^\s:@/]+):(?<password>[^\s@/]+)@)?(?<hosts>[^\s@/?]+)(?:\/(?<name>[a-zA-Z0-9-]{1,32})?)?(?:\?monitor=(?<monitor>\d{1,5}))?$/;
const host = /^(?<name>\[[0-9a-fA-F:.]+\]|[^\s:[\]]+)(?::(?<port>\d{1,5}))?$/;

export const storeUrl: ValueKind<StorePlace> = {
  allowed: 'file:///FOLDER or nats://HOST:PORT[,HOST:PORT…][/NAME]',
  read: (value) => {
    if (typeof value !== 'string') return undefined;
    return value.startsWith('file:') ? readFolder(value) : readNats(value);
  },
};

function readFolder(url: string): FolderPlace | undefined {
  try {
    return { kind: 'folder', folder: fileURLToPath(url) };
  } catch {
    return undefined;
  }
}

function readNats(url: string): NatsPlace | undefined {
  const found = natsUrl.exec(url)?.groups;
  if (found === undefined) return undefined;
  const { scheme, user, password, hosts = '', name = usualName, monitor = usualMonitorPort } = found;
  const servers = hosts.split(',').map(readServer);
  const monitorPort = Number(monitor);
  if (!servers.every((server) => server !== undefined) || !isPort(monitorPort)) return undefined;
  const place = { kind: 'nats', servers, tls: scheme === 'tls', name, monitorPort } as const;
  if (user === undefined || password === undefined) return place;
  try {
    return { ...place, user: decodeURIComponent(user), password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}

function readServer(text: string): string | undefined {
  const found = host.exec(text)?.groups;
  const port = Number(found?.['port'] ?? usualPort);
  return found?.['name'] === undefined || !isPort(port) ? undefined : `${found['name']}:${port}`;
}

function isPort(port: number): boolean {
  return port > 0 && port <= 65_535;
}
