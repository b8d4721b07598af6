/**
 * What the operator decides about whose mail a relay keeps, and how much of it (spec/mail.md, "Bounds"). Asked for at each
 * decision, so that it can change while the relay runs.
 */
import type { TokenRate, TransportKey } from '@mycelium/protocol';

export interface RelayPolicy {
  /** Whether queues of this peer are kept here. */
  mayOwn(peerKey: TransportKey): boolean;
  /** Bits of work that a stranger's frame needs at least, whatever the queue's owner asks for. */
  readonly stampBitsMin: number;
  /** Appended frames of one queue, whoever sends them. */
  readonly queueFrames: TokenRate;
  /** Intake frames of one queue. An introduction has up to 23. */
  readonly queueIntake: TokenRate;
  /** Intake frames of one queue that have a token: no stamped ones are in their way. */
  readonly queueTokens: TokenRate;
  /** Intake frames of one source, and of everybody together. */
  readonly sourceIntake: TokenRate;
  readonly allIntake: TokenRate;
  /** New queues and appended bytes of one source. */
  readonly sourceQueues: TokenRate;
  readonly sourceBytes: TokenRate;
  /** Queues that all connections of one source have open. */
  readonly sourceOpens: number;
}

/** So many in an hour, and as many at once. */
export function perHour(count: number, burst: number = count): TokenRate {
  return { perSecond: count / 3600, burst };
}

export const usualRelayPolicy: RelayPolicy = {
  mayOwn: () => true,
  stampBitsMin: 0,
  queueFrames: { perSecond: 10_000, burst: 100_000 },
  queueIntake: perHour(480, 240),
  queueTokens: perHour(480, 240),
  sourceIntake: perHour(5_000),
  allIntake: { perSecond: 500, burst: 1_000 },
  sourceQueues: perHour(20_000),
  sourceBytes: perHour(4 * 2 ** 30),
  sourceOpens: 131_072,
};
