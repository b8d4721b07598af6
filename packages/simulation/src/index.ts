/** Virtual clock, seeded randomness, faulty network, in-memory ports, conformance suites. */
export {};
