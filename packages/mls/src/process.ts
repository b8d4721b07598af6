/**
 * A commit of another device's send group. ts-mls checks what RFC 9420 asks; here is checked, before and after, what
 * a send group asks beyond it: the owner's commit, one kind of change by value, and nobody's identity changed.
 */
import {
  accept,
  bytesEqual,
  type FeedPsk,
  groupDevicesMax,
  type Processed,
  refuse,
  type Result,
} from '@mycelium/protocol';
import {
  bytesToBase64,
  type CiphersuiteImpl,
  type ClientState,
  processPublicMessage,
  type Proposal,
  type PublicMessage,
} from 'ts-mls';
import { pskIndexOf } from './commit.ts';
import { encodeState, leavesOf, ownerLeaf, stateSuite } from './group-state.ts';
import { leafRefusal } from './leaf.ts';
import { decodeMessage } from './mls-message.ts';

interface OwnerCommit {
  readonly message: PublicMessage;
  readonly proposals: readonly Proposal[];
  readonly path: { readonly leafNode: ClientLeaf } | undefined;
}

type ClientLeaf = ReturnType<typeof leavesOf>[number]['leaf'];
type Refused = ReturnType<typeof refuse>;

/** Everything that can be told from the bytes alone. */
export function readCommit(bytes: Uint8Array): Result<OwnerCommit> {
  const decoded = decodeMessage(bytes, 'mls_public_message', 'commit');
  if (!decoded.ok) return decoded;
  const message = decoded.value.publicMessage;
  const { content } = message;
  if (content.contentType !== 'commit') return refuse('content', 'commit.content', 'is a commit');
  if (content.sender.senderType !== 'member' || content.sender.leafIndex !== ownerLeaf) {
    return refuse('committer', 'commit.sender', 'is the owner of the group, leaf 0');
  }
  const proposals: Proposal[] = [];
  for (const proposal of content.commit.proposals) {
    if (proposal.proposalOrRefType !== 'proposal')
      return refuse('proposals', 'commit.proposals', 'come by value');
    proposals.push(proposal.proposal);
  }
  const refused = proposalsRefusal(proposals, content.commit.path !== undefined);
  return refused ?? accept({ message, proposals, path: content.commit.path });
}

function proposalsRefusal(proposals: readonly Proposal[], hasPath: boolean): Refused | undefined {
  const kinds = new Set(proposals.map(({ proposalType }) => proposalType));
  if (kinds.size > 1) return refuse('proposals', 'commit.proposals', 'are of one kind');
  const [kind] = kinds;
  if (kind !== undefined && kind !== 'add' && kind !== 'remove' && kind !== 'psk') {
    return refuse('proposals', 'commit.proposals', 'are add, remove or psk');
  }
  for (const proposal of proposals) {
    if (proposal.proposalType === 'psk' && proposal.psk.preSharedKeyId.psktype !== 'external') {
      return refuse('proposals', 'commit.psk', 'is external');
    }
  }
  return kind === 'add' || hasPath
    ? undefined
    : refuse('path', 'commit.path', 'is there unless members are added');
}

/** Ids of the external PSKs that a commit mixes in. */
export function pskIdsIn({ proposals }: OwnerCommit): readonly Uint8Array[] {
  return proposals.flatMap((proposal) => {
    if (proposal.proposalType !== 'psk') return [];
    const { preSharedKeyId } = proposal.psk;
    return preSharedKeyId.psktype === 'external' ? [preSharedKeyId.pskId] : [];
  });
}

export async function processCommit(
  state: ClientState,
  bytes: Uint8Array,
  psks: readonly FeedPsk[],
  cipherSuite: CiphersuiteImpl,
): Promise<Result<Processed>> {
  const read = readCommit(bytes);
  if (!read.ok) return read;
  const refused = contextRefusal(state, read.value, psks);
  if (refused !== undefined) return refused;
  try {
    const { newState } = await processPublicMessage(
      state,
      read.value.message,
      pskIndexOf(state, psks),
      cipherSuite,
    );
    const removed = newState.groupActiveState.kind === 'removedFromGroup';
    const changed = membersRefusal(state, newState);
    return changed ?? accept({ state: encodeState(newState), removed });
  } catch {
    return refuse('invalid', 'commit', 'is valid for this group and epoch (RFC 9420 §12.4.2)');
  }
}

function contextRefusal(
  state: ClientState,
  commit: OwnerCommit,
  psks: readonly FeedPsk[],
): Refused | undefined {
  const { content } = commit.message;
  if (state.privatePath.leafIndex === ownerLeaf || state.groupActiveState.kind !== 'active') {
    return refuse('member', 'commit', 'is for those who follow the group');
  }
  if (!bytesEqual(content.groupId, state.groupContext.groupId))
    return refuse('group', 'commit.group', 'is this group');
  if (content.epoch !== state.groupContext.epoch)
    return refuse('epoch', 'commit.epoch', "is the group's epoch");
  const missing = pskIdsIn(commit).some((id) => !psks.some((psk) => bytesEqual(psk.id, id)));
  if (missing) return refuse('psk', 'commit.psk', 'are PSKs that we have');
  const owner = leavesOf(state).find(({ index }) => index === ownerLeaf);
  if (owner === undefined) return refuse('invalid', 'group.owner', 'is a member');
  if (commit.path !== undefined && !sameIdentity(owner.leaf, commit.path.leafNode)) {
    return refuse('identity', 'commit.path', "keeps the owner's key and certificate");
  }
  for (const proposal of commit.proposals) {
    if (proposal.proposalType !== 'add') continue;
    const refusal = leafRefusal(proposal.add.keyPackage.leafNode, 'commit.add');
    if (refusal !== undefined) return refuse(refusal.code, refusal.where, refusal.rule);
  }
  return undefined;
}

function sameIdentity(left: ClientLeaf, right: ClientLeaf): boolean {
  return (
    left.credential.credentialType === 'basic' &&
    right.credential.credentialType === 'basic' &&
    bytesEqual(left.credential.identity, right.credential.identity) &&
    bytesEqual(left.signaturePublicKey, right.signaturePublicKey)
  );
}

/** Whoever stays is who they were; keys are nobody else's; and the group is not larger than its suite allows. */
function membersRefusal(before: ClientState, after: ClientState): Refused | undefined {
  const max = groupDevicesMax[stateSuite(after)];
  const leaves = leavesOf(after);
  if (leaves.length > max) return refuse('members', 'group', `has at most ${max} devices`);
  const former = new Map(leavesOf(before).map(({ index, leaf }) => [index, leaf]));
  const keys = new Set<string>();
  for (const { index, leaf } of leaves) {
    const was = former.get(index);
    if (was !== undefined && !sameIdentity(was, leaf)) {
      return refuse('identity', 'group.leaf', 'stays who it was');
    }
    keys.add(bytesToBase64(leaf.hpkePublicKey));
  }
  if (keys.size < leaves.length) return refuse('member', 'group.leaf', 'has keys of its own');
  return undefined;
}
