/**
 * The name of a queue (spec/mail.md, "Routes"): a function of the two keys that may open it, so that neither can
 * be swapped for another and nobody can claim a queue that is not theirs.
 */
import type { Route } from '../brands.ts';
import type { Primitives } from '../primitives.ts';

export const routeBytes = 16;

/** First 16 bytes of `SHA-256(reader public key ‖ owner public key)`. */
export function routeOf(
  primitives: Pick<Primitives, 'sha256'>,
  readerPublicKey: Uint8Array,
  ownerPublicKey: Uint8Array,
): Route {
  return primitives.sha256(readerPublicKey, ownerPublicKey).slice(0, routeBytes) as Route;
}

/** The 16 bytes at `at` as a string, for keys of maps: one character a byte, not for display. */
export function routeKey(bytes: Uint8Array, at = 0): string {
  let key = '';
  for (let index = at; index < at + routeBytes; index += 1) key += String.fromCharCode(bytes[index] ?? 0);
  return key;
}

export function routeFromKey(key: string): Route {
  return Uint8Array.from(key, (character) => character.charCodeAt(0)) as Route;
}
