/** The directory as its users see it: sealed records under blinded locators (spec/directory.md). */
import type { Cancellation } from './cancellation.ts';

export interface DirectoryNetwork {
  /** Stores one encoded record with the nodes closest to its locator. */
  publish(
    locator: Uint8Array,
    record: Uint8Array,
  ): Promise<{ readonly accepted: number; readonly refused: readonly string[] }>;
  /** All different records that any asked node holds for the locator; nothing is verified here. */
  lookUp(locator: Uint8Array, signal?: Cancellation): Promise<readonly Uint8Array[]>;
  /** How many directory nodes are known at the moment. */
  nodesKnown(): number;
}
