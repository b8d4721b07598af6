/**
 * What a reader of our feed can never get (spec/messages.md, "Losses") is said again: texts with the place where they
 * stood first, so that they are one message wherever they come from; of everything else, how things are now.
 */
import {
  bytesEqual,
  bytesToHex,
  encodeText,
  messageKinds,
  type ReceiptFeed,
  type SkippedFrames,
} from '@mycelium/protocol';
import { tellLog } from '../account/maintain.ts';
import { sayCreate, tellReachability } from '../contacts/begin-conversation.ts';
import { ownFeedOf } from '../contacts/contact-row.ts';
import { tellVouches } from '../contacts/give-vouch.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { Keyed } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { numberOfKey, placeKey, prefixRange, textKey } from '../store/keys.ts';
import type { ContactRow, MessageRow, OutgoingRow, OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { isWithin } from './lost.ts';
import { say } from './own-feed.ts';

/** Somebody who says that nothing ever comes does not make us talk for ever. */
const againMax = 8;
/** A new feed is some work for both sides, and a relay that lies can make it needed. */
const newFeedEveryMs = 3_600_000;

/** A message of a feed of ours, with the number of its place. */
interface LostRow extends Keyed<OutgoingRow> {
  readonly sequence: number;
}

/** Answers whether something that is not for the person is lost: then receipts may be among it. */
export function sayLostAgain(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  { own, receipt }: { readonly own: OwnFeedRow; readonly receipt: ReceiptFeed },
): boolean {
  if (receipt.lost.length === 0 && receipt.skipped === undefined) return false;
  if (own.left || ownFeedOf(draft, contact)?.feedId.join() !== own.feedId.join()) return false;
  const all = lostRows(draft, own, receipt).filter(({ row }) => !row.lost);
  const stuck = receipt.skipped !== undefined && isStuck(draft, receipt.skipped, all);
  const waiting = stuck ? all.filter(({ sequence }) => sequence > receipt.upTo) : [];
  const lost = all.filter((row) => !waiting.includes(row));
  if (stuck) planNewFeed(draft, own);
  for (const { key, row } of waiting) waitForNewFeed(draft, key, row);
  for (const { key, row } of lost)
    draft.put(tables.outgoing, key, { ...row, message: undefined, lost: true });
  for (const { row } of lost) {
    const message = row.message === undefined ? undefined : draft.get(tables.messages, row.message);
    if (message !== undefined) sayAgain(draft, ports, contact, { message, again: row.again + 1 });
  }
  const facts = lost.filter(({ row }) => row.message === undefined);
  if (facts.length === 0) return false;
  restate(draft, ports, contact, { begin: facts.some(({ sequence }) => sequence === 0) });
  return true;
}

/**
 * Those that no reader has confirmed yet are all there are: who has confirmed a message has it. Frames that we never
 * had are no loss but what a relay made the reader believe; it will look again.
 */
function lostRows(draft: Draft, own: OwnFeedRow, receipt: ReceiptFeed): readonly LostRow[] {
  const { upTo, lost } = receipt;
  const queue = receipt.skipped === undefined ? undefined : draft.get(tables.queues, receipt.skipped.route);
  const isTrue = queue?.kind === 'own' && (receipt.skipped?.below ?? 0) <= queue.next;
  const skipped = isTrue ? receipt.skipped : undefined;
  const found: LostRow[] = [];
  let end = 0;
  for (const { key, row } of draft.scan(tables.outgoing, prefixRange(own.feedId))) {
    const sequence = numberOfKey(key, own.feedId.length);
    const ofQueue = skipped !== undefined && bytesEqual(row.route, skipped.route);
    const gone = ofQueue && sequence > upTo && end < skipped.below;
    if (gone || isWithin(lost, sequence)) found.push({ key, row, sequence });
    if (ofQueue) end = row.lastIndex + 1;
  }
  return found;
}

/** The commit at the queue's end is lost: nothing more can be read. */
function isStuck(draft: Draft, skipped: SkippedFrames, lost: readonly LostRow[]): boolean {
  const queue = draft.get(tables.queues, skipped.route);
  return queue?.kind === 'own' && queue.closed && lost.some(({ row }) => row.lastIndex === queue.next - 1);
}

function planNewFeed(draft: Draft, own: OwnFeedRow): void {
  const name = `new-feed:${bytesToHex(own.feedId)}`;
  if (draft.get(tables.agenda, textKey(name)) !== undefined) return;
  planWork(draft, name, Math.max(draft.nowMs, own.epochSinceMs + newFeedEveryMs));
}

/** It is said again there. Until then nobody has it. */
function waitForNewFeed(draft: Draft, key: Uint8Array, row: OutgoingRow): void {
  draft.put(tables.outgoing, key, { ...row, lost: true });
  const message = row.message === undefined ? undefined : draft.get(tables.messages, row.message);
  if (row.message === undefined || message?.state !== 'stored') return;
  draft.put(tables.messages, row.message, { ...message, state: 'queued' });
}

export interface SayingAgain {
  readonly message: MessageRow;
  readonly again: number;
}

/** Says a text of ours again in the feed that we write to now; it is on its way again. */
export function sayAgain(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  { message, again }: SayingAgain,
): void {
  const feed = ownFeedOf(draft, contact);
  const body = encodeText(message.text);
  const key = draft.get(tables.messageKeys, message.id);
  if (feed === undefined || key === undefined || !body.ok) return;
  if (again > againMax) return giveUp(draft, key, message);
  const { sequence } = feed.writer;
  const { timeMs } = message;
  const depth = Math.max(feed.depth, message.depth);
  const origin = { feedId: message.feedId, sequence: message.sequence };
  const digest = ports.primitives.sha256(body.value);
  draft.put(tables.positions, placeKey(feed.feedId, sequence), { digest, message: key, depth });
  const saying = { kind: messageKinds.text, body: body.value, origin, message: key, timeMs, again };
  say(draft, ports, { ...feed, depth }, saying);
  if (message.state === 'stored') draft.put(tables.messages, key, { ...message, state: 'queued' });
}

function giveUp(draft: Draft, key: Uint8Array, message: MessageRow): void {
  if (message.state === 'delivered' || message.state === 'read') return;
  draft.put(tables.messages, key, { ...message, state: 'failed' });
  const [id, conversation] = [bytesToHex(message.id), bytesToHex(message.conversation)];
  draft.announce({ event: 'receipt', id, conversation, state: 'failed' });
}

/** How things are now: it replaces whatever was said of it before. */
function restate(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  { begin }: { readonly begin: boolean },
): void {
  const feed = ownFeedOf(draft, contact);
  if (feed === undefined) return;
  if (begin) sayCreate(draft, ports, contact, feed);
  const now = ownFeedOf(draft, contact) ?? feed;
  const announced = now.announced.length === 0 ? now.announced : nothingSaid;
  draft.put(tables.feeds, feed.feedId, { ...now, announced, logLength: 0 });
  tellReachability(draft, ports, contact);
  tellLog(draft, ports, contact);
  tellVouches(draft, ports, contact);
}

/** No encoding of addresses: differs from all. */
const nothingSaid = Uint8Array.of(255);
