/**
 * What feeds need of MLS (RFC 9420) and HPKE (RFC 9180), as a port: asynchronous, so machines ask for it with an
 * effect and get the answer as an input. Implemented by `packages/mls` over the patched ts-mls. States are
 * opaque bytes without the secret tree; each call answers a new one and leaves the old one as it was.
 *
 * A *send group*: all devices of a conversation are members, only the owner commits (spec/feeds.md).
 * Commits and proposals travel as MLS PublicMessage inside our sealed frames.
 */
import type { ConversationId, DeviceKey } from '../brands.ts';
import type { Result } from '../errors.ts';

/** Which suite a group uses: post-quantum up to 100 devices, classical above (spec/feeds.md). */
export type Suite = 'xwing' | 'x25519';

/** Who a leaf is: the device and the encoded certificate that its account gave it (spec/identity.md). */
export interface LeafIdentity {
  readonly deviceSeed: Uint8Array;
  readonly deviceKey: DeviceKey;
  readonly certificate: Uint8Array;
}

export interface KeyPackagePair {
  /** Encoded MLS KeyPackage, marked last-resort: published in the card. */
  readonly keyPackage: Uint8Array;
  /** Secret. Opens Welcomes made for it; kept until 30 days after it was replaced. */
  readonly secret: Uint8Array;
}

/** An external PSK: entropy from the newest epoch of a peer's send group. */
export interface FeedPsk {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
}

export interface Committed {
  readonly state: Uint8Array;
  /** Encoded PublicMessage: the last message of the old epoch. */
  readonly commit: Uint8Array;
  /** Encoded Welcome with ratchet tree, when members were added. */
  readonly welcome: Uint8Array | undefined;
}

export interface Processed {
  readonly state: Uint8Array;
  /** True when this very commit removed us: there is no next epoch for us. */
  readonly removed: boolean;
}

export interface KeyAgreement {
  createKeyPackage(suite: Suite, leaf: LeafIdentity): Promise<KeyPackagePair>;
  /** Checks signature, suite, lifetime-free form and that the credential is `certificate` of a device. Answers that certificate. */
  inspectKeyPackage(
    keyPackage: Uint8Array,
  ): Promise<
    Result<{ readonly suite: Suite; readonly certificate: Uint8Array; readonly deviceKey: DeviceKey }>
  >;
  createGroup(suite: Suite, groupId: Uint8Array, leaf: LeafIdentity): Promise<Uint8Array>;
  /** Owner only. One kind of change a commit. */
  add(state: Uint8Array, keyPackages: readonly Uint8Array[]): Promise<Committed>;
  remove(state: Uint8Array, devices: readonly DeviceKey[]): Promise<Committed>;
  /** Refreshes the owner's leaf and mixes the PSKs in. */
  refresh(state: Uint8Array, psks: readonly FeedPsk[]): Promise<Committed>;
  join(
    welcome: Uint8Array,
    pair: KeyPackagePair,
  ): Promise<Result<{ readonly state: Uint8Array; readonly groupId: Uint8Array }>>;
  /**
   * Takes a commit of the owner (leaf 0). Refused: other committers, more than one kind of proposal, a changed
   * identity in a leaf, PSK ids that `psks` does not hold.
   */
  process(state: Uint8Array, commit: Uint8Array, psks: readonly FeedPsk[]): Promise<Result<Processed>>;
  /** PSK ids that a commit asks for, so that they can be looked up before `process`. */
  pskIdsOf(commit: Uint8Array): Result<readonly Uint8Array[]>;
  epoch(state: Uint8Array): bigint;
  members(state: Uint8Array): readonly { readonly deviceKey: DeviceKey; readonly certificate: Uint8Array }[];
  /** MLS-Exporter of the current epoch, 32 bytes (RFC 9420 §8.5). Feed secret: label "mycelium feed 1", context = conversation id. */
  exporter(state: Uint8Array, label: string, context: ConversationId): Promise<Uint8Array>;
  /** The state to keep: good for everything but `exporter`, so that it cannot bring back keys that were erased. */
  withoutExporter(state: Uint8Array): Uint8Array;
  /** X-Wing intake key pair from 32 bytes of seed. */
  createIntakeKey(
    seed: Uint8Array,
  ): Promise<{ readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }>;
  /** HPKE base mode, X-Wing + HKDF-SHA256 + ChaCha20-Poly1305: `enc ‖ ciphertext`, 1,120 + plaintext + 16 bytes. */
  sealIntake(publicKey: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  openIntake(secretKey: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Promise<Result<Uint8Array>>;
}
