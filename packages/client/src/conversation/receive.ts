/**
 * Frames of a feed that we follow, strictly in the order of their indices (docs/architecture.md, "Mail"). What opens
 * is taken, whatever is in it; what does not open was not sealed by the feed's owner and leaves everything as it was.
 */
import {
  addFrame,
  bytesEqual,
  createAssembler,
  decodeContent,
  frameTag,
  openFrame,
  type AssembledMessage,
  type PeerAddress,
  type Route,
} from '@mycelium/protocol';
import type { LastTaken } from '@mycelium/runtime';
import type { Draft } from '../loop/draft.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { placeKey } from '../store/keys.ts';
import type { PeerFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { contactOf, refuseMessage } from './incoming.ts';
import { takeKind } from './kinds/take-kind.ts';
import { standingOf } from './place.ts';
import { confirmFeed, wantsReceipt } from './confirm.ts';
import { noteLoss } from './lost.ts';

/** Positions behind the newest that are kept to recognize repetitions; they go so many together. */
const positionsKept = 512;
const positionsAtOnce = 64;

export interface ReceivedFrames {
  readonly route: Route;
  readonly firstIndex: number;
  readonly frames: readonly Uint8Array[];
  readonly from: PeerAddress;
}

/** How far a followed queue is on disk, for who appends to it directly. */
export function lastTaken(rows: Rows, route: Route): LastTaken | undefined {
  const feed = followedFeed(rows, route);
  if (feed === undefined || feed.lastTag.length === 0) return undefined;
  return { next: feed.index, tag: feed.lastTag };
}

/**
 * The first of these frames opened and passed, whatever it says: for a message whose own transition failed. It is
 * told as refused. Answers the index that is wanted next.
 */
export function passFrame(draft: Draft, ports: StepPorts, received: ReceivedFrames): number {
  const { route, firstIndex, frames } = received;
  const feed = followedFeed(draft, route);
  const index = feed === undefined ? undefined : beginOf(feed, firstIndex);
  const frame = index === undefined ? undefined : frames[index - firstIndex];
  if (feed === undefined || index === undefined || frame === undefined) return firstIndex + frames.length;
  const opened = openFrame(feed.reader, frame, draft.nowMs, ports.primitives);
  if (!opened.ok) return feed.index;
  const { reader, opened: message, retired } = opened.value;
  draft.retire(...retired);
  const sequence = Math.max(feed.sequence, message.sequence + 1);
  const timeNs = sequence > feed.sequence ? message.timeNs : feed.timeNs;
  const lastTag = frameTag(frame);
  const assembler = createAssembler(sequence);
  const behind = noteLoss(draft, feed, message.sequence);
  keep(draft, {
    ...behind,
    reader,
    assembler,
    sequence,
    timeNs,
    index: index + 1,
    lastTag,
    lostTo: undefined,
  });
  refuseMessage(draft, feed.address, {
    code: 'failed',
    where: 'message',
    rule: 'could not be taken, and was passed',
  });
  return index + 1;
}

/** The first of these frames that is wanted; undefined: they stand behind a hole that nobody told of. */
function beginOf(feed: PeerFeedRow, firstIndex: number): number | undefined {
  if (firstIndex <= feed.index) return feed.index;
  return firstIndex === feed.lostTo ? firstIndex : undefined;
}

/** Answers the index that is wanted next. */
export async function receive(draft: Draft, ports: StepPorts, received: ReceivedFrames): Promise<number> {
  const { route, firstIndex, frames } = received;
  const end = firstIndex + frames.length;
  let feed = followedFeed(draft, route);
  if (feed === undefined) return end;
  const begin = beginOf(feed, firstIndex);
  if (begin === undefined) return feed.index;
  for (const [at, frame] of frames.slice(begin - firstIndex).entries()) {
    const taken = await takeFrame(draft, ports, feed, { index: begin + at, frame });
    if (taken === undefined) break;
    feed = taken;
    if (feed.ended !== undefined || !bytesEqual(feed.reader.route, route)) break;
  }
  const moved = !bytesEqual(feed.reader.route, route);
  confirmFeed(draft, ports, feed);
  return moved || feed.ended !== undefined ? end : feed.index;
}

function followedFeed(rows: Rows, route: Route): PeerFeedRow | undefined {
  const queue = rows.get(tables.queues, route);
  const feed = queue?.kind === 'peer' ? rows.get(tables.feeds, queue.feedId) : undefined;
  return feed?.kind === 'peer' && feed.ended === undefined && bytesEqual(feed.reader.route, route)
    ? feed
    : undefined;
}

/** Undefined: not the frame of this feed that stands at this index. */
async function takeFrame(
  draft: Draft,
  ports: StepPorts,
  before: PeerFeedRow,
  { index, frame }: { readonly index: number; readonly frame: Uint8Array },
): Promise<PeerFeedRow | undefined> {
  const { primitives } = ports;
  const opened = openFrame(before.reader, frame, draft.nowMs, primitives);
  if (!opened.ok) return undefined;
  const { reader } = opened.value;
  const jumped = index > before.index;
  const standing = standingOf(before, opened.value.opened);
  if (jumped ? standing !== 'later' : standing === 'later') {
    if (reader.chainKey !== before.reader.chainKey) draft.retire(reader.chainKey);
    return undefined;
  }
  draft.retire(...opened.value.retired);
  const feed = jumped ? { ...before, assembler: createAssembler(before.sequence) } : before;
  const open: PeerFeedRow = {
    ...feed,
    reader,
    index: index + 1,
    lastTag: frameTag(frame),
    lostTo: undefined,
  };
  const assembled = addFrame(feed.assembler, opened.value.opened, primitives);
  if (!assembled.ok) {
    refuseMessage(draft, feed.address, assembled.refusal);
    return keep(draft, open);
  }
  const whole: PeerFeedRow = { ...open, assembler: assembled.value.assembler };
  const { message } = assembled.value;
  return message === undefined
    ? keep(draft, whole)
    : keep(draft, await takeMessage(draft, ports, whole, message));
}

function keep(draft: Draft, feed: PeerFeedRow): PeerFeedRow {
  draft.put(tables.feeds, feed.feedId, feed);
  return feed;
}

/** Sequence first: repetitions are known by it, losses shown by it. */
async function takeMessage(
  draft: Draft,
  ports: StepPorts,
  feed: PeerFeedRow,
  message: AssembledMessage,
): Promise<PeerFeedRow> {
  const digest = ports.primitives.sha256(Uint8Array.of(message.kind, message.flags), message.content);
  if (message.sequence < feed.sequence) return repeated(draft, feed, message.sequence, digest);
  const behind = noteLoss(draft, feed, message.sequence);
  const next: PeerFeedRow = {
    ...behind,
    sequence: message.sequence + 1,
    timeNs: message.timeNs,
    owesReceipt: behind.owesReceipt || wantsReceipt(message.kind),
  };
  draft.put(tables.positions, placeKey(feed.feedId, message.sequence), {
    digest,
    message: undefined,
    depth: next.depth,
  });
  forgetPositions(draft, feed, next);
  const contact = contactOf(draft, next);
  const content = decodeContent(message.flags, message.content);
  if (contact === undefined) return next;
  if (!content.ok) {
    refuseMessage(draft, feed.address, content.refusal);
    return next;
  }
  return takeKind(draft, ports, { contact, feed: next, message, content: content.value });
}

/** The same again is nothing new. Something else in the same place: two copies of one device are at work. */
function repeated(draft: Draft, feed: PeerFeedRow, sequence: number, digest: Uint8Array): PeerFeedRow {
  const known = draft.get(tables.positions, placeKey(feed.feedId, sequence));
  if (feed.twofold || known === undefined || bytesEqual(known.digest, digest)) return feed;
  draft.announce({
    event: 'security',
    kind: 'clone',
    address: feed.address,
    text: `A device of ${feed.address} said two different things in one place: there may be a copy of it.`,
  });
  return { ...feed, twofold: true };
}

/** Positions that show a message stay; they are the message's index. Now and then those of a while ago are looked at. */
function forgetPositions(draft: Draft, before: PeerFeedRow, feed: PeerFeedRow): void {
  const [from, to] = [before, feed].map(({ sequence }) => {
    const old = Math.max(0, sequence - positionsKept);
    return placeKey(feed.feedId, old - (old % positionsAtOnce));
  });
  if (from === undefined || to === undefined || bytesEqual(from, to)) return;
  for (const { key, row } of draft.scan(tables.positions, { from, to })) {
    if (row.message === undefined) draft.delete(tables.positions, key);
  }
}
