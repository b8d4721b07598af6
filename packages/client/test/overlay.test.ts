import { bytesToHex, compareBytes } from '@mycelium/protocol';
import { createMemoryClientStore } from '@mycelium/simulation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Overlay } from '../src/loop/overlay.ts';

const key = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte % 3));
const change = fc.record({
  key,
  value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 1 }), { nil: undefined }),
});
const bound = fc.option(key, { nil: undefined });

test('Changes over changes over a store read like the store that has them all', () => {
  const layers = fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 3 });
  const ranges = fc.record({
    from: bound,
    to: bound,
    reverse: fc.boolean(),
    limit: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(layers, ranges, (wished, { from, to, reverse, limit }) => {
      const store = createMemoryClientStore();
      const naive = new Map<string, { key: Uint8Array; value: Uint8Array }>();
      let top: Overlay | undefined;
      for (const [at, changes] of wished.entries()) {
        const layer: Overlay = new Overlay(top ?? store);
        for (const one of changes) {
          if (one.value === undefined) naive.delete(bytesToHex(one.key));
          else naive.set(bytesToHex(one.key), { key: one.key, value: one.value });
          layer.change('t', one.key, one.value);
        }
        // The first layer is committed, the others stay as they are.
        if (at === 0) store.commit(layer.writes());
        else top = layer;
      }
      const range = {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(limit === undefined ? {} : { limit }),
        reverse,
      };
      const expected = [...naive.values()]
        .filter((row) => from === undefined || compareBytes(row.key, from) >= 0)
        .filter((row) => to === undefined || compareBytes(row.key, to) < 0)
        .toSorted((left, right) => compareBytes(left.key, right.key) * (reverse ? -1 : 1))
        .slice(0, limit);
      const read = (top ?? store)
        .scan('t', range)
        .map(({ key: name, value }) => [bytesToHex(name), bytesToHex(value)]);
      expect(read).toEqual(expected.map((row) => [bytesToHex(row.key), bytesToHex(row.value)]));
    }),
    { numRuns: 300 },
  );
});
