/**
 * Recovery phrases: twelve BIP-39 words that are the account, and the secrets that follow from them
 * (spec/identity.md, "Recovery"). The same words, passphrase and address give the same keys on any device.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { concatBytes } from '../bytes/compare.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import type { UserId } from '../brands.ts';
import { accept, assert, refuse, type Result } from '../errors.ts';
import { passphraseBytesMax, recoveryTextMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';

const words = 12;
const where = 'recovery-phrase';
const known: ReadonlySet<string> = new Set(wordlist);
/** RFC 9106 calls 64 MiB and 3 passes its second recommended option. */
const memoryBytes = 64 * 1_024 * 1_024;
const passes = 3;

/**
 * The phrase of 16 random bytes. A phrase that somebody chose is refused everywhere: its key could be guessed
 * offline.
 */
export function createRecoveryPhrase(entropy: Uint8Array): string {
  assert(entropy.length === 16, 'a recovery phrase has 128 random bits');
  return entropyToMnemonic(entropy, wordlist);
}

/**
 * Reads a phrase as a person types it: any white space, upper or lower case. Refusals name the places of words
 * that are not in the list, never the words.
 */
export function parseRecoveryPhrase(input: string): Result<string> {
  if (input.length > recoveryTextMax)
    return refuse('length', where, `is at most ${recoveryTextMax} characters as typed`);
  const typed = input
    .normalize('NFKD')
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  const strange = typed.flatMap((word, at) => (known.has(word) ? [] : [at + 1]));
  if (strange.length > 0 && typed.length <= words) {
    const places = strange.length === 1 ? `word ${strange[0]} is not` : `words ${strange.join(', ')} are not`;
    return refuse('word', where, `has words of the English BIP-39 list only: ${places} in it`);
  }
  if (typed.length !== words) return refuse('count', where, `has ${words} words and not ${typed.length}`);
  const phrase = typed.join(' ');
  try {
    mnemonicToEntropy(phrase, wordlist);
  } catch {
    // All words are known and there are twelve: what is left to fail is the checksum (BIP-39, "Generating the mnemonic").
    return refuse(
      'checksum',
      where,
      'has words that fit each other: one is wrong or two have changed places',
    );
  }
  return accept(phrase);
}

export interface AccountSecrets {
  /** Ed25519 seed of the account key. Needed only to change the account log: devices need not keep it. */
  readonly accountSeed: Uint8Array;
  /** Every device keeps it: directory keys follow from it (spec/directory.md). */
  readonly directorySecret: Uint8Array;
  /** Secret of the card queue: goes into claims and invites. */
  readonly cardSecret: Uint8Array;
  /** Ed25519 seed of the card queue's owner: every device may replace the card. */
  readonly cardOwnerSeed: Uint8Array;
}

/** What a person gives to get their account back. */
export interface RecoveryWish {
  /** From `parseRecoveryPhrase` or `createRecoveryPhrase`. */
  readonly phrase: string;
  /** Empty: none. */
  readonly passphrase: string;
  /** Of the address that the account was created with. */
  readonly userId: UserId;
}

/** Argon2id over the words: some 100 ms. */
export function deriveAccountSecrets(primitives: Primitives, wish: RecoveryWish): Result<AccountSecrets> {
  if (!wish.passphrase.isWellFormed()) return refuse('surrogate', 'passphrase', 'is well-formed Unicode');
  const passphrase = encodeUtf8(wish.passphrase.normalize('NFKD'));
  if (passphrase.length > passphraseBytesMax)
    return refuse('length', 'passphrase', `is at most ${passphraseBytesMax} bytes`);
  const zero = Uint8Array.of(0);
  const password = concatBytes(encodeUtf8(wish.phrase), zero, passphrase);
  const salt = primitives.sha256(encodeUtf8('mycelium account salt 1'), zero, wish.userId).subarray(0, 16);
  const root = primitives.argon2id(password, salt, memoryBytes, passes, 32);
  const derive = (info: string): Uint8Array => primitives.hkdf(root, wish.userId, encodeUtf8(info), 32);
  const secrets = {
    accountSeed: derive('mycelium account key 1'),
    directorySecret: derive('mycelium directory secret 1'),
    cardSecret: derive('mycelium card secret 1'),
    cardOwnerSeed: derive('mycelium card owner 1'),
  };
  primitives.wipe(root, password, passphrase);
  return accept(secrets);
}
