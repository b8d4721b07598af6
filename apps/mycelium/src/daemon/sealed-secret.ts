/**
 * A secret of 32 bytes under a passphrase, as it stands in a file: Argon2id (RFC 9106), then ChaCha20-Poly1305 under that
 * key, which seals this one thing and so needs no nonce.
 */
import { bytesToHex, encodeUtf8, hexToBytes, type Primitives } from '@mycelium/protocol';
import type { Randomness } from '@mycelium/runtime';

export interface SealedSecret {
  readonly salt: Uint8Array;
  readonly memoryBytes: number;
  readonly passes: number;
  readonly sealed: Uint8Array;
}

export interface SealParts {
  readonly primitives: Primitives;
  readonly randomness: Randomness;
}

export const secretBytes = 32;
const saltBytes = 16;
const tagBytes = 16;
/** About a quarter of a second on a laptop of 2020. */
const cost = { memoryBytes: 134_217_728, passes: 3 } as const;
/** A file that asks for more was not written by us. */
const costMax = { memoryBytes: 2_147_483_648, passes: 64 } as const;

/** `context`: what it is for, so that nothing sealed for one purpose is opened for another. */
export function sealSecret(
  { primitives, randomness }: SealParts,
  context: string,
  passphrase: string,
  secret: Uint8Array,
): SealedSecret {
  const made = { salt: randomness.bytes(saltBytes), ...cost };
  const sealing = sealingKey(primitives, passphrase, made);
  const sealed = new Uint8Array(secretBytes + tagBytes);
  primitives.seal(sealed, secret, associated(context, made), new Uint8Array(12), sealing);
  primitives.wipe(sealing);
  return { ...made, sealed };
}

/** Undefined: the passphrase is wrong, or the file was changed. */
export function openSecret(
  primitives: Primitives,
  context: string,
  passphrase: string,
  secret: SealedSecret,
): Uint8Array | undefined {
  const plain = new Uint8Array(secretBytes);
  const sealing = sealingKey(primitives, passphrase, secret);
  const opened = primitives.open(
    plain,
    secret.sealed,
    associated(context, secret),
    new Uint8Array(12),
    sealing,
  );
  primitives.wipe(sealing);
  return opened ? plain : undefined;
}

export function formatSealedSecret({ salt, memoryBytes, passes, sealed }: SealedSecret): object {
  return { salt: bytesToHex(salt), memoryBytes, passes, sealed: bytesToHex(sealed) };
}

export function parseSealedSecret(read: Readonly<Record<string, unknown>>): SealedSecret | undefined {
  const whole = (field: 'memoryBytes' | 'passes'): number | undefined => {
    const value = read[field];
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= costMax[field]
      ? value
      : undefined;
  };
  const salt = hexField(read, 'salt', saltBytes);
  const sealed = hexField(read, 'sealed', secretBytes + tagBytes);
  const [memoryBytes, passes] = [whole('memoryBytes'), whole('passes')];
  if (!salt || !sealed || memoryBytes === undefined || passes === undefined) return undefined;
  return { salt, memoryBytes, passes, sealed };
}

/** Bytes in hexadecimal, of this length. */
export function hexField(
  read: Readonly<Record<string, unknown>>,
  field: string,
  length: number,
): Uint8Array | undefined {
  const value = read[field];
  const decoded = typeof value === 'string' ? hexToBytes(value) : undefined;
  return decoded?.length === length ? decoded : undefined;
}

function sealingKey(
  primitives: Primitives,
  passphrase: string,
  { salt, memoryBytes, passes }: Omit<SealedSecret, 'sealed'>,
): Uint8Array {
  const text = encodeUtf8(passphrase.normalize('NFKC'));
  const key = primitives.argon2id(text, salt, memoryBytes, passes, secretBytes);
  primitives.wipe(text);
  return key;
}

/** What the passphrase was asked for, so that nobody makes it cheaper in the file. */
function associated(context: string, { memoryBytes, passes }: Omit<SealedSecret, 'sealed'>): Uint8Array {
  return encodeUtf8(`${context} ${memoryBytes} ${passes}`);
}
