/**
 * A batch of frames walked in one call: header checked, class known, route looked up, nothing allocated. For a
 * relay or client that has a megabyte in its hand. Reads whole words, so the machine has to be little-endian (all that
 * Node and browsers run on are) and the batch aligned to four bytes.
 *
 * One loop, with the table's fields in locals and the look-up of route-table.ts written out: this is what fifty
 * million frames a second go through, and calls and imported variables in it cost a third (bench: codec).
 */
import { mailFrameTypes } from '../codes.ts';
import { frameWordByType } from './layout.ts';
import type { RouteTable } from './route-table.ts';

// As in route-table.ts. To the compiler only a module's own constants are constant.
const slotWords = 8;
const slotValueWord = 4;

/** Filled by `walkFrames`; both arrays have the same length, the most frames of one call. */
export interface FrameBatch {
  /** Word offset of each frame. */
  readonly starts: Uint32Array;
  /** What the table has for its route, or `routeUnknown`. */
  readonly routes: Int32Array;
}

export function createFrameBatch(framesMax: number): FrameBatch {
  return { starts: new Uint32Array(framesMax), routes: new Int32Array(framesMax) };
}

/**
 * Walks from word `from` on and answers how many whole frames it put into `batch`. Stops at the end, at a frame that is
 * not whole, at a header that breaks a rule (`frameRefusalAt` says which), and when the batch is full.
 */
export function walkFrames(words: Uint32Array, from: number, batch: FrameBatch, table: RouteTable): number {
  const { starts, routes } = batch;
  const { slots, shift, mask, firstFactor, secondFactor } = table;
  const wordByType = frameWordByType;
  const short = wordByType[mailFrameTypes.short];
  const end = words.length;
  const countMax = starts.length;
  let at = from;
  let count = 0;
  while (at < end && count < countMax) {
    const word = words[at] ?? 0;
    // Nearly every frame is a short one: those need no look at the table of types.
    if (word !== short && (word === 0 || word !== wordByType[word & 0xff])) break;
    const next = at + (((word >>> 16) + 4) >>> 2);
    if (next > end) break;
    const first = words[at + 1] ?? 0;
    const second = words[at + 2] ?? 0;
    const third = words[at + 3];
    const fourth = words[at + 4];
    let slot = ((Math.imul(first, firstFactor) + Math.imul(second, secondFactor)) >>> shift) & mask;
    let value = 0;
    for (;;) {
      value = slots[slot + slotValueWord] ?? 0;
      const same = slots[slot] === first && slots[slot + 1] === second;
      if (same && slots[slot + 2] === third && slots[slot + 3] === fourth) break;
      if (value === 0) break; // a free slot: the table does not know the route
      slot = (slot + slotWords) & mask;
    }
    starts[count] = at;
    routes[count] = value - 1;
    count += 1;
    at = next;
  }
  return count;
}

/** Word offset of what follows the frame at `at`, whose first word is `word`. */
export function wordAfter(at: number, word: number): number {
  return at + (((word >>> 16) + 4) >>> 2);
}
