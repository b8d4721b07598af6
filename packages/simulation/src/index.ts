/** Virtual clock, seeded randomness, faulty network, in-memory ports, conformance suites. */
export { type ConformanceCase, expectHex, expectTrue, fromHex } from './conformance/case.ts';
export { frameCipherCases } from './conformance/frame-cipher.ts';
export { primitivesCases } from './conformance/primitives.ts';
export * from './conformance/wycheproof.ts';
export {
  createMemoryClientStore,
  type ClientStoreSnapshot,
  type MemoryClientStore,
} from './stores/memory-client-store.ts';
export { clientStoreCases, clientStoreFailure, type ClientStoreSubject } from './conformance/client-store.ts';
export { createVirtualClock, trackedPort, type ClockScope, type VirtualClock } from './virtual-clock.ts';
export { createSeededRandomness, type SeededRandomness } from './seeded-randomness.ts';
export { createTrace, type Trace } from './trace.ts';
export { SimulatedNetwork } from './network/network.ts';
export { SimulatedNode, type Life } from './network/node.ts';
export { calmPath, roughPath, type PathConditions } from './network/conditions.ts';
export { transportCases, type TransportCase, type TransportSubject } from './conformance/transport.ts';
export {
  createMemoryQueueStore,
  type MemoryQueueStore,
  type MemoryQueueStoreWish,
} from './stores/memory-queue-store.ts';
export { queueStoreCases, type QueueStoreCase, type QueueStoreSubject } from './conformance/queue-store.ts';
export { createMemoryDomains, type MemoryDomains, type PublishedDomain } from './domain/memory-domains.ts';
export {
  domainRecordsCases,
  type DomainRecordsCase,
  type DomainRecordsSubject,
} from './conformance/domain-records.ts';
export {
  DirectoryWorld,
  SimulatedDirectoryNode,
  type Behaviour,
  type DirectoryWorldWish,
} from './directory/directory-world.ts';
export { hostileKinds, makeHostile, type HostileKind, type HostileWish } from './directory/hostile-nodes.ts';
