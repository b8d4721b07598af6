/**
 * A batch of frames walked in one call: for a relay that has a megabyte in its hand. Reads whole words, so the
 * machine has to be little-endian (all that Node and browsers run on are) and the batch aligned to four bytes.
 */
import { frameBytesByType, frameWordByType } from './layout.ts';

/**
 * Writes the word offset of each whole frame in `words` to `starts` and answers how many there are. Stops at the end, at
 * a frame that is not whole, at a header that breaks a rule, and when `starts` is full.
 */
export function walkFrames(words: Uint32Array, starts: Uint32Array): number {
  const end = words.length;
  let at = 0;
  let count = 0;
  while (at < end && count < starts.length) {
    const word = words[at] ?? 0;
    const type = word & 0xff;
    if (word !== frameWordByType[type] || word === 0) break;
    const next = at + ((frameBytesByType[type] ?? 0) >>> 2);
    if (next > end) break;
    starts[count] = at;
    count += 1;
    at = next;
  }
  return count;
}
