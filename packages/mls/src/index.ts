/** Adapter of ts-mls to protocol's KeyAgreement port. */
export {};
