import { bytesToHex } from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyMap } from '../src/store/key-map.ts';

test('A key map holds what a map from text holds', () => {
  const key = fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.map((byte) => byte % 4));
  const deed = fc.record({ key, value: fc.option(fc.nat(), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(deed), (deeds) => {
      const map = new KeyMap<number>();
      const naive = new Map<string, number>();
      for (const { key: at, value } of deeds) {
        if (value === undefined) map.delete(at);
        else map.set(at, value);
        if (value === undefined) naive.delete(bytesToHex(at));
        else naive.set(bytesToHex(at), value);
      }
      for (const { key: at } of deeds) expect(map.get(at)).toBe(naive.get(bytesToHex(at)));
      expect(map.size).toBe(naive.size);
      expect(new Set(map.values())).toEqual(new Set(naive.values()));
    }),
  );
});

test('Among so many keys some have the same hash: each keeps its own value', () => {
  const map = new KeyMap<number>();
  const count = 200_000;
  const keyOf = (at: number): Uint8Array => Uint8Array.of(at & 255, (at >> 8) & 255, at >> 16, 7);
  for (let at = 0; at < count; at += 1) map.set(keyOf(at), at);
  for (let at = 1; at < count; at += 2) map.delete(keyOf(at));
  let right = 0;
  for (let at = 0; at < count; at += 1)
    if (map.get(keyOf(at)) === (at % 2 === 0 ? at : undefined)) right += 1;
  expect([right, map.size]).toEqual([count, count / 2]);
});
