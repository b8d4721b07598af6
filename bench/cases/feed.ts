/** Both ends of a feed in memory, as the client holds them: what seals and opens frames in the benchmarks. */
import {
  createReader,
  createWriter,
  type FeedReader,
  type FeedWriter,
  openFrame,
  type Primitives,
  reserve,
  sealMessage,
  unwrap,
} from '@mycelium/protocol';
import { createPrimitives } from '@mycelium/node';

const nowMs = 1_790_000_000_000;

export class MemoryFeed {
  readonly #primitives: Primitives = createPrimitives();
  readonly #guards = new Uint8Array(8).fill(5);
  readonly #message = { kind: 1, flags: 0, timeNs: BigInt(nowMs) * 1_000_000n, content: new Uint8Array(56) };
  #writer: FeedWriter;
  #reader: FeedReader;

  constructor() {
    const feedSecret = new Uint8Array(32).fill(1);
    const start = { feedSecret, ownerSeed: new Uint8Array(32).fill(2), sequence: 0, signed: false };
    this.#writer = createWriter(start, this.#primitives);
    this.#reader = createReader(feedSecret, this.#writer.ownerPublicKey, this.#primitives);
  }

  /** One short frame with 56 bytes of content. */
  seal(): Uint8Array {
    this.#writer = reserve(this.#writer, 1);
    const sealed = sealMessage(this.#writer, this.#message, this.#guards, this.#primitives);
    this.#primitives.wipe(...sealed.retired);
    this.#writer = sealed.writer;
    return sealed.frames[0] ?? new Uint8Array(0);
  }

  /** Answers the length of the content. */
  open(frame: Uint8Array): number {
    const { opened, reader, retired } = unwrap(openFrame(this.#reader, frame, nowMs, this.#primitives));
    this.#primitives.wipe(...retired);
    this.#reader = reader;
    return opened.content.length;
  }
}
