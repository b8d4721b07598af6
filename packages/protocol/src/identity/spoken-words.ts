/**
 * Spoken words: the safety number for the telephone (spec/trust.md, "Spoken words"). Nine bytes of each account's half, the
 * halves in their order, each byte a word of the PGP list: 72 bits for each account, 144 in all. They are not words of a recovery
 * phrase, so that nobody learns to read those out.
 */
import { accept, refuse, type Result } from '../errors.ts';
import { spokenTextMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { accountHalf, inOrder, type AccountIdentity } from './safety-number.ts';
import { spokenWordLists } from './spoken-word-list.ts';

/** Of each half: 72 bits, above the 66 below which a look-alike account could be searched for. */
const bytesOfHalf = 9;
const words: number = 2 * bytesOfHalf;
const where = 'spoken-words';

const bytesByWord: readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>] = [
  new Map(spokenWordLists[0].map((word, byte) => [word, byte])),
  new Map(spokenWordLists[1].map((word, byte) => [word, byte])),
];

/** 18 words separated by spaces. The same on both sides. */
export function spokenWords(primitives: Primitives, one: AccountIdentity, other: AccountIdentity): string {
  const halves = inOrder(one, other).map((account) =>
    accountHalf(primitives, account).subarray(0, bytesOfHalf),
  );
  return halves
    .flatMap((half) => [...half])
    .map((byte, place) => listAt(spokenWordLists, place)[byte] ?? '')
    .join(' ');
}

/** Words as somebody types what they hear: any white space, commas or hyphens between, any case. Answers them as `spokenWords` does. */
export function parseSpokenWords(text: string): Result<string> {
  if (text.length > spokenTextMax)
    return refuse('length', where, `are at most ${spokenTextMax} characters as typed`);
  const given = text
    .toLowerCase()
    .split(/[\s,;-]+/u)
    .filter((word) => word !== '');
  const strange = given.flatMap((word, place) =>
    bytesByWord.some((one) => one.has(word)) ? [] : [place + 1],
  );
  if (strange.length > 0 && given.length <= words)
    return refuse('word', where, `are words of the PGP list: ${places(strange)} not in it`);
  if (given.length !== words) return refuse('count', where, `are ${words} words and not ${given.length}`);
  const misplaced = given.findIndex((word, place) => !listAt(bytesByWord, place).has(word));
  if (misplaced >= 0)
    return refuse(
      'order',
      where,
      `have two and three syllables in turn: around word ${misplaced + 1} one is missing or two have changed places`,
    );
  return accept(given.join(' '));
}

function listAt<T>(lists: readonly [T, T], place: number): T {
  return place % 2 === 0 ? lists[0] : lists[1];
}

function places(strange: readonly number[]): string {
  return strange.length === 1 ? `word ${strange[0]} is` : `words ${strange.join(', ')} are`;
}
