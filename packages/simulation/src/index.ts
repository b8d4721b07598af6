/** Virtual clock, seeded randomness, faulty network, in-memory ports, conformance suites. */
export { type ConformanceCase, expectHex, expectTrue, fromHex } from './conformance/case.ts';
export { primitivesCases } from './conformance/primitives.ts';
export * from './conformance/wycheproof.ts';
export {
  createMemoryClientStore,
  type ClientStoreSnapshot,
  type MemoryClientStore,
} from './stores/memory-client-store.ts';
export { clientStoreCases, clientStoreFailure, type ClientStoreSubject } from './conformance/client-store.ts';
