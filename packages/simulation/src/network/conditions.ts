/**
 * What a simulated path does to links. Links are reliable ordered streams, as TCP is, so the faults are those that such
 * streams have: delay, breaks at any byte, stalls, dials that fail, ends that vanish without a word. What was in flight
 * when a link broke is lost in both directions; so an answer can be lost whose question was carried out.
 */

export interface PathConditions {
  /** One way. */
  readonly latencyMs: number;
  /** Added to the latency of each batch, at most; order is kept. */
  readonly jitterMs: number;
  /** Bytes written and not yet taken by the other side before `write` says false. */
  readonly windowBytes: number;
  /** Batches are handed over in several pieces, cut anywhere. */
  readonly cutsBatches: boolean;
  /** Each new link breaks once it has carried a number of bytes from this range, both directions together. */
  readonly breakAfterBytes: readonly [number, number] | undefined;
  /** Probability that a dial fails although the peer is there. */
  readonly dialFailure: number;
}

export const calmPath: PathConditions = {
  latencyMs: 5,
  jitterMs: 0,
  windowBytes: 256 * 1024,
  cutsBatches: false,
  breakAfterBytes: undefined,
  dialFailure: 0,
};

export const roughPath: PathConditions = {
  latencyMs: 20,
  jitterMs: 80,
  windowBytes: 64 * 1024,
  cutsBatches: true,
  breakAfterBytes: [200, 120_000],
  dialFailure: 0.2,
};

/** How long a dial into a partition waits before it gives up. */
export const dialTimeoutMs = 20_000;
