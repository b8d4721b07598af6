/**
 * The contextual rules of PRECIS names (RFC 5892 Appendix A, which RFC 8264 §9.6 and §9.8 refer to): characters
 * that are allowed beside certain others only. Joining types and viramas are in no property escape of the
 * language: tr46's tables have them.
 */
import { unicodeTables as tables } from './unicode-tables.ts';

type ContextRule = (characters: readonly string[], at: number) => boolean;

const arabicIndic = /^[\u{660}-\u{669}]$/u;
const extendedArabicIndic = /^[\u{6f0}-\u{6f9}]$/u;

/** A.1: after a virama, or between joining letters. tr46's pattern covers one non-joiner and what surrounds it. */
const zeroWidthNonJoiner: ContextRule = (characters, at) => {
  if (at === 0) return false;
  if (tables.combiningClassVirama.test(characters[at - 1] ?? '')) return true;
  const before = characters.lastIndexOf('\u200c', at - 1);
  const after = characters.indexOf('\u200c', at + 1);
  return tables.validZWNJ.test(characters.slice(before + 1, after < 0 ? undefined : after).join(''));
};

const ruleByCharacter = new Map<string, ContextRule>([
  ['\u200c', zeroWidthNonJoiner],
  // A.2: ZERO WIDTH JOINER after a virama.
  ['\u200d', (characters, at) => at > 0 && tables.combiningClassVirama.test(characters[at - 1] ?? '')],
  // A.3: MIDDLE DOT between two l.
  ['\u00b7', (characters, at) => characters[at - 1] === 'l' && characters[at + 1] === 'l'],
  // A.4: GREEK LOWER NUMERAL SIGN before a Greek letter.
  ['\u0375', (characters, at) => /^\p{Script=Greek}$/u.test(characters[at + 1] ?? '')],
  // A.5, A.6: HEBREW PUNCTUATION GERESH and GERSHAYIM after a Hebrew letter.
  ['\u05f3', (characters, at) => /^\p{Script=Hebrew}$/u.test(characters[at - 1] ?? '')],
  ['\u05f4', (characters, at) => /^\p{Script=Hebrew}$/u.test(characters[at - 1] ?? '')],
  // A.7: KATAKANA MIDDLE DOT in a name that has kana or Han.
  [
    '\u30fb',
    (characters) =>
      characters.some((character) =>
        /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]$/u.test(character),
      ),
  ],
]);

/** True when the contextual character at `at` stands where its rule allows it. */
export function contextAllows(characters: readonly string[], at: number): boolean {
  const character = characters[at] ?? '';
  // A.8, A.9: the two sets of Arabic digits are not mixed.
  if (arabicIndic.test(character)) return !characters.some((other) => extendedArabicIndic.test(other));
  if (extendedArabicIndic.test(character)) return !characters.some((other) => arabicIndic.test(other));
  return ruleByCharacter.get(character)?.(characters, at) ?? false;
}
