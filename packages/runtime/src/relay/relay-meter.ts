/** What a relay tells about its work, for figures that its operator looks at: counts and durations, never routes or keys. */
import type { MailErrorName } from '@mycelium/protocol';

/** `ok`, or why it was refused. */
export type RelayOutcome = 'ok' | MailErrorName;

export interface RelayMeter {
  opened(role: 'reader' | 'owner', outcome: RelayOutcome): void;
  /** Frames that were asked to be kept, once that is decided. `token`: intake frames with one, in the place of a stamp. */
  appended(kind: 'mail' | 'intake' | 'token', outcome: RelayOutcome, frames: number, bytes: number): void;
  /** So many tokens the owner of an intake queue has said to be good, where it said something new. */
  tokensTold(count: number): void;
  /** From the request to the disk, of one call to the store. */
  stored(durationMs: number): void;
  /** Frames read from the store for readers. */
  read(outcome: 'ok' | 'failed', frames: number, bytes: number): void;
  trimmed(outcome: RelayOutcome): void;
  /** Upkeep is over: frames that expired; undefined where the store failed. */
  upkeep(expiredFrames: number | undefined): void;
}

export const noMeter: RelayMeter = {
  opened: () => undefined,
  appended: () => undefined,
  tokensTold: () => undefined,
  stored: () => undefined,
  read: () => undefined,
  trimmed: () => undefined,
  upkeep: () => undefined,
};
