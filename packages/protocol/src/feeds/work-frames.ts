/**
 * One frame of each class to work in, with its views. Making the views anew for each frame costs as much as the cipher, copying a
 * frame a hundredth. Synchronous, and wiped after use, so nothing of one frame is seen by the next.
 */
import { assert } from '../errors.ts';
import { associatedAt, nonceAt } from '../frames/header.ts';
import { frameBytes, frameOffsets, tagBytes } from '../frames/layout.ts';

export interface WorkFrame {
  readonly frame: Uint8Array;
  /** Associated data of the seal: the header. */
  readonly associated: Uint8Array;
  readonly nonce: Uint8Array;
  /** Sealed header, content and tag. */
  readonly sealed: Uint8Array;
  /** The same without the tag. */
  readonly plain: Uint8Array;
}

export class WorkFrames {
  readonly #short = createWorkFrame(frameBytes.short);
  readonly #medium = createWorkFrame(frameBytes.medium);
  readonly #long = createWorkFrame(frameBytes.long);

  /** With a copy of the frame of `size` bytes at `at`. */
  take(bytes: Uint8Array, at: number, size: number): WorkFrame {
    const work = this.#ofSize(size);
    for (let index = 0; index < size; index += 1) work.frame[index] = bytes[at + index] ?? 0;
    return work;
  }

  #ofSize(size: number): WorkFrame {
    if (size === frameBytes.short) return this.#short;
    if (size === frameBytes.medium) return this.#medium;
    assert(size === frameBytes.long, 'feeds are made of short, medium and long frames');
    return this.#long;
  }
}

function createWorkFrame(size: number): WorkFrame {
  const frame = new Uint8Array(size);
  return {
    frame,
    associated: associatedAt(frame, 0),
    nonce: nonceAt(frame, 0),
    sealed: frame.subarray(frameOffsets.sealed),
    plain: frame.subarray(frameOffsets.sealed, size - tagBytes),
  };
}
