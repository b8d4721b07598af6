/** Words of an account and the keys that they are: a new phrase, and one that another device of the account was given. */
import {
  bytesToHex,
  createRecoveryPhrase,
  deriveAccountSecrets,
  parseAddress,
  parseRecoveryPhrase,
  unwrap,
  userIdOf,
  type AccountSecrets,
  type AccountState,
  type Primitives,
} from '@mycelium/protocol';
import { accountState, ownFingerprint, requireAccount } from '../account/account-row.ts';
import { rotateKey, takeSecrets } from '../account/change-account.ts';
import { ClientError, type CreatedAccount } from '../client.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';

/** Argon2id for each address that an account had: of more only the newest are tried. */
const addressesTriedMax = 4;

export function readPhrase(typed: string): string {
  const phrase = parseRecoveryPhrase(typed);
  if (!phrase.ok) throw new ClientError('bad-phrase', `A recovery phrase ${phrase.refusal.rule}.`);
  return phrase.value;
}

/**
 * The secrets that the words give with one of the addresses that the account has or had, if it is the key of the account
 * now: a phrase belongs to the address at which it was made (spec/identity.md, "Recovery").
 */
export function secretsOf(
  primitives: Primitives,
  state: AccountState,
  given: { readonly phrase: string; readonly passphrase: string },
): AccountSecrets | undefined {
  const addresses = [state.address, ...state.formerAddresses.toReversed()].slice(0, addressesTriedMax);
  for (const text of addresses) {
    const address = parseAddress(text);
    if (!address.ok) continue;
    const userId = userIdOf(primitives, address.value);
    const secrets = deriveAccountSecrets(primitives, { ...given, userId });
    if (!secrets.ok) continue;
    const key = bytesToHex(primitives.ed25519PublicKey(secrets.value.accountSeed));
    if (key === bytesToHex(state.accountKey)) return secrets.value;
  }
  return undefined;
}

/** Answers the new phrase. */
export async function rotateToNewPhrase(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
): Promise<CreatedAccount> {
  const { primitives } = ports;
  const { userId } = requireAccount(storedRows(ports.store));
  const phrase = createRecoveryPhrase(ports.randomness.bytes(16));
  const secrets = unwrap(deriveAccountSecrets(primitives, { phrase, passphrase: '', userId }));
  const account = await loop.step((draft) => rotateKey(draft, stepPorts, secrets));
  return {
    address: account.address,
    userId: bytesToHex(account.userId),
    phrase,
    fingerprint: ownFingerprint(account),
  };
}

export async function takePhrase(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  typed: string,
): Promise<void> {
  const { primitives } = ports;
  const account = requireAccount(storedRows(ports.store));
  const phrase = readPhrase(typed);
  const secrets = secretsOf(primitives, accountState(primitives, account), { phrase, passphrase: '' });
  if (secrets === undefined) {
    throw new ClientError(
      'bad-phrase',
      'These words are not those of the account as this device knows it: check them, or wait until it has heard of the change.',
    );
  }
  await loop.step((draft) => takeSecrets(draft, stepPorts, secrets));
}
