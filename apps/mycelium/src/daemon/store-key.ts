/**
 * Custody of the key that encrypts the store. Either the key lies in `store.key`, readable by its owner alone: then
 * the disk is only as safe as that file. Or `store.key` holds it sealed under a passphrase: Argon2id (RFC 9106), then
 * ChaCha20-Poly1305 under that key, which seals this one thing and so needs no nonce.
 */
import { hexToBytes, bytesToHex, encodeUtf8, type Primitives } from '@mycelium/protocol';
import type { Randomness } from '@mycelium/runtime';
import { FailedError } from '../failures.ts';
import { readPrivate, writePrivate } from './private-files.ts';

export type Custody = 'none' | 'file' | 'passphrase';

const keyBytes = 32;
const saltBytes = 16;
/** About a quarter of a second on a laptop of 2020. */
const cost = { memoryBytes: 134_217_728, passes: 3 } as const;
/** A file that asks for more was not written by us. */
const costMax = { memoryBytes: 2_147_483_648, passes: 64 } as const;

type KeyFile =
  | { readonly kind: 'file'; readonly key: Uint8Array }
  | {
      readonly kind: 'passphrase';
      readonly salt: Uint8Array;
      readonly memoryBytes: number;
      readonly passes: number;
      readonly sealed: Uint8Array;
    };

interface Parts {
  readonly primitives: Primitives;
  readonly randomness: Randomness;
}

export function custodyOf(file: string): Custody {
  return readKeyFile(file)?.kind ?? 'none';
}

/**
 * The key of the store; made when there is none, and then sealed when there is a passphrase.
 * @throws FailedError `wrong-passphrase`, `passphrase-needed`, `no-passphrase`, `store-key`
 */
export function openStoreKey(file: string, passphrase: string | undefined, parts: Parts): Uint8Array {
  const found = readKeyFile(file);
  if (found === undefined) return makeStoreKey(file, passphrase, parts);
  if (found.kind === 'file') {
    if (passphrase === undefined) return found.key;
    throw new FailedError(
      'no-passphrase',
      `The store opens without a passphrase: its key is in ${file}. A passphrase is chosen when the data folder is made.`,
    );
  }
  if (passphrase === undefined) {
    throw new FailedError(
      'passphrase-needed',
      'The store opens with a passphrase. Give it with --passphrase-file FILE, or start this at a terminal.',
    );
  }
  const key = new Uint8Array(keyBytes);
  const sealing = sealingKey(passphrase, found, parts.primitives);
  const opened = parts.primitives.open(key, found.sealed, associated(found), new Uint8Array(12), sealing);
  parts.primitives.wipe(sealing);
  if (!opened) throw new FailedError('wrong-passphrase', 'The passphrase is wrong. Nothing was changed.');
  return key;
}

function makeStoreKey(
  file: string,
  passphrase: string | undefined,
  { primitives, randomness }: Parts,
): Uint8Array {
  const key = randomness.bytes(keyBytes);
  if (passphrase === undefined) {
    writePrivate(file, `${JSON.stringify({ version: 1, kind: 'file', key: bytesToHex(key) })}\n`);
    return key;
  }
  const made = { salt: randomness.bytes(saltBytes), ...cost };
  const sealing = sealingKey(passphrase, made, primitives);
  const sealed = new Uint8Array(keyBytes + 16);
  primitives.seal(sealed, key, associated(made), new Uint8Array(12), sealing);
  primitives.wipe(sealing);
  const { salt, memoryBytes, passes } = made;
  const text = {
    version: 1,
    kind: 'passphrase',
    salt: bytesToHex(salt),
    memoryBytes,
    passes,
    sealed: bytesToHex(sealed),
  };
  writePrivate(file, `${JSON.stringify(text)}\n`);
  return key;
}

interface Sealing {
  readonly salt: Uint8Array;
  readonly memoryBytes: number;
  readonly passes: number;
}

function sealingKey(
  passphrase: string,
  { salt, memoryBytes, passes }: Sealing,
  primitives: Primitives,
): Uint8Array {
  const text = encodeUtf8(passphrase.normalize('NFKC'));
  const key = primitives.argon2id(text, salt, memoryBytes, passes, keyBytes);
  primitives.wipe(text);
  return key;
}

/** What the passphrase was asked for, so that nobody makes it cheaper in the file. */
function associated({ memoryBytes, passes }: Sealing): Uint8Array {
  return encodeUtf8(`mycelium store key 1 ${memoryBytes} ${passes}`);
}

function readKeyFile(file: string): KeyFile | undefined {
  const text = readPrivate(file);
  if (text === undefined) return undefined;
  const found = parseKeyFile(text);
  if (found !== undefined) return found;
  throw new FailedError(
    'store-key',
    `${file} is damaged or of a newer version. Without it the store cannot be opened; put back a copy.`,
  );
}

function parseKeyFile(text: string): KeyFile | undefined {
  let read: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    read = { ...parsed };
  } catch {
    return undefined;
  }
  const bytes = (field: string, length: number): Uint8Array | undefined => {
    const value = read[field];
    const decoded = typeof value === 'string' ? hexToBytes(value) : undefined;
    return decoded?.length === length ? decoded : undefined;
  };
  const whole = (field: 'memoryBytes' | 'passes'): number | undefined => {
    const value = read[field];
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= costMax[field]
      ? value
      : undefined;
  };
  if (read['version'] !== 1) return undefined;
  if (read['kind'] === 'file') {
    const key = bytes('key', keyBytes);
    return key && { kind: 'file', key };
  }
  const salt = bytes('salt', saltBytes);
  const sealed = bytes('sealed', keyBytes + 16);
  const [memoryBytes, passes] = [whole('memoryBytes'), whole('passes')];
  if (read['kind'] !== 'passphrase' || !salt || !sealed || memoryBytes === undefined || passes === undefined)
    return undefined;
  return { kind: 'passphrase', salt, memoryBytes, passes, sealed };
}
