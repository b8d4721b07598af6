/**
 * What a directory node holds, in one file: a magic line, then for each record the network it counts for (u8 length)
 * and the record (u16 length). Written to a new file beside it and renamed. Records prove themselves, so a file that
 * was cut or damaged costs only what is damaged.
 */
import { createReadStream } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { ByteWriter, claimRecordBytes, decodeUtf8, encodeUtf8, type ClaimTable } from '@mycelium/protocol';

const magic = encodeUtf8('mycelium claims 1\n');
const networkBytesMax = 64;
/** Written at once; the loop goes on in between. */
const writtenAtOnceBytes = 262_144;

/** Puts what the file has into the table. Answers how many records were taken; no file is none. */
export async function readClaimFile(file: string, table: ClaimTable, nowMs: number): Promise<number> {
  let taken = 0;
  for await (const { network, record } of entriesOf(file)) {
    if (table.put(record, network, nowMs).ok) taken += 1;
  }
  return taken;
}

/** All or nothing, and on disk when it resolves. */
export async function writeClaimFile(file: string, table: ClaimTable, nowMs: number): Promise<void> {
  const next = `${file}.new`;
  const handle = await open(next, 'w', 0o600);
  try {
    let writer = new ByteWriter(writtenAtOnceBytes).bytes(magic);
    let filled = magic.length;
    for (const { bytes, network } of table.entries(nowMs)) {
      const name = encodeUtf8(network).subarray(0, networkBytesMax);
      writer.vector8(name).vector16(bytes);
      filled += name.length + bytes.length + 3;
      if (filled < writtenAtOnceBytes) continue;
      await handle.writeFile(writer.finish());
      writer = new ByteWriter(writtenAtOnceBytes);
      filled = 0;
    }
    await handle.writeFile(writer.finish());
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(next).catch(() => undefined);
    throw error;
  }
  await handle.close();
  await rename(next, file);
}

interface Entry {
  readonly network: string;
  readonly record: Uint8Array;
}

/** Ends at the first thing that is no entry: what comes after it cannot be told apart. */
async function* entriesOf(file: string): AsyncGenerator<Entry> {
  let left: Uint8Array = new Uint8Array();
  let started = false;
  for await (const chunk of chunksOf(file)) {
    let bytes: Uint8Array = Buffer.concat([left, chunk]);
    if (!started) {
      if (bytes.length < magic.length) {
        left = bytes;
        continue;
      }
      if (!magic.every((byte, at) => bytes[at] === byte)) return;
      started = true;
      bytes = bytes.subarray(magic.length);
    }
    for (let entry = readEntry(bytes); entry !== undefined; entry = readEntry(bytes)) {
      if (entry === 'broken') return;
      yield entry;
      bytes = bytes.subarray(entry.length);
    }
    left = bytes;
  }
}

/** Undefined: not all of it is here yet. */
function readEntry(bytes: Uint8Array): (Entry & { readonly length: number }) | 'broken' | undefined {
  const nameLength = bytes[0];
  if (nameLength === undefined) return undefined;
  if (nameLength > networkBytesMax) return 'broken';
  const length = nameLength + 3 + claimRecordBytes;
  if (bytes.length < length) return undefined;
  const at = 1 + nameLength;
  if ((bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256 !== claimRecordBytes) return 'broken';
  const network = decodeUtf8(bytes.subarray(1, at));
  if (network === undefined) return 'broken';
  return { network, record: bytes.slice(at + 2, length), length };
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: writtenAtOnceBytes });
  try {
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    // The first start: there is no file yet.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
