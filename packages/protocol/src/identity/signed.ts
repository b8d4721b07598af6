/** What every signature of the protocol covers: its own context string, a zero byte, and the message (spec/identity.md). */
import { concatBytes } from '../bytes/compare.ts';
import { encodeUtf8 } from '../bytes/writer.ts';

const zero = new Uint8Array(1);

export function signedBytes(context: string, message: Uint8Array): Uint8Array {
  return concatBytes(encodeUtf8(context), zero, message);
}
