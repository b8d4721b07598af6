/**
 * A peer says that it has more of a queue of ours than this store ever sealed. If that is true this store is an old
 * copy, and the device has to be renewed, which every contact hears of and which takes two entries of an account log
 * that has 256. So a lie must not do it. Believed is
 *
 * - a frame behind our end that opens under the epoch's keys, with a sequence that we never used, and with the mark that
 *   only this device makes (conversation/own-mark.ts). Neither relays nor contacts can make one;
 * - without a frame (its readers had all, and it was trimmed): the word of most relays of our own account, once a day.
 *   Who has those can deny us everything anyhow. The word of a contact's relay or device counts nothing.
 *
 * Of the card: a newer card of this account in it, which only devices of the account can sign.
 */
import {
  bytesEqual,
  concatBytes,
  openFrame,
  type FeedReader,
  type PeerAddress,
  type Route,
} from '@mycelium/protocol';
import { findCopied, moveCardOn } from '../account/ahead.ts';
import { requireAccount } from '../account/account-row.ts';
import { openCard, ownCardPointer } from '../account/card.ts';
import { isMarked } from '../conversation/own-mark.ts';
import { storedRows, type Rows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts } from '../ports.ts';
import { mapKey } from '../store/keys.ts';
import type { QueueRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { deadline } from './deadline.ts';

export interface Ahead {
  readonly route: Route;
  readonly peer: PeerAddress;
  readonly next: number;
}

const readWithinMs = 15_000;
/** A mark has a million values: who guesses them gets one try a minute. */
const checkEveryMs = 60_000;
const renewEveryMs = 86_400_000;
/** Frames looked at behind our end: the rest of a message that was begun below it, and one more. */
const framesMax = 300;
/** A card takes some ten frames: another device has not written ten thousand cards that we never saw. */
const cardJumpMax = 100_000;

type OwnQueue = Extract<QueueRow, { readonly kind: 'own' }>;

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
    if (ahead.next <= queue.next || requireAccount(rows).cloned) return;
    const name = triesOf(rows, ahead);
    const nowMs = ports.clock.monotonicMs();
    if (nowMs - (checkedMs.get(name) ?? -checkEveryMs) < checkEveryMs) throw unproven();
    checkedMs.set(name, nowMs);
    const served = await read(ports, queue, ahead.peer);
    if (queue.kind === 'card') {
      const next = cardEnd(ports, rows, queue.next, served);
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

/** Index behind the newest card, when one is newer than ours. */
function cardEnd(ports: ClientPorts, rows: Rows, from: number, served: Served): number | undefined {
  const account = requireAccount(rows);
  const pointer = ownCardPointer(ports.primitives, account);
  const card = openCard(ports.primitives, pointer, served.frames, ports.clock.nowMs());
  const next = served.first + served.frames.length;
  const newer =
    card !== undefined &&
    bytesEqual(card.state.accountId, account.accountId) &&
    card.sequence > account.cardSequence;
  return newer && next > from && next - from <= cardJumpMax ? next : undefined;
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
  const behind = served.frames.slice(Math.max(0, queue.next - served.first)).slice(0, framesMax);
  let believed = false;
  for (const frame of behind) {
    const opened = openFrame(reader, frame, ports.clock.nowMs(), primitives);
    if (!opened.ok) break;
    primitives.wipe(...opened.value.retired);
    ({ reader } = opened.value);
    const { sequence, timeNs } = opened.value.opened;
    if (sequence < feed.writer.sequence) continue;
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
