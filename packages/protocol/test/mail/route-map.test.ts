// A map that is copied with every change must still be a map, and a change must not cost what the map is long.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RouteMap } from '../../src/mail/route-map.ts';

/** Few different bytes, so that keys begin alike and branches grow. */
const keys = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0xff), { minLength: 16, maxLength: 16 })
  .map((bytes) => String.fromCharCode(...bytes));

test('it holds what a Map holds after the same changes, and earlier maps stay as they were', () => {
  const changes = fc.array(fc.tuple(keys, fc.option(fc.nat(), { nil: undefined })), { maxLength: 200 });
  fc.assert(
    fc.property(changes, (list) => {
      let map = RouteMap.empty<number>();
      const model = new Map<string, number>();
      const before: [RouteMap<number>, number][] = [];
      for (const [key, value] of list) {
        before.push([map, map.size]);
        map = value === undefined ? map.without(key) : map.with(key, value);
        if (value === undefined) model.delete(key);
        else model.set(key, value);
        expect([map.get(key), map.has(key), map.size]).toEqual([value, value !== undefined, model.size]);
      }
      expect(new Map(map)).toEqual(model);
      for (const [earlier, size] of before) expect([...earlier]).toHaveLength(size);
    }),
  );
});

test('going from key to key comes round to each of them once, in their order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(keys, { minLength: 1, maxLength: 60 }), keys, (list, from) => {
      let map = RouteMap.empty<true>();
      for (const key of list) map = map.with(key, true);
      const seen: string[] = [];
      for (let key = map.keyAfter(from); seen.length < list.length && key !== undefined;) {
        seen.push(key);
        key = map.keyAfter(key);
      }
      const sorted = list.toSorted();
      const start = sorted.findIndex((key) => key > from);
      const expected = start < 0 ? sorted : [...sorted.slice(start), ...sorted.slice(0, start)];
      expect(seen).toEqual(expected);
    }),
  );
});

test('no key is next where there is none', () => {
  expect(RouteMap.empty().keyAfter('')).toBeUndefined();
});
