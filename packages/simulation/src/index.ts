/** Virtual clock, seeded randomness, faulty network, in-memory ports, conformance suites. */
export { type ConformanceCase, expectHex, expectTrue, fromHex } from './conformance/case.ts';
export { primitivesCases } from './conformance/primitives.ts';
export * from './conformance/wycheproof.ts';
