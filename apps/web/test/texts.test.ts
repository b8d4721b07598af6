// The catalogues: every language has every text, with the same values in it.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { compileMessageOrThrow } from '@lingui/message-utils/compileMessage';
import { expect, test } from 'vitest';

const folder = path.join(import.meta.dirname, '../src/texts');
const read = (name: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, string>;
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const english = read('en.json');

/** Names of the values that a text takes. */
const valuesIn = (text: string): readonly string[] =>
  [
    ...new Set(compileMessageOrThrow(text).flatMap((part) => (typeof part === 'string' ? [] : [part[0]]))),
  ].toSorted();

test.each(names)('%s has every text of en.json, with its values', (name) => {
  const texts = read(name);
  expect(Object.keys(texts).toSorted()).toEqual(Object.keys(english).toSorted());
  for (const [key, text] of Object.entries(texts)) {
    expect([key, valuesIn(text)]).toEqual([key, valuesIn(english[key] ?? '')]);
  }
});

test('every text is used, and every text that is used is there', () => {
  const source = readdirSync(path.join(folder, '..'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(path.join(folder, '..', name), 'utf8'))
    .join('\n');
  // Keys that are put together: their first words.
  const families = ['state.', 'trust.', 'relay.', 'settings.theme.', 'verify.', 'decision.', 'invite.'];
  const unused = Object.keys(english).filter(
    (key) => !source.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)),
  );
  expect(unused).toEqual([]);
});
