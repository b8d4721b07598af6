/**
 * One frame of each class to work in, with its views: sealing and opening happen here, in place, and only what is
 * kept is copied out. Making the views anew for each frame costs as much as the cipher. Synchronous and
 * wiped after use, so nothing of one frame is seen by the next.
 */
import { mailFrameTypes } from '../codes.ts';
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

const short = createWorkFrame(frameBytes.short);
const medium = createWorkFrame(frameBytes.medium);
const long = createWorkFrame(frameBytes.long);

export function workFrame(type: number): WorkFrame {
  if (type === mailFrameTypes.short) return short;
  if (type === mailFrameTypes.medium) return medium;
  assert(type === mailFrameTypes.long, 'feeds are made of short, medium and long frames');
  return long;
}
