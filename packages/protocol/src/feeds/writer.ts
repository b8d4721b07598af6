/**
 * The owner's end of a feed (spec/feeds.md, "Writing"): plain data that the store keeps, one value for each step.
 * Sealing is in seal.ts. Generations are reserved in the store before they are used, so a restart or a restored
 * copy goes on at the end of the reserved block and never back.
 */
import type { Route } from '../brands.ts';
import { assert } from '../errors.ts';
import { generationBlock } from '../limits.ts';
import { routeOf } from '../mail/route.ts';
import type { Primitives } from '../primitives.ts';
import { deriveEpochKeys, skipChain } from './chain.ts';
import { firstRunningHash } from './running-hash.ts';

export interface FeedWriter {
  /** Of this epoch's queue. */
  readonly route: Route;
  readonly readerSeed: Uint8Array;
  readonly ownerSeed: Uint8Array;
  readonly ownerPublicKey: Uint8Array;
  /** Makes the key of `generation`. */
  readonly chainKey: Uint8Array;
  /** Of the next frame. */
  readonly generation: number;
  /** First generation that the store has not reserved. */
  readonly reservedUntil: number;
  /** Order number of the next frame in its queue: gap-free, unlike generations. */
  readonly index: number;
  /** Of the next message; goes on from epoch to epoch. */
  readonly sequence: number;
  /** Kept where messages are signed: conversations of more than two accounts. */
  readonly runningHash: Uint8Array | undefined;
}

export interface WriterStart {
  readonly feedSecret: Uint8Array;
  /** Fresh random 32 bytes for each epoch. */
  readonly ownerSeed: Uint8Array;
  /** Of the first message: 0 in a new feed. */
  readonly sequence: number;
  /** True in conversations of more than two accounts. */
  readonly signed: boolean;
}

/** The first block is reserved: what this answers is on disk before anything that it sealed is sent. */
export function createWriter(start: WriterStart, primitives: Primitives): FeedWriter {
  const { chainKey, readerSeed } = deriveEpochKeys(start.feedSecret, primitives);
  const ownerPublicKey = primitives.ed25519PublicKey(start.ownerSeed);
  const route = routeOf(primitives, primitives.ed25519PublicKey(readerSeed), ownerPublicKey);
  return {
    route,
    readerSeed,
    ownerSeed: start.ownerSeed,
    ownerPublicKey,
    chainKey,
    generation: 0,
    reservedUntil: generationBlock,
    index: 0,
    sequence: start.sequence,
    runningHash: start.signed ? firstRunningHash(route, primitives) : undefined,
  };
}

/** What is wiped once the new state is on disk. */
export interface WriterChange {
  readonly writer: FeedWriter;
  readonly retired: readonly Uint8Array[];
}

/** After a commit: new keys, new queue, the sequence goes on. Frames of the old queue stay as they are, already sealed. */
export function nextEpoch(
  writer: FeedWriter,
  feedSecret: Uint8Array,
  ownerSeed: Uint8Array,
  primitives: Primitives,
): WriterChange {
  const signed = writer.runningHash !== undefined;
  const next = createWriter({ feedSecret, ownerSeed, sequence: writer.sequence, signed }, primitives);
  return { writer: next, retired: [writer.chainKey] };
}

/** Whether so many frames can be sealed without reserving first. */
export function hasReserved(writer: FeedWriter, frames: number): boolean {
  return writer.generation + frames <= writer.reservedUntil;
}

/** Whole blocks that hold `frames` more; to be on disk before the first of them is sent. */
export function reserve(writer: FeedWriter, frames: number): FeedWriter {
  const blocks = Math.ceil((writer.generation + frames) / generationBlock);
  const reservedUntil = Math.max(writer.reservedUntil, blocks * generationBlock);
  assert(reservedUntil <= 0xffff_ffff, 'an epoch ends long before its generations do');
  return { ...writer, reservedUntil };
}

/**
 * On every start of the program, and persisted with the next block before anything is sealed: what the store had
 * reserved may have been used by a process that this state knows nothing of.
 */
export function resume(writer: FeedWriter, primitives: Primitives): WriterChange {
  const skipped = writer.reservedUntil - writer.generation;
  const chainKey = skipChain(writer.chainKey, skipped, primitives);
  const resumed = { ...writer, chainKey, generation: writer.reservedUntil };
  return { writer: reserve(resumed, 1), retired: [writer.chainKey] };
}
