import { expect, test } from 'vitest';
import { createRecoveryPhrase, hexToBytes, parseRecoveryPhrase } from '@mycelium/protocol';
import { publicVectors } from '../vector-files.ts';

test('phrases of the public BIP-39 vectors', (context) => {
  const { english } = publicVectors('bip39.json', context) as {
    readonly english: readonly (readonly [string, string])[];
  };
  const short = english.filter(([entropy]) => entropy.length === 32);
  expect(short.length).toBeGreaterThan(3);
  for (const [entropy, phrase] of short) {
    expect(createRecoveryPhrase(hexToBytes(entropy)!)).toBe(phrase);
    expect(parseRecoveryPhrase(phrase)).toEqual({ ok: true, value: phrase });
  }
  for (const [, phrase] of english.filter(([entropy]) => entropy.length > 32)) {
    expect(parseRecoveryPhrase(phrase)).toMatchObject({ ok: false, refusal: { code: 'count' } });
  }
});

test('a phrase may be typed with any white space and in capitals', () => {
  const typed = `\n LEGAL winner thank year wave\tsausage worth useful legal winner  thank\u00a0Yellow `;
  expect(parseRecoveryPhrase(typed)).toMatchObject({ ok: true });
});

test('a wrong word is named by its place and not repeated', () => {
  const refused = parseRecoveryPhrase(
    'legal winner thank yaer wave sausage worth useful legal winner thank yelow',
  );
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'word' } });
  expect(JSON.stringify(refused)).toContain('words 4, 12');
  expect(JSON.stringify(refused)).not.toMatch(/yaer|yelow|legal/);
});

test('two words that changed places are refused', () => {
  const refused = parseRecoveryPhrase(
    'winner legal thank year wave sausage worth useful legal winner thank yellow',
  );
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'checksum' } });
});
