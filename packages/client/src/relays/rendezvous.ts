/**
 * Weighted rendezvous hashing: everybody who chooses for a place draws one number for each relay from the hash of both, and
 * those with the largest numbers have it. A relay of twice the weight gets twice as many places; one that comes or goes moves
 * only the places that are its own. So load spreads with nobody to spread it.
 */
import { compareBytes, relayDraw, relayDraws, type PeerAddress, type Primitives } from '@mycelium/protocol';
import { uniqueByKey } from './peer-lists.ts';

export type WeightOf = (relay: PeerAddress) => number;

const alike: WeightOf = () => 1;

/** All candidates, one of each key, best for this place first. */
export function rankRelays(
  primitives: Pick<Primitives, 'sha256'>,
  place: Uint8Array,
  candidates: readonly PeerAddress[],
  weightOf: WeightOf = alike,
): readonly PeerAddress[] {
  return uniqueByKey(candidates)
    .map((relay) => ({ relay, score: scoreOf(relayDraw(primitives, place, relay), weightOf(relay)) }))
    .toSorted((left, right) => right.score - left.score || compareBytes(left.relay.key, right.relay.key))
    .map(({ relay }) => relay);
}

/** −w / ln(u) for u drawn evenly between 0 and 1: the largest of several is that of w with probability w / Σw. */
function scoreOf(draw: number, weight: number): number {
  return -weight / Math.log((draw + 0.5) / relayDraws);
}
