import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '@mycelium/protocol';

test('a writer that has to grow in the middle of any field writes it whole', () => {
  for (let hint = 0; hint < 24; hint += 1) {
    const writer = new ByteWriter(hint);
    writer.u8(1).u16(2).u32(3).u64(4n).bytes(Uint8Array.of(5, 6)).vector8(Uint8Array.of(7)).text('ü');
    const reader = new ByteReader(writer.finish(), 'grown');
    expect([reader.u8('a'), reader.u16('b'), reader.u32('c'), reader.u64('d')]).toEqual([1, 2, 3, 4n]);
    expect([...reader.bytes('e', 2), ...reader.vector8('f', 1)]).toEqual([5, 6, 7]);
    expect(reader.text('g', 2)).toBe('ü');
    expect(reader.left).toBe(0);
  }
});
