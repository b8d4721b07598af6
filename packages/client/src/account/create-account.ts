/** A new account, or this device as a new one of an account that its words have brought back (spec/identity.md). */
import {
  appendToAccount,
  bytesEqual,
  createAccount,
  issueDeviceCertificate,
  liveDevices,
  replayAccountLog,
  routeOf,
  unwrap,
  userIdOf,
  type AccountOp,
  type AccountSecrets,
  type AccountState,
  type Address,
  type CardDevice,
  type DeviceKey,
  type Primitives,
  type Route,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import type { Draft } from '../loop/draft.ts';
import { planWork } from '../loop/agenda.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow, OwnDevice, QueueRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { intakeAdmissions } from '../contacts/intake-admissions.ts';
import { cardQueue, ownCardPointer, putCard } from './card.ts';
import { makeDeviceKeys } from './device-keys.ts';
import { wantedRelays } from './wanted-relays.ts';

export interface FoundAccount {
  readonly address: Address;
  readonly secrets: AccountSecrets;
  readonly deviceName: string;
  /** How long the device is in the log unless it renews itself; undefined: for ever. */
  readonly lifetimeMs: number | undefined;
  /** The log that the account was found to have; undefined for a new account. */
  readonly log: readonly Uint8Array[] | undefined;
  /** The card that was found: its sequence, and the devices that it names. */
  readonly cardSequence: number;
  readonly otherDevices: readonly CardDevice[];
  /** The domain proof that it showed. */
  readonly domainProof?: Uint8Array | undefined;
  /** The words say that there may be an older log, and nobody could be asked. */
  readonly unconfirmed: boolean;
}

/** Everything that an account is, in one step. */
export async function foundAccount(draft: Draft, ports: StepPorts, found: FoundAccount): Promise<AccountRow> {
  if (draft.get(tables.account, accountRowKey) !== undefined) {
    throw new ClientError(
      'account-exists',
      'There is an account here already: one data folder, one account.',
    );
  }
  const { primitives } = ports;
  const { address, secrets } = found;
  const begun = beginLog(primitives, found);
  const named = makeDevice(draft, ports, { name: found.deviceName, lifetimeMs: found.lifetimeMs });
  let log = extendLog(primitives, { ...begun, secrets }, addDevice(named, draft.nowMs), draft.nowMs);
  const relays = wantedRelays(draft, ports, draft.nowMs);
  if (relays.length > 0)
    log = extendLog(primitives, { ...log, secrets }, { kind: 'set-relays', relays }, draft.nowMs);
  const { accountId } = log.state;
  const certificate = certify(primitives, log.state, named.key, secrets);
  const account: AccountRow = {
    address: address.text,
    userId: userIdOf(primitives, address),
    accountId,
    secrets,
    log: log.entries,
    device: { ...named, certificate },
    cardSequence: found.cardSequence,
    otherDevices: found.otherDevices,
    cardRoute: new Uint8Array(16) as Route,
    chosenRelays: [],
    relays,
    published: { at: undefined, note: 'not published yet' },
    cloned: false,
    renewedMs: 0,
    unconfirmed: found.unconfirmed,
    ...(found.domainProof && { domainProof: found.domainProof }),
  };
  const pointer = ownCardPointer(primitives, account);
  const placed = { ...account, cardRoute: cardQueue(primitives, pointer).route };
  await makeDeviceKeys(draft, ports, { deviceSeed: named.seed, deviceKey: named.key, certificate });
  declareIntake(draft, placed);
  const carded = putCard(draft, ports, placed);
  planWork(draft, 'claim', draft.nowMs);
  planWork(draft, 'keys', draft.nowMs + keysEveryMs);
  planWork(draft, 'addresses', draft.nowMs);
  planWork(draft, 'forget-keys', draft.nowMs);
  planRenewal(draft, named);
  return carded;
}

export const keysEveryMs: number = 7 * 24 * 3_600_000;

export interface OwnLog {
  readonly entries: readonly Uint8Array[];
  readonly state: AccountState;
}

function beginLog(primitives: Primitives, found: FoundAccount): OwnLog {
  if (found.log !== undefined) {
    return { entries: found.log, state: unwrap(replayAccountLog(primitives, found.log)) };
  }
  const { accountSeed } = found.secrets;
  const { entry, state } = createAccount(primitives, { address: found.address.text, accountSeed });
  return { entries: [entry], state };
}

export function extendLog(
  primitives: Primitives,
  log: OwnLog & { readonly secrets: AccountSecrets; readonly newSeed?: Uint8Array },
  op: AccountOp,
  timeMs: number,
): OwnLog {
  const { accountSeed } = log.secrets;
  if (!holdsKey(primitives, log.state, log.secrets)) {
    throw new ClientError(
      'phrase-needed',
      'The account has new words, given to it on another device: enter them here with "mycelium account phrase".',
    );
  }
  const { entry, state } = unwrap(
    appendToAccount(primitives, log.state, {
      op,
      timeMs,
      accountSeed,
      ...(log.newSeed !== undefined && { newAccountSeed: log.newSeed }),
    }),
  );
  return { entries: [...log.entries, entry], state };
}

/** False: the account key was rotated on another device, and this one does not have the new words. */
export function holdsKey(primitives: Primitives, state: AccountState, secrets: AccountSecrets): boolean {
  return bytesEqual(primitives.ed25519PublicKey(secrets.accountSeed), state.accountKey);
}

export type NewDevice = Omit<OwnDevice, 'certificate'>;

export function addDevice({ key, name, lifetimeMs }: NewDevice, nowMs: number): AccountOp {
  const expiresMs = lifetimeMs === undefined ? 0 : nowMs + lifetimeMs;
  return { kind: 'add-device', deviceKey: key, name, expiresMs };
}

export const expiryWork = 'expiry';
/** A device that expires takes a new key when a quarter of its time is left, at most a week. */
const renewBeforeMsMax = 7 * 24 * 3_600_000;

export function planRenewal(draft: Draft, { lifetimeMs }: Pick<NewDevice, 'lifetimeMs'>): void {
  if (lifetimeMs === undefined) return;
  planWork(draft, expiryWork, draft.nowMs + lifetimeMs - Math.min(lifetimeMs / 4, renewBeforeMsMax));
}

/** Keys and intake queue of a device that has no certificate yet. */
export function makeDevice(
  draft: Draft,
  ports: StepPorts,
  { name, lifetimeMs }: Pick<OwnDevice, 'name'> & { readonly lifetimeMs: number | undefined },
): NewDevice {
  const { primitives, randomness } = ports;
  const seed = randomness.bytes(32);
  const readerSeed = randomness.bytes(32);
  const ownerSeed = randomness.bytes(32);
  const ownerPublicKey = primitives.ed25519PublicKey(ownerSeed);
  const route = routeOf(primitives, primitives.ed25519PublicKey(readerSeed), ownerPublicKey);
  const relays = wantedRelays(draft, ports, draft.nowMs);
  const difficulty = ports.intakeDifficulty;
  const keys = { route, readerSeed, ownerSeed, ownerPublicKey };
  draft.put(tables.queues, route, { kind: 'intake', ...keys, relays, difficulty });
  const key = primitives.ed25519PublicKey(seed) as DeviceKey;
  return { seed, key, name, intakeRoute: route, ...(lifetimeMs !== undefined && { lifetimeMs }) };
}

export function certify(
  primitives: Primitives,
  state: AccountState,
  deviceKey: DeviceKey,
  secrets: AccountSecrets,
): Uint8Array {
  const device = liveDevices(state, 0).find((live) => bytesEqual(live.deviceKey, deviceKey));
  if (device === undefined) throw new ClientError('store-failed', 'This device is not in the account log.');
  return issueDeviceCertificate(primitives, state.accountId, device, secrets.accountSeed);
}

type IntakeQueueRow = Extract<QueueRow, { readonly kind: 'intake' }>;

/** Tells the mail agent where strangers may write to this device. */
export function declareIntake(draft: Draft, account: AccountRow): void {
  const queue = draft.get(tables.queues, account.device.intakeRoute);
  if (queue?.kind !== 'intake') return;
  const moved: IntakeQueueRow = { ...queue, relays: account.relays };
  draft.put(tables.queues, queue.route, moved);
  const { route, readerSeed, ownerSeed, ownerPublicKey, difficulty, relays: peers } = moved;
  draft.effect({
    kind: 'keep-intake',
    queue: {
      route,
      readerSeed,
      ownerSeed,
      ownerPublicKey,
      difficulty,
      tokens: intakeAdmissions(draft),
      from: 0,
      peers,
    },
  });
}
