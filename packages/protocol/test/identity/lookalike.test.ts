import { expect, test } from 'vitest';
import { parseAddress, reportLookalike, unwrap } from '@mycelium/protocol';

const report = (text: string): ReturnType<typeof reportLookalike> =>
  reportLookalike(unwrap(parseAddress(text)));

test('plain addresses are nobody else', () => {
  for (const text of [
    'alice@example.com',
    'fußball@example.com',
    'ольга@пример.example',
    'アリス漢字a@example.com',
  ]) {
    expect(report(text), text).toEqual({ mixedScripts: false, looksLike: undefined });
  }
});

test('a Cyrillic letter in a Latin name is told with what it looks like', () => {
  expect(report('\u0430lice@example.com')).toEqual({ mixedScripts: true, looksLike: 'alice@example.com' });
});

test('a name all in Cyrillic that reads as Latin is told too', () => {
  expect(report('\u0441\u043e\u0440@example.com')).toEqual({
    mixedScripts: false,
    looksLike: 'cop@example.com',
  });
});

test('the domain is looked at in its own letters', () => {
  expect(report('alice@ex\u0430mple.com')).toEqual({ mixedScripts: true, looksLike: 'alice@example.com' });
});
