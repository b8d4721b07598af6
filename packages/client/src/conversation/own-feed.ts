/**
 * A feed of this device: how it begins, how a message goes into it, how its epochs change (spec/feeds.md). What is
 * said is sealed in the step that says it; the mail layer only ever sees frames that are on disk.
 */
import {
  createWriter,
  encodeCommit,
  encodeContent,
  frameCount,
  hasReserved,
  liveDevice,
  messageKinds,
  nextEpoch,
  RefusedError,
  reserve,
  resume,
  sealMessage,
  type CausalLink,
  type Committed,
  type FeedId,
  type FeedLocation,
  type FeedWriter,
  type Origin,
} from '@mycelium/protocol';
import { ownRelays, requireAccount } from '../account/account-row.ts';
import { contactState } from '../contacts/contact-row.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { placeKey, textKey } from '../store/keys.ts';
import type { ContactDevice, ContactRow, OwnFeedRow, QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { newestDepth } from './message-place.ts';
import { markedTimeNs } from './own-mark.ts';
import { putOwnQueue } from './own-queues.ts';
import { chooseRelays, ownedQueue } from './queue-peers.ts';

export const feedSecretLabel = 'mycelium feed 1';
export const pskLabel = 'mycelium psk 1';
const guardBytes = 8;

export interface Saying {
  readonly kind: number;
  readonly body: Uint8Array;
  readonly links?: readonly CausalLink[];
  readonly origin?: Origin | undefined;
  /** Key of the message that shows it, if one does. */
  readonly message?: Uint8Array;
  /** When it was said first, if it was said before. */
  readonly timeMs?: number;
  /** How often it was said and lost before. */
  readonly again?: number;
}

/** A new send group with the live devices of the contact in it, and its Welcome. The feed says nothing yet. */
export async function beginFeed(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
): Promise<{ readonly feed: OwnFeedRow; readonly welcome: Uint8Array | undefined }> {
  const account = requireAccount(draft);
  const feedId = ports.randomness.bytes(32) as FeedId;
  const { seed: deviceSeed, key: deviceKey, certificate } = account.device;
  const leaf = { deviceSeed, deviceKey, certificate };
  const empty = await ports.agreement.createGroup('xwing', feedId, leaf);
  const log = contactState(ports.primitives, contact);
  const live = contact.devices.filter(
    (device) => liveDevice(log, device.deviceKey, draft.nowMs) !== undefined,
  );
  const { devices, state, welcome } = await addDevices(ports, empty, live);
  const ownerSeed = ports.randomness.bytes(32);
  const feedSecret = await ports.agreement.exporter(state, feedSecretLabel, contact.conversation);
  const writer = createWriter({ feedSecret, ownerSeed, sequence: 0, signed: false }, ports.primitives);
  const epoch = Number(ports.agreement.epoch(state));
  const feed: OwnFeedRow = {
    kind: 'own',
    feedId,
    conversation: contact.conversation,
    address: contact.address,
    deviceKey,
    writer,
    run: ports.run,
    relays: relaysFor(draft, ports, contact, writer),
    epoch,
    messagesInEpoch: 0,
    epochSinceMs: draft.nowMs,
    depth: newestDepth(draft, contact.conversation),
    readers: devices.map((device) => ({ deviceKey: device.deviceKey, confirmed: 0, doubtedMs: 0 })),
    linked: {},
    announced: new Uint8Array(),
    logLength: account.log.length,
    left: false,
  };
  draft.put(tables.groups, feedId, ports.agreement.withoutExporter(state));
  draft.put(tables.feeds, feedId, feed);
  await keepPsk(draft, ports, feed, state);
  openQueue(draft, ports, feed);
  return { feed, welcome };
}

/** A device whose KeyPackage cannot be added beside those of the others is left out: it blocks nobody but itself. */
async function addDevices(
  ports: StepPorts,
  empty: Uint8Array,
  devices: readonly ContactDevice[],
): Promise<{
  readonly devices: readonly ContactDevice[];
  readonly state: Uint8Array;
  readonly welcome: Uint8Array | undefined;
}> {
  let added: { devices: readonly ContactDevice[]; state: Uint8Array; welcome: Uint8Array | undefined } = {
    devices: [],
    state: empty,
    welcome: undefined,
  };
  const attempts = [devices, ...devices.map((device) => [device])];
  for (const attempt of attempts) {
    const together = [...added.devices, ...attempt];
    try {
      const keyPackages = together.map(({ keyPackage }) => keyPackage);
      if (keyPackages.length > 0) {
        const { state, welcome } = await ports.agreement.add(empty, keyPackages);
        added = { devices: together, state, welcome };
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
    }
    if (added.devices.length === devices.length) break;
  }
  return added;
}

function relaysFor(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  writer: FeedWriter,
): OwnFeedRow['relays'] {
  const candidates = [...ownRelays(draft, ports), ...contact.relays];
  return chooseRelays(draft, ports.primitives, writer.route, candidates);
}

/** Peers' commits mix the secret of this epoch in: it is kept until they use a later one (psks.ts). */
async function keepPsk(draft: Draft, ports: StepPorts, feed: OwnFeedRow, state: Uint8Array): Promise<void> {
  const psk = await ports.agreement.exporter(state, pskLabel, feed.conversation);
  draft.put(tables.psks, placeKey(feed.feedId, feed.epoch), psk);
}

function openQueue(draft: Draft, ports: StepPorts, feed: OwnFeedRow): void {
  const { route, readerSeed, ownerSeed, ownerPublicKey } = feed.writer;
  const queue: Extract<QueueRow, { kind: 'own' }> = {
    kind: 'own',
    route,
    readerSeed,
    ownerSeed,
    ownerPublicKey,
    relays: feed.relays,
    feedId: feed.feedId,
    base: 0,
    next: 0,
    closed: false,
  };
  putOwnQueue(draft, queue);
  draft.effect({ kind: 'own', queue: ownedQueue(draft, ports, { queue, feed }, ownRelays(draft, ports)) });
}

export function locationOf(feed: OwnFeedRow): FeedLocation {
  const { feedId, writer, relays } = feed;
  return { feedId, ownerPublicKey: writer.ownerPublicKey, sequence: writer.sequence, relays };
}

/** Seals one message into the feed. Answers the feed as it is then, which is also what is stored. */
export function say(draft: Draft, ports: StepPorts, feed: OwnFeedRow, saying: Saying): OwnFeedRow {
  const { flags, bytes } = encodeContent({
    links: saying.links ?? [],
    origin: saying.origin,
    body: saying.body,
  });
  const parts = frameCount(bytes.length);
  const { ownerSeed, sequence } = feed.writer;
  const timeNs = markedTimeNs(ports.primitives, { ownerSeed, sequence }, saying.timeMs ?? draft.nowMs);
  const message = { kind: saying.kind, flags, timeNs, content: bytes };
  const guards = ports.randomness.bytes(parts * guardBytes);
  const sealed = sealMessage(readyWriter(draft, ports, feed, parts), message, guards, ports.primitives);
  draft.retire(...sealed.retired);
  const said: OwnFeedRow = {
    ...feed,
    writer: sealed.writer,
    run: ports.run,
    messagesInEpoch: feed.messagesInEpoch + 1,
  };
  draft.put(tables.feeds, feed.feedId, said);
  keepFrames(draft, said, sealed.frames);
  draft.put(tables.outgoing, placeKey(feed.feedId, sealed.sequence), {
    route: feed.writer.route,
    lastIndex: sealed.writer.index - 1,
    timeNs,
    message: saying.message,
    stored: false,
    lost: false,
    again: saying.again ?? 0,
  });
  return said;
}

/** Another run of the program may have used what is reserved; and there is a reserve for what comes now. */
function readyWriter(draft: Draft, ports: StepPorts, feed: OwnFeedRow, frames: number): FeedWriter {
  let { writer } = feed;
  if (feed.run !== ports.run) {
    const resumed = resume(writer, ports.primitives);
    draft.retire(...resumed.retired);
    writer = resumed.writer;
  }
  return hasReserved(writer, frames) ? writer : reserve(writer, frames);
}

function keepFrames(draft: Draft, feed: OwnFeedRow, frames: readonly Uint8Array[]): void {
  const { route, index } = feed.writer;
  const queue = draft.get(tables.queues, route);
  if (queue?.kind !== 'own') return;
  for (const [at, frame] of frames.entries()) {
    draft.put(tables.frames, placeKey(route, index - frames.length + at), frame);
  }
  draft.put(tables.queues, route, { ...queue, next: index });
  draft.effect({ kind: 'wake', route, next: index });
}

/** Says the commit as the last message of the epoch and goes on in the next one. */
export async function changeEpoch(
  draft: Draft,
  ports: StepPorts,
  feed: OwnFeedRow,
  committed: Committed,
): Promise<OwnFeedRow> {
  const { state, commit } = committed;
  const ownerSeed = ports.randomness.bytes(32);
  const feedSecret = await ports.agreement.exporter(state, feedSecretLabel, feed.conversation);
  const contact = draft.get(tables.contacts, textKey(feed.address));
  const begun = nextEpoch(feed.writer, feedSecret, ownerSeed, ports.primitives).writer;
  const relays = contact === undefined ? feed.relays : relaysFor(draft, ports, contact, begun);
  const body = encodeCommit({ nextOwnerPublicKey: begun.ownerPublicKey, nextRelays: relays, commit });
  const closing = say(draft, ports, feed, { kind: messageKinds.commit, body });
  const queue = draft.get(tables.queues, closing.writer.route);
  if (queue?.kind === 'own') draft.put(tables.queues, queue.route, { ...queue, closed: true });
  const { writer, retired } = nextEpoch(closing.writer, feedSecret, ownerSeed, ports.primitives);
  draft.retire(...retired, feedSecret);
  const next: OwnFeedRow = {
    ...closing,
    writer,
    relays,
    epoch: Number(ports.agreement.epoch(state)),
    messagesInEpoch: 0,
    epochSinceMs: draft.nowMs,
  };
  draft.put(tables.groups, feed.feedId, ports.agreement.withoutExporter(state));
  draft.put(tables.feeds, feed.feedId, next);
  await keepPsk(draft, ports, next, state);
  openQueue(draft, ports, next);
  return next;
}
