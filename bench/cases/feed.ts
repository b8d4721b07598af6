/** Both ends of a feed in memory, as the client holds them: what seals and opens frames in the benchmarks. */
import {
  createReader,
  createWriter,
  type FeedReader,
  type FeedWriter,
  guardBytes,
  openFrames,
  type Primitives,
  reserve,
  sealMessages,
  unwrap,
} from '@mycelium/protocol';
import { createPrimitives } from '@mycelium/node';

const nowMs = 1_790_000_000_000;

export interface MemoryFeedWish {
  /** Texts that are sealed, or opened, in one call. */
  readonly batch: number;
  readonly kernel?: boolean;
}

export class MemoryFeed {
  readonly #primitives: Primitives;
  readonly #guards: Uint8Array;
  readonly #messages: Parameters<typeof sealMessages>[1];
  #writer: FeedWriter;
  #reader: FeedReader;

  constructor({ batch, kernel = true }: MemoryFeedWish) {
    this.#primitives = createPrimitives({ kernel });
    this.#guards = new Uint8Array(batch * guardBytes).fill(5);
    const timeNs = BigInt(nowMs) * 1_000_000n;
    this.#messages = Array.from({ length: batch }, () => ({
      kind: 1,
      flags: 0,
      timeNs,
      content: new Uint8Array(56),
    }));
    const feedSecret = new Uint8Array(32).fill(1);
    const start = { feedSecret, ownerSeed: new Uint8Array(32).fill(2), sequence: 0, signed: false };
    this.#writer = createWriter(start, this.#primitives);
    this.#reader = createReader(feedSecret, this.#writer.ownerPublicKey, this.#primitives);
  }

  /** Short frames, each of a message of 56 bytes. */
  seal(): readonly Uint8Array[] {
    const writer = reserve(this.#writer, this.#messages.length);
    const sealed = sealMessages(writer, this.#messages, this.#guards, this.#primitives);
    this.#primitives.wipe(...sealed.retired);
    this.#writer = sealed.writer;
    return sealed.messages.map(({ frames }) => frames[0] ?? new Uint8Array(0));
  }

  /** Answers the length of all content. */
  open(frames: readonly Uint8Array[]): number {
    const { results, reader, retired } = openFrames(this.#reader, frames, nowMs, this.#primitives);
    this.#primitives.wipe(...retired);
    this.#reader = reader;
    return results.reduce((sum, result) => sum + unwrap(result).content.length, 0);
  }
}
