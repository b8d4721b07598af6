/**
 * Who may be a leaf of a send group (spec/feeds.md, "Send groups"): a device, with a basic credential that holds its
 * encoded certificate. ts-mls asks our authentication service at every place where RFC 9420 §5.3.1 does; what the
 * certificate says is judged by the caller, who gets it from `members` and `inspectKeyPackage`.
 */
import { bytesEqual, certificateBytesMax, type DeviceKey, refuse, type Refusal } from '@mycelium/protocol';
import type { AuthenticationService, Capabilities, ClientConfig, Credential, LeafNode } from 'ts-mls';
import { suiteNames } from './cipher-suite.ts';

/** MLS extensions draft: the KeyPackage may be used more than once. */
export const lastResortExtension = 10;

export const ourCapabilities: Capabilities = {
  versions: ['mls10'],
  ciphersuites: [suiteNames.xwing, suiteNames.x25519],
  extensions: [lastResortExtension],
  proposals: [],
  credentials: ['basic'],
};

/** Ours never end: a card says which KeyPackage counts, and the account log which device. */
export const ourLifetime = { notBefore: 0n, notAfter: 9_223_372_036_854_775_807n };

export function certificateOf(credential: Credential): Uint8Array | undefined {
  if (credential.credentialType !== 'basic') return undefined;
  const { identity } = credential;
  return identity.length > 0 && identity.length <= certificateBytesMax ? identity : undefined;
}

const authService: AuthenticationService = {
  validateCredential: (credential, signatureKey) =>
    Promise.resolve(certificateOf(credential) !== undefined && signatureKey.length === 32),
};

export const clientConfig: ClientConfig = {
  authService,
  // 0 would keep every epoch; what is kept is stripped when the state is encoded.
  keyRetentionConfig: { retainKeysForEpochs: 1, retainKeysForGenerations: 1, maximumForwardRatchetSteps: 1 },
  // Our lifetimes have no end, and a clock that is wrong must not break a group.
  lifetimeConfig: { maximumTotalLifetime: ourLifetime.notAfter, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: {
    compareKeyPackages: (left, right) =>
      bytesEqual(left.leafNode.signaturePublicKey, right.leafNode.signaturePublicKey),
    compareKeyPackageToLeafNode: (left, right) =>
      bytesEqual(left.leafNode.signaturePublicKey, right.signaturePublicKey),
  },
  paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
};

export interface LeafMember {
  readonly deviceKey: DeviceKey;
  readonly certificate: Uint8Array;
}

export function memberOf(leaf: Pick<LeafNode, 'credential' | 'signaturePublicKey'>): LeafMember | undefined {
  const certificate = certificateOf(leaf.credential);
  return certificate && { deviceKey: leaf.signaturePublicKey as DeviceKey, certificate };
}

/** What must hold so that the leaf does not break the group for others who join later. */
export function leafRefusal(leaf: LeafNode, where: string): Refusal | undefined {
  const { capabilities } = leaf;
  const rule = (code: string, text: string): Refusal => refuse(code, where, text).refusal;
  if (memberOf(leaf) === undefined) {
    return rule('credential', `is basic and holds a certificate of at most ${certificateBytesMax} bytes`);
  }
  if (leaf.signaturePublicKey.length !== 32) return rule('device-key', 'is an Ed25519 public key');
  const suites = Object.values(suiteNames).every((name) => capabilities.ciphersuites.includes(name));
  if (!suites || !capabilities.versions.includes('mls10') || !capabilities.credentials.includes('basic')) {
    return rule('capabilities', 'are MLS 1.0, both suites and basic credentials at least');
  }
  return leaf.extensions.length === 0 ? undefined : rule('extensions', 'are none in a leaf');
}
