/**
 * PRECIS IdentifierClass (RFC 8264 §4.2, §8, §9): what a code point may be in a name. Derived from the engine's own
 * Unicode properties, so that it follows Unicode as the RFC means it to; the only lists here are those that the RFC
 * writes out (docs/decisions/0002-precis.md). Contextual rules: precis-context.ts.
 */

export type PrecisProperty =
  | { readonly kind: 'valid' }
  | { readonly kind: 'contextual' }
  | { readonly kind: 'disallowed'; readonly category: string };

const valid: PrecisProperty = { kind: 'valid' };
const contextual: PrecisProperty = { kind: 'contextual' };
const disallowed = (category: string): PrecisProperty => ({ kind: 'disallowed', category });

/** RFC 8264 §9.6 (F), as RFC 5892 §2.6 writes them out. */
const exceptionsValid = /^[\u{df}\u{3c2}\u{6fd}\u{6fe}\u{f0b}\u{3007}]$/u;
const exceptionsContextual = /^[\u{b7}\u{375}\u{5f3}\u{5f4}\u{30fb}\u{660}-\u{669}\u{6f0}-\u{6f9}]$/u;
const exceptionsDisallowed = /^[\u{302e}\u{302f}\u{640}\u{7fa}\u{3031}-\u{3035}\u{303b}]$/u;
/** §9.9 (I): Hangul_Syllable_Type L, V or T. */
const oldHangulJamo = /^[\u{1100}-\u{11ff}\u{a960}-\u{a97c}\u{d7b0}-\u{d7c6}\u{d7cb}-\u{d7fb}]$/u;

/** The rules of §8 that follow HasCompat, in its order. */
const byGeneralCategory: readonly (readonly [RegExp, PrecisProperty])[] = [
  [/^[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]$/u, valid],
  [/^[\p{Lt}\p{Nl}\p{No}\p{Me}]$/u, disallowed('other-letter-digits')],
  [/^\p{Zs}$/u, disallowed('spaces')],
  [/^[\p{Sm}\p{Sc}\p{Sk}\p{So}]$/u, disallowed('symbols')],
  [/^[\p{Pc}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}]$/u, disallowed('punctuation')],
];

/** RFC 8264 §8, each line in the order that the RFC gives. `character` is one code point. */
export function precisProperty(character: string): PrecisProperty {
  if (exceptionsValid.test(character)) return valid;
  if (exceptionsContextual.test(character)) return contextual;
  if (exceptionsDisallowed.test(character)) return disallowed('exceptions');
  if (/^\p{Cn}$/u.test(character) && !/^\p{Noncharacter_Code_Point}$/u.test(character)) {
    return disallowed('unassigned');
  }
  if (/^[\u{21}-\u{7e}]$/u.test(character)) return valid;
  if (/^\p{Join_Control}$/u.test(character)) return contextual;
  if (oldHangulJamo.test(character)) return disallowed('old-hangul-jamo');
  if (/^[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$/u.test(character)) {
    return disallowed('ignorable');
  }
  if (/^\p{Cc}$/u.test(character)) return disallowed('controls');
  if (character.normalize('NFKC') !== character) return disallowed('compatibility');
  for (const [pattern, property] of byGeneralCategory) if (pattern.test(character)) return property;
  return disallowed('other');
}
