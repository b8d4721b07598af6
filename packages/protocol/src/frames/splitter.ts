/**
 * A stream of bytes cut into frames (spec/frames.md, "Streams"). Fed chunks of any size, calls back for each whole
 * frame, and keeps less than one frame. After a header that breaks a rule there is no way to find the next frame:
 * the refusal ends the stream, and every later push answers the same.
 */
import type { Refusal } from '../errors.ts';
import { frameIncomplete, frameRefusalAt, frameSizeAt } from './header.ts';
import { frameBytesMax } from './layout.ts';

/** The frame is `bytes[at, at + size)`. The memory belongs to the stream: copy what is kept after the call. */
export type ReceiveFrame = (bytes: Uint8Array, at: number, size: number) => void;

export class FrameSplitter {
  readonly #partial: Uint8Array = new Uint8Array(frameBytesMax);
  #held = 0;
  #refusal: Refusal | undefined;

  /** Bytes of a frame that has not come whole. */
  get held(): number {
    return this.#held;
  }

  /** Frames before a broken header are handed over; the answer is why the stream has ended, or undefined. */
  push(chunk: Uint8Array, receive: ReceiveFrame): Refusal | undefined {
    let at = 0;
    while (this.#refusal === undefined && at < chunk.length) {
      if (this.#held > 0) {
        at += this.#complete(chunk.subarray(at), receive);
        continue;
      }
      const size = frameSizeAt(chunk, at);
      if (size < 0) this.#refusal = frameRefusalAt(chunk, at);
      else if (size === frameIncomplete || size > chunk.length - at) at += this.#hold(chunk.subarray(at));
      else {
        receive(chunk, at, size);
        at += size;
      }
    }
    return this.#refusal;
  }

  #hold(bytes: Uint8Array): number {
    this.#partial.set(bytes, this.#held);
    this.#held += bytes.length;
    return bytes.length;
  }

  /** Adds to the held frame what its header, or the whole of it, still lacks; answers how many bytes that took. */
  #complete(chunk: Uint8Array, receive: ReceiveFrame): number {
    const known = this.#held >= 4 ? frameSizeAt(this.#partial, 0) : 4;
    const taken = this.#hold(chunk.subarray(0, known - this.#held));
    if (this.#held < 4) return taken;
    const size = frameSizeAt(this.#partial, 0);
    if (size < 0) this.#refusal = frameRefusalAt(this.#partial, 0);
    else if (size === this.#held) {
      this.#held = 0;
      receive(this.#partial, 0, size);
    }
    return taken;
  }
}
