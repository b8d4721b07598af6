/**
 * Which relays hold a queue after some of those that were announced with it have been left (spec/mail-clients.md, "Choice of
 * relays"). From the account logs alone, so that the queue's owner and its readers come to the same ones without a word.
 */
import { bytesEqual, compareBytes } from '../bytes/compare.ts';
import type { PeerAddress } from '../brands.ts';
import { feedRelays } from '../limits.ts';
import type { Primitives } from '../primitives.ts';

/** How many bytes of the hash are drawn: so many that a number holds them exactly. */
const drawBytes = 6;
export const relayDraws: number = 256 ** drawBytes;

/** A number from 0 to 2^48 − 1 for a relay and a place: who draws the largest has it. */
export function relayDraw(
  primitives: Pick<Primitives, 'sha256'>,
  place: Uint8Array,
  { key }: PeerAddress,
): number {
  let draw = 0;
  for (const byte of primitives.sha256(place, key).subarray(0, drawBytes)) draw = draw * 256 + byte;
  return draw;
}

export interface QueuePlace {
  readonly route: Uint8Array;
  /** As the feed location or the commit named them. */
  readonly announced: readonly PeerAddress[];
  /** Relays that the account of the queue's owner had and left. */
  readonly former: readonly PeerAddress[];
  /** Relays of all members' accounts, as their logs have them. */
  readonly today: readonly PeerAddress[];
}

/** The announced ones unless some have been left; then others stand in their place, up to three in all. */
export function queueHolders(
  primitives: Pick<Primitives, 'sha256'>,
  { route, announced, former, today }: QueuePlace,
): readonly PeerAddress[] {
  const good = today.filter((relay, at) => !isIn(former, relay) && !isIn(today.slice(0, at), relay));
  const remaining = announced.filter((relay) => isIn(good, relay));
  if (remaining.length === announced.length || good.length === 0) return announced;
  const others = good
    .filter((relay) => !isIn(remaining, relay))
    .map((relay) => ({ relay, draw: relayDraw(primitives, route, relay) }))
    .toSorted((left, right) => right.draw - left.draw || compareBytes(left.relay.key, right.relay.key))
    .map(({ relay }) => relay);
  return [...remaining, ...others.slice(0, Math.max(announced.length, feedRelays) - remaining.length)];
}

function isIn(list: readonly PeerAddress[], { key }: PeerAddress): boolean {
  return list.some((peer) => bytesEqual(peer.key, key));
}
