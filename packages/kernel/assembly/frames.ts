// Runs of frames of one chain, sealed and opened in place (spec/feeds.md, "Keys"; spec/frames.md, "Layout"). For each frame a
// step of the chain, then ChaCha20-Poly1305 under its message key. Lengths and offsets are public, and so is which tag does
// not fit; nothing else decides which way the code goes or where it reads.

import { addKeyStream, firstStep, isSame, prepare, tagOf } from './aead';
import { CHAIN_KEY, NEXT_STEP, RUN, STEP, wipeSecrets } from './layout';

export { openText, sealText, tagBlocks } from './aead';
export { CHAIN_KEY, MESSAGE_KEY, NONCE, RUN, RUN_BYTES } from './layout';

const HEADER_BYTES: usize = 32;
const NONCE_AT: usize = 20;
const TAG_BYTES: usize = 16;

/** Seals the frames from RUN to RUN + `end`. */
export function seal(end: i32): void {
  const stop = RUN + <usize>end;
  firstStep(CHAIN_KEY);
  for (let frame = RUN; frame < stop;) {
    const next = nextFrame(frame, stop);
    const text = frame + HEADER_BYTES;
    const tag = next - TAG_BYTES;
    prepare(frame + NONCE_AT);
    addKeyStream(text, tag - text, frame + NONCE_AT);
    v128.store(tag, v128.load(tagOf(frame, HEADER_BYTES, text, tag - text)));
    stepOn();
    frame = next;
  }
  wipeSecrets();
}

/** Opens the frames from RUN to RUN + `end`, or to the first whose tag does not fit. Answers where it stopped, from RUN. */
export function open(end: i32): i32 {
  const stop = RUN + <usize>end;
  firstStep(CHAIN_KEY);
  let frame = RUN;
  while (frame < stop) {
    const next = nextFrame(frame, stop);
    const text = frame + HEADER_BYTES;
    const tag = next - TAG_BYTES;
    prepare(frame + NONCE_AT);
    if (!isSame(tag, tagOf(frame, HEADER_BYTES, text, tag - text))) break;
    addKeyStream(text, tag - text, frame + NONCE_AT);
    stepOn();
    frame = next;
  }
  wipeSecrets();
  return <i32>(frame - RUN);
}

/** Where the frame behind this one begins. Its header was checked by the caller: a length that is none is a bug, and ends it all. */
function nextFrame(frame: usize, stop: usize): usize {
  const size = <usize>load<u16>(frame, 2) + 4;
  if (size < HEADER_BYTES + TAG_BYTES || (size & 15) !== 0 || size > stop - frame) unreachable();
  return frame + size;
}

/** The frame is done: its chain key, and the message key that is used, give way to those behind it. */
function stepOn(): void {
  memory.copy(CHAIN_KEY, STEP, 32);
  memory.copy(STEP, NEXT_STEP, 64);
}
