/**
 * A peer says that it has frames of a queue of ours that this store never sealed: more than we have, or others in the
 * same places. If that is true this store is an old copy, and the device has to be renewed, which every contact hears of and which takes two entries of an account log
 * that has 256. So a lie must not do it. Believed is
 *
 * - a frame that is not ours and opens where our own chain stands, with a sequence that we never used, and with the mark
 *   that only this device makes (conversation/own-mark.ts). Neither relays nor contacts can make one;
 * - without a frame (its readers had all, and it was trimmed): the word of most relays of our own account, once a day.
 *   Who has those can deny us everything anyhow. The word of a contact's relay or device counts nothing.
 *
 * A receipt for what that other self wrote proves it too (conversation/kinds/receipt.ts). What a peer has forgotten because
 * it was kept long enough is nobody's claim.
 *
 * Of the card: another card of this account in it, which only devices of the account can sign.
 */
import {
  bytesEqual,
  concatBytes,
  openFrame,
  type FeedReader,
  type PeerAddress,
  type Route,
} from '@mycelium/protocol';
import type { AheadClaim } from '@mycelium/runtime';
import { findCopied, moveCardOn } from '../account/ahead.ts';
import { requireAccount } from '../account/account-row.ts';
import { openCard, ownCardPointer } from '../account/card.ts';
import { isMarked } from '../conversation/own-mark.ts';
import { storedRows, type Rows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts } from '../ports.ts';
import { mapKey, placeKey, prefixRange } from '../store/keys.ts';
import type { QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { deadline } from './deadline.ts';

export interface Ahead extends AheadClaim {
  readonly route: Route;
  readonly peer: PeerAddress;
}

const readWithinMs = 15_000;
/** A mark has a million values: who guesses them gets one try a minute. */
const checkEveryMs = 60_000;
const renewEveryMs = 86_400_000;
/** Frames looked at behind our end: the rest of a message that was begun below it, and one more. */
const framesMax = 300;
/** A card takes some ten frames: another device has not written ten thousand cards that we never saw. */
const cardJumpMax = 100_000;
/** Clocks differ, and frames are sealed before they are appended. */
const retentionSlackMs = 86_400_000;
const nsPerMs = 1_000_000n;

type OwnQueue = Extract<QueueRow, { readonly kind: 'own' }>;
type CardQueue = Extract<QueueRow, { readonly kind: 'card' }>;

interface Served {
  readonly first: number;
  readonly frames: readonly Uint8Array[];
}

/** Rejects while nothing proves it: the agent asks that peer again later, and the others get what is sent. */
export function createAheadCheck(ports: ClientPorts, loop: Loop): (ahead: Ahead) => Promise<void> {
  const checkedMs = new Map<string, number>();
  const claimants = new Set<string>();
  return async (ahead) => {
    const rows = storedRows(ports.store);
    const queue = rows.get(tables.queues, ahead.route);
    if (queue?.kind !== 'own' && queue?.kind !== 'card') return;
    if (requireAccount(rows).cloned || isExpired(ports, rows, queue, ahead)) return;
    const name = triesOf(rows, ahead);
    const nowMs = ports.clock.monotonicMs();
    if (nowMs - (checkedMs.get(name) ?? -checkEveryMs) < checkEveryMs) throw unproven();
    checkedMs.set(name, nowMs);
    const served = await read(ports, queue, ahead.peer);
    if (queue.kind === 'card') {
      const next = cardEnd(ports, rows, queue, served);
      if (next === undefined) throw unproven();
      return loop.step((draft) => moveCardOn(draft, ahead.route, next));
    }
    const believed =
      isSealedByUs(ports, rows, queue, served) || isWordOfMost(ports, rows, claimants, ahead.peer);
    if (!believed) throw unproven();
    return loop.step(findCopied);
  };
}

/**
 * Whose tries are counted together. Each relay of our account has its own, so that nobody else's claim puts off hearing it;
 * all others share one.
 */
function triesOf(rows: Rows, { route, peer }: Ahead): string {
  const own = requireAccount(rows).relays.some(({ key }) => bytesEqual(key, peer.key));
  return mapKey(own ? concatBytes(route, peer.key) : route);
}

function unproven(): Error {
  return new Error('a peer claims frames of a queue of ours that nothing proves');
}

async function read(ports: ClientPorts, queue: QueueRow, peer: PeerAddress): Promise<Served> {
  const limit = deadline(ports.clock, readWithinMs);
  try {
    const outcome = await ports.mail.readOnce(queue, [peer], limit.cancellation);
    return outcome.kind === 'read' ? outcome : { first: 0, frames: [] };
  } finally {
    limit.clear();
  }
}

/** Index behind the newest card and what we have put there ourselves, when it is not the one that we wrote last, and not an older one. */
function cardEnd(ports: ClientPorts, rows: Rows, queue: CardQueue, served: Served): number | undefined {
  const account = requireAccount(rows);
  const pointer = ownCardPointer(ports.primitives, account);
  const card = openCard(ports.primitives, pointer, served.frames, ports.clock.nowMs());
  const next = served.first + served.frames.length;
  const other =
    card !== undefined &&
    bytesEqual(card.state.accountId, account.accountId) &&
    // Another device's counts at any age: one that has just joined the account has a newer card, and has to put it behind that.
    (card.sequence >= account.cardSequence || !bytesEqual(card.signer, account.device.key)) &&
    framesNotOurs(rows, queue, served).length > 0;
  return other && next - queue.next <= cardJumpMax ? Math.max(next, queue.next) : undefined;
}

/** The peer has forgotten frames of ours because it kept them long enough. */
function isExpired(ports: ClientPorts, rows: Rows, queue: QueueRow, claim: AheadClaim): boolean {
  const { next, lastTag, retentionMs } = claim;
  if (queue.kind !== 'own' || lastTag !== undefined || next > queue.next) return false;
  const said = rows
    .scan(tables.outgoing, prefixRange(queue.feedId))
    .find(({ row }) => bytesEqual(row.route, queue.route) && row.lastIndex >= next - 1);
  if (said === undefined) return true;
  return (
    ports.clock.nowMs() - Number(said.row.timeNs / nsPerMs) >
    retentionMs - Math.min(retentionSlackMs, retentionMs / 2)
  );
}

function framesNotOurs(
  rows: Rows,
  { route, base }: OwnQueue | CardQueue,
  served: Served,
): readonly Uint8Array[] {
  return served.frames.filter((frame, at) => {
    const index = served.first + at;
    const ours = rows.get(tables.frames, placeKey(route, index));
    return index >= base && (ours === undefined || !bytesEqual(ours, frame));
  });
}

function isSealedByUs(ports: ClientPorts, rows: Rows, queue: OwnQueue, served: Served): boolean {
  const { primitives } = ports;
  const feed = rows.get(tables.feeds, queue.feedId);
  if (feed?.kind !== 'own' || !bytesEqual(feed.writer.route, queue.route)) return false;
  // From where our own chain stands: what another self sealed with keys that are erased here proves nothing any more.
  const { route, readerSeed, ownerPublicKey, chainKey, generation } = feed.writer;
  let reader: FeedReader = {
    route,
    readerSeed,
    ownerPublicKey,
    chainKey: chainKey.slice(),
    generation,
    skipped: new Uint8Array(),
  };
  const behind = framesNotOurs(rows, queue, served).slice(0, framesMax);
  let believed = false;
  for (const frame of behind) {
    const opened = openFrame(reader, frame, ports.clock.nowMs(), primitives);
    if (!opened.ok) continue;
    primitives.wipe(...opened.value.retired);
    ({ reader } = opened.value);
    const { sequence, timeNs } = opened.value.opened;
    const said = rows.get(tables.outgoing, placeKey(queue.feedId, sequence));
    // What a relay repeats of ours proves nothing.
    const known = said === undefined ? sequence < feed.writer.sequence : said.timeNs === timeNs;
    if (known) continue;
    believed = isMarked(primitives, { ownerSeed: queue.ownerSeed, sequence }, timeNs);
    break;
  }
  primitives.wipe(reader.chainKey, reader.skipped);
  return believed;
}

function isWordOfMost(ports: ClientPorts, rows: Rows, claimants: Set<string>, peer: PeerAddress): boolean {
  const { relays, renewedMs } = requireAccount(rows);
  if (!relays.some(({ key }) => bytesEqual(key, peer.key))) return false;
  claimants.add(mapKey(peer.key));
  const names = new Set(relays.map(({ key }) => mapKey(key)));
  const claimed = [...names].filter((name) => claimants.has(name)).length;
  return claimed > names.size / 2 && ports.clock.nowMs() - renewedMs >= renewEveryMs;
}
