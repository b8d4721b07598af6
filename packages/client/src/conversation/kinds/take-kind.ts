/** Which transition takes a message of which kind. Kinds without one are kept for a newer version, or passed. */
import { isFeedKind, messageKinds } from '@mycelium/protocol';
import type { TakeKind } from '../incoming.ts';
import { takeAccountLog } from './account-log.ts';
import { takeCommit } from './commit.ts';
import { takeDomainProof } from './domain-proof.ts';
import { takeHeads } from './heads.ts';
import { takeMembership } from './membership.ts';
import { takeReachability } from './reachability.ts';
import { takeReceipt } from './receipt.ts';
import { takeShown } from './shown.ts';
import { takeVouch } from './vouch.ts';

const taken: ReadonlyMap<number, TakeKind> = new Map([
  [messageKinds.receipt, takeReceipt],
  [messageKinds.commit, takeCommit],
  [messageKinds.membership, takeMembership],
  [messageKinds.reachability, takeReachability],
  [messageKinds['account-log'], takeAccountLog],
  [messageKinds.heads, takeHeads],
  [messageKinds['domain-proof'], takeDomainProof],
  [messageKinds.vouch, takeVouch],
]);

export const takeKind: TakeKind = (draft, ports, incoming) => {
  const { kind } = incoming.message;
  const take = taken.get(kind) ?? (isFeedKind(kind) ? passOver : takeShown);
  return take(draft, ports, incoming);
};

const passOver: TakeKind = (_draft, _ports, incoming) => incoming.feed;
