/**
 * Look-alike names (spec/identity.md, "Look-alikes"): what people are told when a name or domain could be taken for another.
 * Advice, never a refusal: `аlice` in Cyrillic is somebody's real name.
 */
import { toUnicode } from 'tr46';
import type { Address } from './address.ts';

export interface LookalikeReport {
  /** Letters of scripts that one language does not use together, in the name or in one label of the domain. */
  readonly mixedScripts: boolean;
  /** ASCII text that the address can be taken for; undefined when it can be taken for none. */
  readonly looksLike: string | undefined;
}

const scripts = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Thai',
  'Georgian',
  'Hangul',
  'Han',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Cherokee',
  'Ethiopic',
  'Coptic',
  'Lisu',
].map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'u') }));

/** Scripts that are one writing system (UTS 39 §5.1: Japanese, Korean, Han with Bopomofo), each with Latin. */
const usedTogether = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Hangul'],
  ['Latin', 'Han', 'Bopomofo'],
];

/** Letters that look like ASCII letters in most fonts: the lower-case part of Unicode's confusables that names may have. */
const prototypes = new Map(
  Object.entries({
    а: 'a',
    с: 'c',
    ԁ: 'd',
    е: 'e',
    һ: 'h',
    і: 'i',
    ј: 'j',
    ӏ: 'l',
    о: 'o',
    р: 'p',
    ԛ: 'q',
    ѕ: 's',
    ѵ: 'v',
    ԝ: 'w',
    х: 'x',
    у: 'y',
    ү: 'y',
    α: 'a',
    γ: 'y',
    ι: 'i',
    κ: 'k',
    ν: 'v',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    ϲ: 'c',
    ϳ: 'j',
    օ: 'o',
    ո: 'n',
    ս: 'u',
    հ: 'h',
    ց: 'g',
    ı: 'i',
    ɑ: 'a',
    ɡ: 'g',
    ɩ: 'i',
    ꮯ: 'c',
    ꮪ: 's',
    ꮩ: 'v',
    ꮃ: 'w',
  }),
);

export function reportLookalike(address: Address): LookalikeReport {
  const domain = toUnicode(address.domain).domain;
  const parts = [address.name, ...domain.split('.')];
  const shown = `${address.name}@${domain}`;
  const ascii = Array.from(shown, (letter) => prototypes.get(letter) ?? letter).join('');
  const changed = ascii !== shown && /^[\u{21}-\u{7e}]+$/u.test(ascii);
  return { mixedScripts: parts.some(mixesScripts), looksLike: changed ? ascii : undefined };
}

function mixesScripts(text: string): boolean {
  const found = scripts.filter((script) => script.pattern.test(text)).map((script) => script.name);
  return found.length > 1 && !usedTogether.some((together) => found.every((name) => together.includes(name)));
}
