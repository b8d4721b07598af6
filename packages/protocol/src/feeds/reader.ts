/**
 * A follower's end of a feed (spec/feeds.md, "Reading"): plain data that the store keeps, one value for each step.
 * Opening is in open.ts. When the epoch ends, the old reader is kept for frames that are still to come, until its
 * skipped keys have expired; the new epoch gets a reader of its own.
 */
import type { Route } from '../brands.ts';
import { routeOf } from '../mail/route.ts';
import type { Primitives } from '../primitives.ts';
import { deriveEpochKeys } from './chain.ts';
import { firstDeadlineMs, noSkippedKeys, withoutExpiredKeys } from './skipped-keys.ts';

export interface FeedReader {
  /** Of this epoch's queue. */
  readonly route: Route;
  readonly readerSeed: Uint8Array;
  readonly ownerPublicKey: Uint8Array;
  /** Makes the key of `generation`. */
  readonly chainKey: Uint8Array;
  /** The lowest that has not been seen. */
  readonly generation: number;
  /** Keys of generations below that: see skipped-keys.ts. */
  readonly skipped: Uint8Array;
}

/** What is wiped once the new state is on disk. */
export interface ReaderChange {
  readonly reader: FeedReader;
  readonly retired: readonly Uint8Array[];
}

/** For the first epoch that is read, and for every one after it: the owner announces each epoch's public key. */
export function createReader(
  feedSecret: Uint8Array,
  ownerPublicKey: Uint8Array,
  primitives: Primitives,
): FeedReader {
  const { chainKey, readerSeed } = deriveEpochKeys(feedSecret, primitives);
  const route = routeOf(primitives, primitives.ed25519PublicKey(readerSeed), ownerPublicKey);
  return { route, readerSeed, ownerPublicKey, chainKey, generation: 0, skipped: noSkippedKeys };
}

/** When `expireSkippedKeys` has something to do; undefined when there is nothing to forget. */
export function skippedDeadlineMs(reader: FeedReader): number | undefined {
  return firstDeadlineMs(reader.skipped);
}

/** Forgets keys whose deadline has come, whether or not a frame ever asks: to be called by a timer. */
export function expireSkippedKeys(reader: FeedReader, nowMs: number): ReaderChange {
  const skipped = withoutExpiredKeys(reader.skipped, nowMs);
  if (skipped === reader.skipped) return { reader, retired: [] };
  return { reader: { ...reader, skipped }, retired: [reader.skipped] };
}
