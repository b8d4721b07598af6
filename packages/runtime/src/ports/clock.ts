/** Time as a port: the machine's clock in Node, a virtual one in simulation. */
export interface Clock {
  /** Wall clock, ms since 1970. May jump. What the person's device believes. */
  nowMs(): number;
  /** Never goes back. For time-outs, retries and measured round trips. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`. The answer cancels. Does not keep a process alive. */
  after(delayMs: number, call: () => void): () => void;
}
