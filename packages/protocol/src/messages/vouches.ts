/** Kind 134, vouch (spec/messages.md): vouches and revocations of the writer's account, signed each for itself. */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { vouchBytesMax, vouchesPerMessageMax } from '../limits.ts';

/** At most 16. */
export function encodeVouches(vouches: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(512).u8(vouches.length);
  for (const vouch of vouches) writer.vector16(vouch);
  return writer.finish();
}

/** `verifyVouch` judges each. */
export function decodeVouches(body: Uint8Array): Result<readonly Uint8Array[]> {
  return decode(body, 'vouches', (reader) => {
    const count = reader.u8('count');
    if (count === 0 || count > vouchesPerMessageMax)
      reader.refuse('count', 'length', `has 1 to ${vouchesPerMessageMax} elements`);
    return Array.from({ length: count }, () => reader.vector16('vouch', vouchBytesMax));
  });
}
