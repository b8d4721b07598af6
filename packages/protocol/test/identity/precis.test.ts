import { expect, test } from 'vitest';
import { parseAddress } from '@mycelium/protocol';
import { parseName } from '../../src/identity/name.ts';
import { unicodeTables } from '../../src/identity/unicode-tables.ts';
import { publicVectors } from '../vector-files.ts';

interface PrecisVector {
  readonly input: string;
  readonly output: string | null;
}

test('names map and are refused as the public PRECIS vectors say', (context) => {
  const vectors = publicVectors('precis-username-case-mapped.json', context) as readonly PrecisVector[];
  for (const { input, output } of vectors) {
    const name = parseName(input);
    expect(name.ok ? name.value : null, JSON.stringify(input)).toBe(output);
  }
});

test('no naughty string crashes the parser, and what is taken is canonical', (context) => {
  const strings = publicVectors('naughty-strings.json', context) as readonly string[];
  for (const text of strings) {
    for (const input of [text, `${text}@example.com`, `alice@${text}`]) {
      const address = parseAddress(input);
      if (!address.ok) expect(address.refusal.where).toMatch(/^address/);
      else expect(parseAddress(address.value.text)).toEqual(address);
    }
  }
});

test('a refusal names the field and the rule, and never the text', () => {
  for (const input of [
    's3cret\u0000name@example.com',
    's3cret@s3cret@example.com',
    's3cret@s3cret..com',
    `s3cret${'x'.repeat(80)}@a.b`,
  ]) {
    const address = parseAddress(input);
    expect(address).toMatchObject({ ok: false });
    expect(JSON.stringify(address)).not.toContain('s3cret');
  }
});

test('digits of the two Arabic sets do not meet in one name', () => {
  expect(parseName('\u0661\u0662').ok).toBe(false); // RFC 5893: a name does not begin with a number
  expect(parseName('\u0627\u0661').ok).toBe(true);
  expect(parseName('\u0627\u06f1').ok).toBe(true);
  expect(parseName('\u0627\u0661\u06f1')).toMatchObject({ ok: false, refusal: { code: 'context' } });
});

test('joiners stand only where their script uses them', () => {
  expect(parseName('\u0915\u094d\u200d\u0937').ok).toBe(true);
  expect(parseName('\u0915\u094d\u200c\u0937').ok).toBe(true);
  expect(parseName('\u0646\u0627\u0645\u0647\u200c\u0627\u06cc').ok).toBe(true);
  expect(parseName('a\u200cb')).toMatchObject({ ok: false, refusal: { code: 'context' } });
  expect(parseName('a\u200db')).toMatchObject({ ok: false, refusal: { code: 'context' } });
});

test('the tables inside tr46 are those that names were written for', () => {
  const known = {
    bidiDomain: ['\u05d0', 'a'],
    bidiS1RTL: ['\u0627', '1'],
    bidiS1LTR: ['a', '\u05d0'],
    bidiS4EN: ['1', 'a'],
    bidiS4AN: ['\u0661', '1'],
    combiningClassVirama: ['\u094d', 'a'],
  } as const;
  for (const [name, [inside, outside]] of Object.entries(known)) {
    const table = unicodeTables[name as keyof typeof known];
    expect(table.test(inside), name).toBe(true);
    expect(table.test(outside), name).toBe(false);
    expect(table.flags, 'a sticky or global pattern would remember its last match').toBe('u');
  }
});
