/**
 * The Welcome of an introduction taken: this device follows the feed from here on. The group has to be what the
 * introduction says: owned by the introducing device, with this device in it.
 */
import {
  accept,
  bytesEqual,
  createAssembler,
  createReader,
  refuse,
  type DecodedIntroduction,
  type DeviceKey,
  type Result,
} from '@mycelium/protocol';
import { ownRelays, requireAccount } from '../account/account-row.ts';
import { keyPackages } from '../account/device-keys.ts';
import { feedSecretLabel } from '../conversation/own-feed.ts';
import { putPeerFeed } from '../conversation/peer-feeds.ts';
import { followedQueue } from '../conversation/queue-peers.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { ContactRow, PeerFeedRow } from '../store/rows.ts';
import { prefixRange } from '../store/keys.ts';
import { tables } from '../store/tables.ts';
import { keepGroup } from '../conversation/refresh.ts';
import { findDevice, putContact, withDevice } from './contact-row.ts';

/** The old leaf goes, the new one comes: what else lies between is messages that this device has not seen. */
const commitsOfRejoin = 2;

/** The contact with the followed feed in it; what was followed of the same device before is left. */
export async function joinFeed(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  joining: { readonly introduction: DecodedIntroduction; readonly deviceKey: DeviceKey },
): Promise<Result<ContactRow>> {
  const { introduction, deviceKey } = joining;
  const { location } = introduction;
  const device = findDevice(contact, deviceKey);
  if (device === undefined) return refuse('device', 'introduction.device', 'is a device of the contact');
  const known = draft.get(tables.feeds, location.feedId);
  const foreign = known !== undefined && !(known.kind === 'peer' && bytesEqual(known.deviceKey, deviceKey));
  if (foreign || (known !== undefined && known.address !== contact.address)) {
    return refuse('feed', 'introduction.feed', 'is a feed of the introducing device');
  }
  const joined = await openWelcome(draft, ports, introduction, deviceKey);
  if (!joined.ok) return joined;
  const state = joined.value;
  const epoch = Number(ports.agreement.epoch(state));
  // An introduction that comes again, perhaps of a feed that its writer has left since.
  if (known !== undefined && known.epoch >= epoch) return accept(contact);
  const before = device.feedId === undefined ? undefined : draft.get(tables.feeds, device.feedId);
  if (device.feedId !== undefined) leaveFeed(draft, device.feedId);
  const secret = await ports.agreement.exporter(state, feedSecretLabel, contact.conversation);
  const reader = createReader(secret, location.ownerPublicKey, ports.primitives);
  draft.retire(secret);
  const feed: PeerFeedRow = {
    kind: 'peer',
    feedId: location.feedId,
    conversation: contact.conversation,
    address: contact.address,
    deviceKey,
    reader,
    assembler: createAssembler(location.sequence),
    relays: location.relays,
    index: 0,
    lostTo: undefined,
    lastTag: new Uint8Array(),
    sequence: location.sequence,
    timeNs: 0n,
    receipted: location.sequence,
    owesReceipt: false,
    head: known?.kind === 'peer' ? known.head : undefined,
    depth: before?.kind === 'peer' ? before.depth : 0,
    missing: known?.kind === 'peer' && location.sequence > known.sequence + commitsOfRejoin ? 1 : 0,
    losses: known?.kind === 'peer' ? known.losses : [],
    epoch,
    ended: undefined,
    twofold: false,
  };
  const { route, readerSeed, ownerPublicKey } = reader;
  const { feedId, relays } = feed;
  await keepGroup(draft, ports, feed, state);
  putPeerFeed(draft, feed);
  draft.put(tables.queues, route, { kind: 'peer', route, readerSeed, ownerPublicKey, relays, feedId });
  const following = putContact(draft, withDevice(contact, { ...device, feedId }));
  draft.effect({ kind: 'follow', queue: followedQueue(draft, ports, feed, ownRelays(draft, ports)) });
  return accept(following);
}

/** State of the group that the Welcome leads to. */
async function openWelcome(
  draft: Draft,
  ports: StepPorts,
  introduction: DecodedIntroduction,
  deviceKey: DeviceKey,
): Promise<Result<Uint8Array>> {
  const { device } = requireAccount(draft);
  let last: Result<Uint8Array> = refuse(
    'welcome',
    'introduction.welcome',
    'is for a KeyPackage of this device',
  );
  for (const pair of keyPackages(draft)) {
    if (!bytesEqual(pair.deviceKey, device.key)) continue;
    const joined = await ports.agreement.join(introduction.welcome, pair);
    if (!joined.ok) {
      last = joined;
      continue;
    }
    const { state, groupId } = joined.value;
    const members = ports.agreement.members(state);
    if (!bytesEqual(groupId, introduction.location.feedId)) {
      return refuse('feed', 'introduction.welcome', 'leads to the feed that the introduction names');
    }
    const owner = members[0];
    if (owner === undefined || !bytesEqual(owner.deviceKey, deviceKey)) {
      return refuse('owner', 'introduction.welcome', 'leads to a group of the introducing device');
    }
    if (!bytesEqual(owner.certificate, introduction.device.certificate)) {
      return refuse('owner', 'introduction.welcome', 'has the certificate of the introduction');
    }
    return accept(state);
  }
  return last;
}

/** Nothing more is read of a feed. What was read stays. */
export function leaveFeed(draft: Draft, feedId: Uint8Array): void {
  const feed = draft.get(tables.feeds, feedId);
  if (feed?.kind !== 'peer') return;
  draft.delete(tables.queues, feed.reader.route);
  draft.delete(tables.groups, feedId);
  draft.put(tables.feeds, feedId, { ...feed, ended: feed.ended ?? 'left' });
  draft.effect({ kind: 'leave', route: feed.reader.route });
  draft.retire(feed.reader.chainKey);
  for (const { key } of draft.scan(tables.psks, prefixRange(feedId))) draft.delete(tables.psks, key);
}
