// Alice, Bob and what they sign, from fixed seeds: for tests and for vectors/generate.
import { createPrimitives } from '@mycelium/node';
import {
  appendToAccount,
  createAccount,
  encodeUtf8,
  issueDeviceCertificate,
  parseAddress,
  unwrap,
  userIdOf,
  type AccountState,
  type AccountOp,
  type Address,
  type AppendedEntry,
  type CardDevice,
  type CardPointer,
  type DeviceKey,
  type PeerAddress,
  type Route,
  type TransportKey,
  type UserId,
} from '@mycelium/protocol';

export const primitives: ReturnType<typeof createPrimitives> = createPrimitives();
/** 2026-11-22 00:00:00 UTC. */
export const nowMs = Date.UTC(2026, 10, 22);

/** 32 bytes that are always the same for a label. */
export function seedOf(label: string): Uint8Array {
  return primitives.sha256(encodeUtf8(`test seed: ${label}`));
}

export function peer(label: string, host?: string, port = 4747): PeerAddress {
  const key = primitives.ed25519PublicKey(seedOf(label)) as TransportKey;
  return host === undefined ? { key } : { key, endpoint: { host, port } };
}

export interface Person {
  readonly address: Address;
  readonly userId: UserId;
  readonly accountSeed: Uint8Array;
  readonly deviceSeed: Uint8Array;
  readonly deviceKey: DeviceKey;
  readonly directorySecret: Uint8Array;
  readonly card: CardPointer;
  readonly log: readonly Uint8Array[];
  readonly state: AccountState;
  readonly certificate: Uint8Array;
}

export function device(label: string): { readonly seed: Uint8Array; readonly key: DeviceKey } {
  const seed = seedOf(label);
  return { seed, key: primitives.ed25519PublicKey(seed) as DeviceKey };
}

export function addDevice(label: string, name: string, expiresMs = 0): AccountOp {
  return { kind: 'add-device', deviceKey: device(label).key, name, expiresMs };
}

/** A person with one device and one relay. */
export function person(label: string): Person {
  const address = unwrap(parseAddress(`${label}@example.com`));
  const accountSeed = seedOf(`${label} account`);
  const { seed: deviceSeed, key: deviceKey } = device(`${label} laptop`);
  const created = createAccount(primitives, { address: address.text, accountSeed });
  const added = append(created.state, addDevice(`${label} laptop`, 'Laptop'), accountSeed);
  const relays = [peer('relay', 'relay.example.net')];
  const placed = append(added.state, { kind: 'set-relays', relays }, accountSeed);
  const listed = placed.state.devices[0];
  if (listed === undefined) throw new Error('the device was added');
  return {
    address,
    userId: userIdOf(primitives, address),
    accountSeed,
    deviceSeed,
    deviceKey,
    directorySecret: seedOf(`${label} directory`),
    card: {
      ownerPublicKey: primitives.ed25519PublicKey(seedOf(`${label} card owner`)),
      cardSecret: seedOf(`${label} card`),
    },
    log: [created.entry, added.entry, placed.entry],
    state: placed.state,
    certificate: issueDeviceCertificate(primitives, placed.state.accountId, listed, accountSeed),
  };
}

export function append(
  state: AccountState,
  op: AccountOp,
  accountSeed: Uint8Array,
  newAccountSeed?: Uint8Array,
): AppendedEntry {
  const change = {
    op,
    timeMs: nowMs,
    accountSeed,
    ...(newAccountSeed === undefined ? {} : { newAccountSeed }),
  };
  return unwrap(appendToAccount(primitives, state, change));
}

/** A card device with stand-ins for the parts that are opaque to cards. */
export function cardDevice(owner: Person): CardDevice {
  const route = seedOf('intake route').subarray(0, 16) as Route;
  const intake = {
    publicKey: new Uint8Array(1_216).fill(7),
    route,
    relays: owner.state.relays,
    difficulty: 12,
  };
  return { certificate: owner.certificate, keyPackage: encodeUtf8('stands for a KeyPackage'), intake };
}
