/** Creating or recovering an account: words and keys first, then what the directory has of it, then one step. */
import {
  bytesEqual,
  bytesToHex,
  createRecoveryPhrase,
  deriveAccountSecrets,
  parseAddress,
  parseRecoveryPhrase,
  userIdOf,
  type AccountKey,
  type AccountSecrets,
  type Address,
} from '@mycelium/protocol';
import { ownFingerprint } from '../account/account-row.ts';
import { foundAccount } from '../account/create-account.ts';
import { ClientError, type CreatedAccount } from '../client.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { findAccounts, type FoundCandidate } from './find-accounts.ts';

const deviceNameMax = 64;

export interface AccountWish {
  readonly address: string;
  readonly phrase?: string;
  readonly passphrase?: string;
  readonly deviceName?: string;
}

export async function beginAccount(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  wish: AccountWish,
): Promise<CreatedAccount> {
  const { primitives } = ports;
  const parsed = parseAddress(wish.address);
  if (!parsed.ok) throw new ClientError('bad-address', `The address ${parsed.refusal.rule}.`);
  const address = parsed.value;
  const deviceName = wish.deviceName ?? 'device';
  if (deviceName.length === 0 || deviceName.length > deviceNameMax || !deviceName.isWellFormed()) {
    throw new ClientError('bad-text', `A device name has 1 to ${deviceNameMax} characters.`);
  }
  const phrase = readPhrase(ports, wish.phrase);
  const userId = userIdOf(primitives, address);
  const derived = deriveAccountSecrets(primitives, { phrase, passphrase: wish.passphrase ?? '', userId });
  if (!derived.ok) throw new ClientError('bad-phrase', `The passphrase ${derived.refusal.rule}.`);
  const secrets = derived.value;
  const earlier = wish.phrase === undefined ? undefined : await findOwn(ports, address, secrets);
  const account = await loop.step((draft) =>
    foundAccount(draft, stepPorts, {
      address,
      secrets,
      deviceName,
      log: earlier?.card.log,
      cardSequence: earlier?.card.sequence ?? 0,
      otherDevices: earlier?.card.devices ?? [],
      domainProof: earlier?.card.domainProof,
      unconfirmed: wish.phrase !== undefined && earlier === undefined,
    }),
  );
  return {
    address: account.address,
    userId: bytesToHex(account.userId),
    phrase,
    fingerprint: ownFingerprint(account),
  };
}

function readPhrase(ports: ClientPorts, typed: string | undefined): string {
  if (typed === undefined) return createRecoveryPhrase(ports.randomness.bytes(16));
  const phrase = parseRecoveryPhrase(typed);
  if (!phrase.ok) throw new ClientError('bad-phrase', `A recovery phrase ${phrase.refusal.rule}.`);
  return phrase.value;
}

/** The account that the words are, as its claims and card have it: an older log must be gone on with, not begun again. */
export async function findOwn(
  ports: ClientPorts,
  address: Address,
  secrets: AccountSecrets,
): Promise<FoundCandidate | undefined> {
  const accountKey = ports.primitives.ed25519PublicKey(secrets.accountSeed) as AccountKey;
  const { candidates } = await findAccounts(ports, address);
  return candidates.find(({ card }) => bytesEqual(card.state.accountKey, accountKey));
}
