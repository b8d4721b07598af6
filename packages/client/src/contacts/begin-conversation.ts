/** Our feed to a contact begins, or begins anew: its devices are welcomed, each by an introduction. */
import {
  encodeReachability,
  messageKinds,
  signMembershipOperation,
  type ConversationPolicy,
  type MembershipStatement,
} from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { beginFeed, changeEpoch, say } from '../conversation/own-feed.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { ContactDevice, ContactRow, OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { findDevice, ownFeedOf, putContact, isDirect } from './contact-row.ts';
import { introduce } from './introduce.ts';

/** The contact with the new feed in it. */
export async function beginConversation(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  greeting: string,
): Promise<ContactRow> {
  const { feed, welcome } = await beginFeed(draft, ports, contact);
  const begun = putContact(draft, { ...contact, ownFeeds: [...contact.ownFeeds, feed.feedId] });
  sayCreate(draft, ports, begun, feed);
  if (welcome === undefined) return begun;
  for (const { deviceKey } of feed.readers) {
    const device = findDevice(contact, deviceKey);
    if (device === undefined) continue;
    await introduce(draft, ports, { contact: begun, device, feed, welcome, greeting });
  }
  return begun;
}

/** The first message of a feed: the conversation as this side sees it begin (spec/membership.md, "Pair"). */
export function sayCreate(draft: Draft, ports: StepPorts, contact: ContactRow, feed: OwnFeedRow): void {
  const { accountId, device } = requireAccount(draft);
  const policy: ConversationPolicy = { form: 'pair', adds: 'owner', historyMs: 0, disappearingMs: 0 };
  const founders = [accountId, contact.accountId].map((account) => ({ account, role: 'owner' as const }));
  const statement: MembershipStatement = {
    conversation: contact.conversation,
    author: accountId,
    device: device.key,
    previous: [],
    timeMs: draft.nowMs,
    op: { kind: 'create', policy, founders },
  };
  const body = signMembershipOperation(ports.primitives, statement, device.seed);
  say(draft, ports, feed, { kind: messageKinds.membership, body });
}

/** One more device of a contact: into the feed that there is. */
export async function welcomeDevice(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  device: ContactDevice,
): Promise<void> {
  const own = ownFeedOf(draft, contact);
  const state = own === undefined ? undefined : draft.get(tables.groups, own.feedId);
  if (own === undefined || state === undefined) return;
  const committed = await ports.agreement.add(state, [device.keyPackage]);
  const changed = await changeEpoch(draft, ports, own, committed);
  const reader = { deviceKey: device.deviceKey, confirmed: changed.writer.sequence, doubtedMs: 0 };
  const feed: OwnFeedRow = { ...changed, readers: [...changed.readers, reader] };
  draft.put(tables.feeds, feed.feedId, feed);
  const { welcome } = committed;
  if (welcome !== undefined) await introduce(draft, ports, { contact, device, feed, welcome, greeting: '' });
}

/** Tells an accepted contact where this device can be dialled, when that is not what it was told last. */
export function tellReachability(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const feed = ownFeedOf(draft, contact);
  if (feed === undefined || contact.status !== 'accepted') return;
  const body = encodeReachability(isDirect(contact) ? ports.ownAddresses().slice(0, 16) : []);
  if (body.join() === feed.announced.join()) return;
  if (feed.announced.length === 0 && body.length === 1) return;
  say(draft, ports, { ...feed, announced: body }, { kind: messageKinds.reachability, body });
}
