/**
 * Look-alike names (spec/identity.md, "Look-alikes"): what people are told when a name or domain could be taken
 * for another. Advice, never a refusal: a name in Cyrillic that reads as Latin is somebody's real name.
 */
import { toUnicode } from 'tr46';
import type { Address } from './address.ts';

export interface LookalikeReport {
  /** Letters of scripts that one language does not use together, in the name or in one label of the domain. */
  readonly mixedScripts: boolean;
  /** ASCII text that the address can be taken for; undefined when it can be taken for none. */
  readonly looksLike: string | undefined;
}

const scriptNames =
  'Latin Cyrillic Greek Armenian Hebrew Arabic Devanagari Bengali Thai Georgian Hangul Han Hiragana Katakana Bopomofo Cherokee';
const scripts = scriptNames
  .split(' ')
  .map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'u') }));

/** Scripts that are one writing system (UTS 39 §5.1: Japanese, Korean, Han with Bopomofo), each with Latin. */
const usedTogether = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
  ['Latin', 'Han', 'Bopomofo'],
];

/** Letters that look like ASCII letters in most fonts, lower case: from Unicode's confusables, by script. */
const confusables: readonly (readonly [letters: string, ascii: string])[] = [
  // Cyrillic
  [
    '\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u0475\u051d\u0445\u0443\u04af',
    'acdehijlopqsvwxyy',
  ],
  // Greek
  ['\u03b1\u03b3\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03f2\u03f3', 'ayikvoptucj'],
  // Armenian
  ['\u0585\u0578\u057d\u0570\u0581', 'onuhg'],
  // Latin beside ASCII
  ['\u0131\u0251\u0261\u0269', 'iagi'],
  // Cherokee
  ['\uabaf\uabaa\uaba9\uab83', 'csvw'],
];
const asciiByLetter = new Map(
  confusables.flatMap(([letters, ascii]) =>
    Array.from(letters, (letter, at) => [letter, ascii.charAt(at)] as const),
  ),
);

export function reportLookalike(address: Address): LookalikeReport {
  const domain = toUnicode(address.domain).domain;
  const parts = [address.name, ...domain.split('.')];
  const shown = `${address.name}@${domain}`;
  const ascii = Array.from(shown, (letter) => asciiByLetter.get(letter) ?? letter).join('');
  const changed = ascii !== shown && /^[\u{21}-\u{7e}]+$/u.test(ascii);
  return { mixedScripts: parts.some(mixesScripts), looksLike: changed ? ascii : undefined };
}

/** Letters of ASCII that pass for others in most fonts (UTS 39, confusables), as what they pass for. */
const asciiAlike: readonly (readonly [RegExp, string])[] = [
  [/rn/gu, 'm'],
  [/vv/gu, 'w'],
  [/[1|]/gu, 'l'],
  [/0/gu, 'o'],
];

/**
 * Two addresses that people take for one another have the same: each letter replaced by the one that it looks like (UTS 39 §4,
 * "skeleton", for the letters above). It is no address, and nothing is looked up by it.
 */
export function addressSkeleton(address: Address): string {
  const shown = `${address.name}@${toUnicode(address.domain).domain}`;
  const ascii = Array.from(shown, (letter) => asciiByLetter.get(letter) ?? letter).join('');
  return asciiAlike.reduce((text, [letters, alike]) => text.replaceAll(letters, alike), ascii);
}

function mixesScripts(text: string): boolean {
  const found = scripts.filter((script) => script.pattern.test(text)).map((script) => script.name);
  return found.length > 1 && !usedTogether.some((together) => found.every((name) => together.includes(name)));
}
