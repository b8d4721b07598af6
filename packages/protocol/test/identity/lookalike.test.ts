import { expect, test } from 'vitest';
import { addressSkeleton, parseAddress, reportLookalike, unwrap } from '@mycelium/protocol';

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

test('addresses that people take for one another have one skeleton', () => {
  const skeleton = (text: string): string => addressSkeleton(unwrap(parseAddress(text)));
  for (const [one, other] of [
    ['alice@example.com', '\u0430lice@example.com'],
    ['alice@example.com', 'a1ice@example.com'],
    ['bob@example.com', 'b0b@examp1e.com'],
    ['carmen@example.com', 'carrnen@example.com'],
    ['wim@example.com', 'vvim@exarnple.com'],
    ['alice@example.com', 'alice@ex\u0430mple.com'],
    ['cop@example.com', '\u0441\u043e\u0440@example.com'],
  ] as const)
    expect(skeleton(one), `${one} ${other}`).toBe(skeleton(other));
  for (const [one, other] of [
    ['alice@example.com', 'alica@example.com'],
    ['bob@example.com', 'bob@example.org'],
    ['jose@example.com', 'jos\u00e9@example.com'],
  ] as const)
    expect(skeleton(one)).not.toBe(skeleton(other));
});

test('what is invisible or turns the writing round is in no address', () => {
  for (const hidden of [
    '\u200b',
    '\u200e',
    '\u202e',
    '\u2066',
    '\u00ad',
    '\u3164',
    '\u115f',
    '\ufeff',
    '\u034f',
  ]) {
    const name = parseAddress(`a${hidden}b@example.com`);
    expect(
      name.ok && name.value.text !== 'ab@example.com',
      `name U+${hidden.charCodeAt(0).toString(16)}`,
    ).toBe(false);
    const domain = parseAddress(`ab@exa${hidden}mple.com`);
    expect(
      domain.ok && domain.value.text !== 'ab@example.com',
      `domain U+${hidden.charCodeAt(0).toString(16)}`,
    ).toBe(false);
  }
});
