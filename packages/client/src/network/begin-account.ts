/** Creating or recovering an account: words and keys first, then what the directory has of it, then one step. */
import {
  bytesEqual,
  bytesToHex,
  createAccount,
  createRecoveryPhrase,
  deriveAccountSecrets,
  parseAddress,
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
import type { AccountRow } from '../store/rows.ts';
import { readPhrase, secretsOf } from './account-phrase.ts';
import { findAccounts, type FoundCandidate } from './find-accounts.ts';

const deviceNameMax = 64;
const lifetimeMsMin = 3_600_000;

export interface AccountWish {
  readonly address: string;
  readonly phrase?: string;
  readonly passphrase?: string;
  readonly deviceName?: string;
  readonly deviceLifetimeMs?: number;
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
  const { deviceLifetimeMs: lifetimeMs } = wish;
  if (lifetimeMs !== undefined && !(lifetimeMs >= lifetimeMsMin)) {
    throw new ClientError('bad-text', 'A device is in its account for at least an hour.');
  }
  const given = wish.phrase;
  const phrase = given === undefined ? createRecoveryPhrase(ports.randomness.bytes(16)) : readPhrase(given);
  const userId = userIdOf(primitives, address);
  const derived = deriveAccountSecrets(primitives, { phrase, passphrase: wish.passphrase ?? '', userId });
  if (!derived.ok) throw new ClientError('bad-phrase', `The passphrase ${derived.refusal.rule}.`);
  const { accountSeed } = derived.value;
  const words = { phrase, passphrase: wish.passphrase ?? '', accountSeed };
  const earlier = given === undefined ? undefined : await findByPhrase(ports, address, words);
  const secrets = earlier?.secrets ?? derived.value;
  const account = await loop.step((draft) =>
    foundAccount(draft, stepPorts, {
      address,
      secrets,
      deviceName,
      lifetimeMs,
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

/** The account that the words are, as its claims and card have it: an older log must be gone on with, not begun again. */
async function findByPhrase(
  ports: ClientPorts,
  address: Address,
  words: { readonly phrase: string; readonly passphrase: string; readonly accountSeed: Uint8Array },
): Promise<(FoundCandidate & { readonly secrets: AccountSecrets }) | undefined> {
  const { accountSeed } = words;
  const { candidates } = await findAccounts(ports, address);
  const begun = createAccount(ports.primitives, { address: address.text, accountSeed }).state;
  for (const candidate of candidates) {
    const secrets = secretsOf(ports.primitives, candidate.card.state, words);
    if (secrets !== undefined) return { ...candidate, secrets };
  }
  if (candidates.some(({ card }) => bytesEqual(card.state.accountId, begun.accountId))) {
    throw new ClientError(
      'bad-phrase',
      'These are earlier words of this account: it has a new key since, and other words.',
    );
  }
  return undefined;
}

/** This very account, as the directory has it. */
export async function findOwn(
  ports: ClientPorts,
  address: Address,
  account: Pick<AccountRow, 'accountId' | 'secrets'>,
): Promise<FoundCandidate | undefined> {
  const accountKey = ports.primitives.ed25519PublicKey(account.secrets.accountSeed) as AccountKey;
  const { candidates } = await findAccounts(ports, address);
  return candidates.find(
    ({ card: { state } }) =>
      bytesEqual(state.accountId, account.accountId) || bytesEqual(state.accountKey, accountKey),
  );
}
