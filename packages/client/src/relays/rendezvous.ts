/**
 * Weighted rendezvous hashing: everybody who chooses for a place draws one number for each relay from the hash of both, and
 * those with the largest numbers have it. A relay of twice the weight gets twice as many places; one that comes or goes moves
 * only the places that are its own. So load spreads with nobody to spread it.
 */
import { compareBytes, relayDraw, relayDraws, type PeerAddress, type Primitives } from '@mycelium/protocol';
import { neverMet, sharesOf, type RelayHealth } from './health.ts';
import { uniqueByKey } from './peer-lists.ts';

/** All candidates, one of each key, best for this place first. */
export function rankRelays(
  primitives: Pick<Primitives, 'sha256'>,
  place: Uint8Array,
  candidates: readonly PeerAddress[],
  healthOf: (relay: PeerAddress) => RelayHealth = () => neverMet,
): readonly PeerAddress[] {
  const relays = uniqueByKey(candidates);
  const shares = sharesOf(relays.map(healthOf));
  return relays
    .map((relay, at) => ({ relay, score: scoreOf(relayDraw(primitives, place, relay), shares[at] ?? 1) }))
    .toSorted((left, right) => right.score - left.score || compareBytes(left.relay.key, right.relay.key))
    .map(({ relay }) => relay);
}

/** −w / ln(u) for u drawn evenly between 0 and 1: the largest of several is that of w with probability w / Σw. */
function scoreOf(draw: number, weight: number): number {
  return -weight / Math.log((draw + 0.5) / relayDraws);
}
