/** What every connection to the API has to bring first: new at each start, in a file that is its owner's alone. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { writePrivate } from './private-files.ts';

export interface ApiToken {
  is(given: string): boolean;
  /** Nobody finds it any more. */
  remove(): void;
}

export function makeApiToken(file: string): ApiToken {
  const token = randomBytes(32).toString('base64url');
  const hash = sha256(token);
  writePrivate(file, `${token}\n`);
  return {
    // Hashes have one length, so that the comparison takes one time.
    is: (given) => timingSafeEqual(sha256(given), hash),
    remove: () => rmSync(file, { force: true }),
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
