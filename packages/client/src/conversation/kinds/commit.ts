/** The last message of an epoch: the reader follows the feed into the next one (spec/feeds.md, "Epochs"). */
import {
  createAssembler,
  createReader,
  decodeCommit,
  type CommitMessage,
  type Refusal,
} from '@mycelium/protocol';
import { ownRelays } from '../../account/account-row.ts';
import type { Draft } from '../../loop/draft.ts';
import type { StepPorts } from '../../ports.ts';
import type { PeerFeedRow } from '../../store/rows.ts';
import { tables } from '../../store/tables.ts';
import { wakeWaiting } from '../../contacts/waiting-feed.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { feedSecretLabel } from '../own-feed.ts';
import { followedQueue } from '../queue-peers.ts';
import { forgetPsksBefore, keepGroup, ownPsks } from '../refresh.ts';

export const takeCommit: TakeKind = async (draft, ports, { feed, content }) => {
  const message = decodeCommit(content.body);
  if (!message.ok) return endFeed(draft, feed, message.refusal);
  const state = draft.get(tables.groups, feed.feedId);
  const ids = ports.agreement.pskIdsOf(message.value.commit);
  if (state === undefined || !ids.ok) {
    return endFeed(draft, feed, ids.ok ? unknownGroup : ids.refusal);
  }
  const psks = ownPsks(draft, ids.value);
  const processed = await ports.agreement.process(state, message.value.commit, psks);
  if (!processed.ok) return endFeed(draft, feed, processed.refusal);
  forgetPsksBefore(draft, ids.value);
  draft.effect({ kind: 'leave', route: feed.reader.route });
  draft.delete(tables.queues, feed.reader.route);
  if (processed.value.removed) {
    draft.delete(tables.groups, feed.feedId);
    wakeWaiting(draft, feed);
    return { ...feed, ended: 'this device was removed from it' };
  }
  return followNext(draft, ports, feed, { state: processed.value.state, message: message.value });
};

const unknownGroup: Refusal = { code: 'group', where: 'commit', rule: 'is of a group that is known here' };

/** After a commit that nobody can follow, the feed has no next epoch for us. */
function endFeed(draft: Draft, feed: PeerFeedRow, refusal: Refusal): PeerFeedRow {
  refuseMessage(draft, feed.address, refusal);
  draft.effect({ kind: 'leave', route: feed.reader.route });
  draft.delete(tables.queues, feed.reader.route);
  wakeWaiting(draft, feed);
  return {
    ...feed,
    ended: `its keys changed in a way that is not allowed: ${refusal.where} ${refusal.rule}`,
  };
}

async function followNext(
  draft: Draft,
  ports: StepPorts,
  feed: PeerFeedRow,
  next: { readonly state: Uint8Array; readonly message: CommitMessage },
): Promise<PeerFeedRow> {
  const secret = await ports.agreement.exporter(next.state, feedSecretLabel, feed.conversation);
  const reader = createReader(secret, next.message.nextOwnerPublicKey, ports.primitives);
  draft.retire(secret, feed.reader.chainKey, feed.reader.skipped);
  const followed: PeerFeedRow = {
    ...feed,
    reader,
    assembler: createAssembler(feed.sequence),
    relays: next.message.nextRelays,
    index: 0,
    lostTo: undefined,
    lastTag: new Uint8Array(),
    epoch: Number(ports.agreement.epoch(next.state)),
  };
  await keepGroup(draft, ports, followed, next.state);
  const { route, readerSeed, ownerPublicKey } = reader;
  const { feedId, relays } = followed;
  draft.put(tables.queues, route, { kind: 'peer', route, readerSeed, ownerPublicKey, relays, feedId });
  draft.effect({ kind: 'follow', queue: followedQueue(draft, ports, followed, ownRelays(draft, ports)) });
  return followed;
}
