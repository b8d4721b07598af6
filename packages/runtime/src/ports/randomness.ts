/** Randomness as a port: the operating system's generator in Node, a seeded one in simulation. */
export interface Randomness {
  bytes(length: number): Uint8Array;
}
