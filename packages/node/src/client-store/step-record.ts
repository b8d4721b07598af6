/** A record of a step log in the clear (step-log.ts): the writes of one commit. */
import type { PlainWrite } from './memory-rows.ts';

const [kindPut, kindDelete] = [0, 1];
const [nameLengthMax, keyLengthMax] = [0xff, 0xffff];

/** The bytes, and the same writes as views of them. */
export function encodeWrites(writes: readonly PlainWrite[]): {
  readonly bytes: Uint8Array;
  readonly writes: readonly PlainWrite[];
} {
  let length = 0;
  for (const { table, key, value } of writes) {
    length += 4 + Buffer.byteLength(table) + key.length + (value === undefined ? 0 : 4 + value.length);
  }
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  const kept = writes.map(({ table, key, value }): PlainWrite => {
    bytes[at] = value === undefined ? kindDelete : kindPut;
    const nameLength = bytes.write(table, at + 2);
    bytes[at + 1] = nameLength;
    at += 2 + nameLength;
    bytes.writeUInt16LE(key.length, at);
    const keptKey = put(bytes, key, at + 2);
    at += 2 + key.length;
    if (value === undefined) return { table, key: keptKey, value };
    bytes.writeUInt32LE(value.length, at);
    const keptValue = put(bytes, value, at + 4);
    at += 4 + value.length;
    return { table, key: keptKey, value: keptValue };
  });
  return { bytes, writes: kept };
}

function put(bytes: Buffer, part: Uint8Array, at: number): Uint8Array {
  bytes.set(part, at);
  return new Uint8Array(bytes.buffer, at, part.length);
}

/** Of names and keys that records have room for; misuse, which no disk mends. */
export function assertFits(table: string, key: Uint8Array): void {
  // Three bytes at most for each unit.
  const isLong = table.length * 3 > nameLengthMax && Buffer.byteLength(table) > nameLengthMax;
  if (isLong || key.length > keyLengthMax)
    throw new RangeError('client store: a table has a name of at most 255 bytes, a key at most 65,535');
}

/** Writes are views of `bytes`. */
export function* decodeWrites(bytes: Uint8Array): Generator<PlainWrite> {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < record.length;) {
    const kind = record.readUInt8(at);
    const nameEnd = at + 2 + record.readUInt8(at + 1);
    const table = record.toString('utf8', at + 2, nameEnd);
    const keyEnd = nameEnd + 2 + record.readUInt16LE(nameEnd);
    const key = bytes.subarray(nameEnd + 2, keyEnd);
    if (kind === kindDelete) {
      yield { table, key, value: undefined };
      at = keyEnd;
      continue;
    }
    const valueEnd = keyEnd + 4 + record.readUInt32LE(keyEnd);
    yield { table, key, value: bytes.subarray(keyEnd + 4, valueEnd) };
    at = valueEnd;
  }
}
