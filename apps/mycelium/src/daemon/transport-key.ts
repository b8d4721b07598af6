/** The seed of this installation's transport key: made once, 0600. It is in no public record beside an account. */
import { bytesToHex, hexToBytes } from '@mycelium/protocol';
import type { Randomness } from '@mycelium/runtime';
import { FailedError } from '../failures.ts';
import { readPrivate, writePrivate } from './private-files.ts';

const seedBytes = 32;

export function openTransportKey(file: string, randomness: Randomness): Uint8Array {
  const text = readPrivate(file);
  if (text === undefined) {
    const seed = randomness.bytes(seedBytes);
    writePrivate(file, `${bytesToHex(seed)}\n`);
    return seed;
  }
  const seed = hexToBytes(text.trim());
  if (seed?.length === seedBytes) return seed;
  throw new FailedError(
    'transport-key',
    `${file} is damaged. Put back a copy; or delete it, and this device gets another transport key.`,
  );
}
