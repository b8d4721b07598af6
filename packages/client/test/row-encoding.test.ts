import * as cborg from 'cborg';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRow, encodeRow } from '../src/store/row-encoding.ts';
import { rowNames } from '../src/store/row-names.ts';

const name = fc.oneof(fc.constantFrom(...rowNames), fc.string({ unit: 'grapheme', maxLength: 12 }));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.maxSafeNat(),
    fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
    fc.double({ noNaN: true }),
    fc.bigInt(0n, (1n << 64n) - 1n),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(tie('any'), { maxLength: 30 }),
    fc.dictionary(name, tie('any'), { maxKeys: 30, noNullPrototype: true }),
  ),
})).any;

test('A row that was written is read as it was', () => {
  fc.assert(
    fc.property(value, (row) => {
      expect(decodeRow(encodeRow(row))).toEqual(row);
    }),
  );
});

test('What is written is CBOR, with numbers for the names of fields', () => {
  const numbers = new Map(rowNames.map((known, at) => [known, at]));
  const withNumbers = (row: unknown): unknown => {
    if (Array.isArray(row)) return row.map(withNumbers);
    if (typeof row !== 'object' || row === null || row instanceof Uint8Array) return row;
    return new Map(
      Object.entries(row).map(([field, held]) => [numbers.get(field) ?? field, withNumbers(held)]),
    );
  };
  const tags = {
    2: (read: () => unknown) => (read() as Uint8Array).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  };
  const asMaps = (row: unknown): unknown => {
    if (Array.isArray(row)) return row.map(asMaps);
    return row instanceof Map ? new Map([...row].map(([key, held]) => [key, asMaps(held)])) : row;
  };
  fc.assert(
    fc.property(value, (row) => {
      const read: unknown = cborg.decode(encodeRow(row), { useMaps: true, tags });
      expect(asMaps(read)).toEqual(withNumbers(row));
    }),
  );
});

test('Rows with names in text, as stores had them at first, are read alike', () => {
  const row = {
    id: Uint8Array.of(1, 2),
    text: 'Grüß dich',
    timeMs: 1_800_000_000_000,
    list: [{ lost: true }],
  };
  expect(decodeRow(cborg.encode(row))).toEqual(row);
});

test('The names keep their numbers, and each has one', () => {
  expect(new Set(rowNames).size).toBe(rowNames.length);
  expect([rowNames[0], rowNames[7], rowNames[20], rowNames[66]]).toEqual([
    'id',
    'timeMs',
    'eventId',
    'attempts',
  ]);
});

test('What is not whole, or of another kind than rows, is a bug that shows', () => {
  const encoded = encodeRow({ id: Uint8Array.of(1, 2, 3), text: 'whole' });
  for (let length = 0; length < encoded.length; length += 1)
    expect(() => decodeRow(encoded.subarray(0, length))).toThrow('all its bytes');
  expect(() => decodeRow(Uint8Array.of(0x9f, 0xff))).toThrow('indefinite');
  expect(() => decodeRow(Uint8Array.of(0xc1, 0x00))).toThrow('tag');
  expect(() => encodeRow({ call: () => undefined })).toThrow('plain data');
});
