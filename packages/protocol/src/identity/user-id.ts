/**
 * User ids: 32 bytes from an address alone (spec/identity.md, "User ids"). Byte 0 is the form, the others hold the
 * address itself (packed) or a hash of it (hashed). An id proves nothing; only the account key does.
 */
import { encodeUtf8 } from '../bytes/writer.ts';
import { concatBytes } from '../bytes/compare.ts';
import type { UserId } from '../brands.ts';
import { userIdForms } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import type { Primitives } from '../primitives.ts';
import { packedAddressMax } from '../limits.ts';
import { parseCanonicalAddress, type Address } from './address.ts';

/** Symbol at index i has the digit i + 1: bijective numeration, so no two texts are one number. */
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789.-_+@';
const base = 41n;
const where = 'user-id';

export function userIdOf(primitives: Primitives, address: Address): UserId {
  return (packAddress(address.text) ?? hashAddress(primitives, address.text)) as UserId;
}

/** The address that a packed id is. Hashed ids cannot be turned back. */
export function addressOf(id: UserId): Result<Address> {
  if (id[0] === userIdForms.hashed) return refuse('hashed', where, 'is of the packed form to be turned back');
  const text = unpack(id);
  if (text === undefined) return refuse('canonical', where, 'holds at most 46 symbols');
  const address = parseCanonicalAddress(text);
  return address.ok ? address : refuse('canonical', where, 'holds an address in its canonical form');
}

/** An id from outside: length, form, and for packed ids that an address has exactly this id. */
export function parseUserId(bytes: Uint8Array): Result<UserId> {
  if (bytes.length !== 32) return refuse('length', where, 'is 32 bytes');
  const id = bytes.slice() as UserId;
  if (id[0] === userIdForms.hashed) return accept(id);
  if (id[0] !== userIdForms.packed) return refuse('form', where, 'has the form 1 (packed) or 2 (hashed)');
  const address = addressOf(id);
  return address.ok ? accept(id) : address;
}

function packAddress(text: string): Uint8Array | undefined {
  if (text.length > packedAddressMax) return undefined;
  let number = 0n;
  for (const symbol of text) {
    const digit = alphabet.indexOf(symbol) + 1;
    if (digit === 0) return undefined;
    number = number * base + BigInt(digit);
  }
  const id = new Uint8Array(32);
  id[0] = userIdForms.packed;
  for (let at = 1; at < 32; at += 1) {
    id[at] = Number(number & 0xffn);
    number >>= 8n;
  }
  return id;
}

function unpack(id: Uint8Array): string | undefined {
  let number = 0n;
  for (let at = 31; at >= 1; at -= 1) number = (number << 8n) | BigInt(id[at] ?? 0);
  let text = '';
  while (number > 0n) {
    if (text.length === packedAddressMax) return undefined;
    const digit = number % base === 0n ? base : number % base;
    text = `${alphabet.charAt(Number(digit) - 1)}${text}`;
    number = (number - digit) / base;
  }
  return text;
}

function hashAddress(primitives: Primitives, text: string): Uint8Array {
  const form = Uint8Array.of(userIdForms.hashed);
  const digest = primitives.sha256(
    encodeUtf8('mycelium user id 1'),
    Uint8Array.of(0),
    form,
    encodeUtf8(text),
  );
  return concatBytes(form, digest.subarray(0, 31));
}
