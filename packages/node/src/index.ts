/** Adapters for Node: links, hyperdht, SQLite, relay stores, key custody. */
export { createPrimitives } from './primitives/primitives.ts';
export { systemClock } from './clock.ts';
export { systemRandomness } from './randomness.ts';
export { openClientStore, type ClientStoreWish } from './client-store/open.ts';
export { createTransport, type NodeTransport, type TransportOptions } from './links/transport.ts';
export { defaultRuntimeFolder, prepareRuntimeFolder } from './links/runtime-folder.ts';
export { lockFile, type FileLock } from './file-lock.ts';
export { readClaimFile, writeClaimFile } from './directory/claim-file.ts';
export { startDirectory, type Directory, type DirectoryWish } from './directory/directory.ts';
export { usualGateLimits, type GateLimits, type GateMeter } from './links/connection-gate.ts';
export type { DhtWish } from './links/dht-node.ts';
export type { Certificate, WebSocketListening } from './links/websocket-path.ts';
export type { Endpoint } from './links/addresses.ts';
export { openRelayStore, type RelayStore, type RelayStoreWish } from './relay-store/log-store.ts';
export { BackupError, type BackupReport } from './relay-store/backup.ts';
export {
  openJetStreamStore,
  type JetStreamStore,
  type JetStreamStoreWish,
} from './jetstream-store/jetstream-store.ts';
export { JetStreamStoreError } from './jetstream-store/error.ts';
export { createMlsPlatform } from './mls-provider/platform.ts';
export { createDomainRecords } from './domain/domain-records.ts';
export { createDnsOverHttps } from './domain/dns-over-https.ts';
export { createSystemResolver } from './domain/system-resolver.ts';
export { createWebFiles } from './domain/web-file.ts';
export type { Names } from './domain/names.ts';
