/**
 * Commits of the owner (RFC 9420 §12.4), carried as PublicMessage. One kind of change a commit: receivers of ts-mls
 * break on some mixtures, and the rules stay simple.
 */
import {
  accept,
  assert,
  bytesEqual,
  type Committed,
  type DeviceKey,
  type FeedPsk,
  groupDevicesMax,
  RefusedError,
  refuse,
  unwrap,
} from '@mycelium/protocol';
import {
  bytesToBase64,
  type CiphersuiteImpl,
  type ClientState,
  createCommit,
  encodeMlsMessage,
  makePskIndex,
  type Proposal,
} from 'ts-mls';
import { encodeState, leavesOf, ownerLeaf, stateSuite } from './group-state.ts';
import type { InspectedKeyPackage } from './key-package.ts';

export interface OwnerGroup {
  readonly state: ClientState;
  readonly cipherSuite: CiphersuiteImpl;
}

/** Adding brings no new entropy of ours; it needs none, and refreshing is a commit of its own. */
export function commitAdd(group: OwnerGroup, added: readonly InspectedKeyPackage[]): Promise<Committed> {
  const suite = stateSuite(group.state);
  const leaves = leavesOf(group.state).map(({ leaf }) => leaf);
  assert(added.length > 0, 'something to add');
  for (const { suite: theirs, keyPackage } of added) {
    unwrap(theirs === suite ? accept(theirs) : refuse('suite', 'key-package.suite', "is the group's"));
    const taken = leaves.some(
      (leaf) =>
        bytesEqual(leaf.signaturePublicKey, keyPackage.leafNode.signaturePublicKey) ||
        bytesEqual(leaf.hpkePublicKey, keyPackage.leafNode.hpkePublicKey),
    );
    unwrap(taken ? refuse('member', 'key-package.leaf', 'has keys that no member has') : accept(taken));
    leaves.push(keyPackage.leafNode);
  }
  unwrap(
    leaves.length > groupDevicesMax[suite]
      ? refuse('members', 'group', `has at most ${groupDevicesMax[suite]} devices`)
      : accept(leaves),
  );
  return commit(
    group,
    added.map(({ keyPackage }) => ({ proposalType: 'add', add: { keyPackage } })),
    [],
  );
}

export function commitRemove(group: OwnerGroup, devices: readonly DeviceKey[]): Promise<Committed> {
  const removed = devices.map((device) => {
    const found = leavesOf(group.state).find(({ leaf }) => bytesEqual(leaf.signaturePublicKey, device));
    if (found === undefined || found.index === ownerLeaf) {
      throw new RefusedError(refuse('member', 'group.remove', 'is a member other than the owner').refusal);
    }
    return found.index;
  });
  assert(removed.length > 0, 'somebody to remove');
  return commit(
    group,
    [...new Set(removed)].map((leaf) => ({ proposalType: 'remove', remove: { removed: leaf } })),
    [],
  );
}

/** A new path from our leaf to the root, with the PSKs mixed in: heals us and takes in the peers' fresh entropy. */
export function commitRefresh(group: OwnerGroup, psks: readonly FeedPsk[]): Promise<Committed> {
  const { rng, kdf } = group.cipherSuite;
  const proposals = psks.map(({ id }): Proposal => ({
    proposalType: 'psk',
    psk: { preSharedKeyId: { psktype: 'external', pskId: id, pskNonce: rng.randomBytes(kdf.size) } },
  }));
  return commit(group, proposals, psks);
}

async function commit(
  { state, cipherSuite }: OwnerGroup,
  proposals: Proposal[],
  psks: readonly FeedPsk[],
): Promise<Committed> {
  assert(state.privatePath.leafIndex === ownerLeaf, 'only the owner of a send group commits');
  const kind = proposals[0]?.proposalType;
  const {
    newState,
    commit: message,
    welcome,
  } = await createCommit(
    { state, cipherSuite, pskIndex: pskIndexOf(state, psks) },
    {
      wireAsPublicMessage: true,
      ratchetTreeExtension: true,
      extraProposals: proposals,
      forcePath: kind !== 'add', // RFC 9420 §12.4: needed for removals and empty commits, and what refreshes for PSKs
    },
  );
  return {
    state: encodeState(newState),
    commit: encodeMlsMessage(message),
    welcome: welcome && encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }),
  };
}

/** Keys of the record are base64, so that none can be `__proto__`. */
export function pskIndexOf(
  state: ClientState | undefined,
  psks: readonly FeedPsk[],
): ReturnType<typeof makePskIndex> {
  return makePskIndex(state, Object.fromEntries(psks.map(({ id, secret }) => [bytesToBase64(id), secret])));
}
