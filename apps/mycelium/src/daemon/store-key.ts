/**
 * Custody of the key that encrypts the store. Either the key lies in `store.key`, readable by its owner alone: then
 * the disk is only as safe as that file. Or `store.key` holds it sealed under a passphrase (sealed-secret.ts).
 */
import { bytesToHex } from '@mycelium/protocol';
import { FailedError } from '../failures.ts';
import { readPrivate, writePrivate } from './private-files.ts';
import {
  formatSealedSecret,
  hexField,
  openSecret,
  parseSealedSecret,
  sealSecret,
  secretBytes,
  type SealedSecret,
  type SealParts,
} from './sealed-secret.ts';

export type Custody = 'none' | 'file' | 'passphrase';

const context = 'mycelium store key 1';

type KeyFile =
  | { readonly kind: 'file'; readonly key: Uint8Array }
  | { readonly kind: 'passphrase'; readonly secret: SealedSecret };

export function custodyOf(file: string): Custody {
  return readKeyFile(file)?.kind ?? 'none';
}

/**
 * The key of the store; made when there is none, and then sealed when there is a passphrase.
 * @throws FailedError `wrong-passphrase`, `passphrase-needed`, `no-passphrase`, `store-key`
 */
export function openStoreKey(file: string, passphrase: string | undefined, parts: SealParts): Uint8Array {
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
  const key = openSecret(parts.primitives, context, passphrase, found.secret);
  if (key === undefined)
    throw new FailedError('wrong-passphrase', 'The passphrase is wrong. Nothing was changed.');
  return key;
}

function makeStoreKey(file: string, passphrase: string | undefined, parts: SealParts): Uint8Array {
  const key = parts.randomness.bytes(secretBytes);
  const kept =
    passphrase === undefined
      ? { kind: 'file', key: bytesToHex(key) }
      : { kind: 'passphrase', ...formatSealedSecret(sealSecret(parts, context, passphrase, key)) };
  writePrivate(file, `${JSON.stringify({ version: 1, ...kept })}\n`);
  return key;
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
  if (read['version'] !== 1) return undefined;
  if (read['kind'] === 'file') {
    const key = hexField(read, 'key', secretBytes);
    return key && { kind: 'file', key };
  }
  const secret = read['kind'] === 'passphrase' ? parseSealedSecret(read) : undefined;
  return secret && { kind: 'passphrase', secret };
}
