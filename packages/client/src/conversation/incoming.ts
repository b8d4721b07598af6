/** A message of a feed that we follow, opened and in its place, on its way to the transition of its kind. */
import type { AssembledMessage, MessageContent, Refusal } from '@mycelium/protocol';
import { tellSecurity } from '../contacts/tell-security.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow, PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

export interface Incoming {
  readonly contact: ContactRow;
  /** As it is after this message was taken. */
  readonly feed: PeerFeedRow;
  readonly message: AssembledMessage;
  readonly content: MessageContent;
}

/** Takes a message of one kind: changes rows through the draft, answers the feed as it is then. */
export type TakeKind = (
  draft: Draft,
  ports: StepPorts,
  incoming: Incoming,
) => PeerFeedRow | Promise<PeerFeedRow>;

/** A message that breaks a rule of its kind: told, kept out, passed. */
export function refuseMessage(draft: Draft, address: string, refusal: Refusal): void {
  tellSecurity(draft, {
    event: 'security',
    kind: 'refused',
    address,
    text: `A message was refused: ${refusal.where} ${refusal.rule}.`,
  });
}

export function contactOf(draft: Draft, feed: PeerFeedRow): ContactRow | undefined {
  return draft.get(tables.contacts, textKey(feed.address));
}
