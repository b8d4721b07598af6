/** Adapter of ts-mls to protocol's KeyAgreement port. */
export { createKeyAgreement } from './key-agreement.ts';
export { createCipherSuite, hpkeSuiteOf } from './cipher-suite.ts';
export type { MlsCrypto } from './kdf.ts';
export type { Encapsulated, MlsPlatform } from './platform.ts';
