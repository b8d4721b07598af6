/** Devices with seeds and certificates, and the agreement that they share: what the tests of MLS have in common. */
import { randomBytes } from 'node:crypto';
import {
  bytesToHex,
  type ConversationId,
  type DeviceKey,
  type FeedPsk,
  type KeyAgreement,
  type KeyPackagePair,
  type LeafIdentity,
  type Suite,
  unwrap,
} from '@mycelium/protocol';
import { createMlsPlatform } from '../../node/src/mls-provider/platform.ts';
import { createPrimitives } from '../../node/src/primitives/primitives.ts';
import { createKeyAgreement, type MlsCrypto } from '../src/index.ts';

export const crypto: MlsCrypto = {
  primitives: createPrimitives(),
  platform: createMlsPlatform(),
  randomness: { bytes: (length) => new Uint8Array(randomBytes(length)) },
};
export const agreement: KeyAgreement = createKeyAgreement(crypto);
export const conversation: ConversationId = new Uint8Array(32).fill(7) as ConversationId;

export function device(name: string): LeafIdentity {
  const deviceSeed = crypto.primitives.sha256(new TextEncoder().encode(`device ${name}`));
  const deviceKey = crypto.primitives.ed25519PublicKey(deviceSeed) as DeviceKey;
  return { deviceSeed, deviceKey, certificate: new TextEncoder().encode(`certificate of ${name}`) };
}

export const exporterOf = async (state: Uint8Array): Promise<string> =>
  bytesToHex(await agreement.exporter(state, 'mycelium feed 1', conversation));

export const follow = async (
  state: Uint8Array,
  commit: Uint8Array,
  psks: readonly FeedPsk[] = [],
): Promise<Uint8Array> => unwrap(await agreement.process(state, commit, psks)).state;

export interface Group {
  readonly owner: Uint8Array;
  readonly followers: readonly Uint8Array[];
}

/** The owner's group with devices of these names in it, all added by one commit. */
export async function groupOf(suite: Suite, ownerName: string, names: readonly string[]): Promise<Group> {
  const empty = await agreement.createGroup(suite, new Uint8Array(16).fill(1), device(ownerName));
  const pairs: KeyPackagePair[] = [];
  for (const name of names) pairs.push(await agreement.createKeyPackage(suite, device(name)));
  const added = await agreement.add(
    empty,
    pairs.map(({ keyPackage }) => keyPackage),
  );
  const followers: Uint8Array[] = [];
  for (const pair of pairs) followers.push(unwrap(await agreement.join(added.welcome!, pair)).state);
  return { owner: added.state, followers };
}
