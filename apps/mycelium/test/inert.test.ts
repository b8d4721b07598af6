import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inertJson, inertLine, inertText } from '../src/terminal/inert.ts';

// oxlint-disable-next-line no-control-regex
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

test('what drives a terminal is shown as what it is', () => {
  expect(inertLine('a\u001b]0;owned\u0007b')).toBe('a␛]0;owned␇b');
  expect(inertLine('a\u009b31mb\u007f')).toBe('a<U+009B>31mb␡');
  expect(inertLine('one\ntwo\tthree')).toBe('one␊two␉three');
  expect(inertText('one\r\ntwo\rthree')).toBe('one\n    two␍three');
});

test('writing cannot be turned around or hidden', () => {
  expect(inertLine('invoice\u202efdp.exe')).toBe('invoice<U+202E>fdp.exe');
  expect(inertLine('a\u2066b\u2069c\u200bd\u{e0041}e')).toBe('a<U+2066>b<U+2069>c<U+200B>d<U+E0041>e');
});

test('letters that show nothing are shown', () => {
  for (const blank of ['\u034f', '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0'])
    expect(inertLine(`a${blank}b`)).toMatch(/^a<U\+[0-9A-F]{4}>b$/);
});

test('other writing stays as it is', () => {
  for (const text of ['Grüße, Ελλάδα, שלום, 日本語', 'e\u0301', '👩\u200d👩\u200d👧 👍🏽', 'می\u200cخواهم']) {
    expect(inertText(text)).toBe(text);
  }
});

test('no text at all leaves anything harmful', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(inertLine(text)).not.toMatch(harmful);
      expect(inertText(text)).not.toMatch(harmful);
      const json = inertJson({ text });
      expect(json).not.toMatch(harmful);
      expect(json).not.toContain('\n');
      expect(JSON.parse(json)).toEqual({ text });
    }),
    { numRuns: 200 },
  );
});
