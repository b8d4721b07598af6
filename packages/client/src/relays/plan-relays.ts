/**
 * Which relays an account should have (spec/mail-clients.md, "Choice of relays"): three, those that its person named first, the
 * others from whoever is known to keep mail. A pure function over how relays have been. What works stays; one that stayed away
 * for days is replaced when there is another, at most one a day; nothing is given up for nothing.
 */
import { bytesEqual, type PeerAddress, type Primitives } from '@mycelium/protocol';
import { isGone, isProven, neverMet, type RelayHealth } from './health.ts';
import { rankRelays } from './rendezvous.ts';

/** Relays of an account beside which more would only cost. */
export const accountRelaysMax = 3;
/** A replacement is told to every contact, in a log that has room for few entries. */
const changeEveryMs = 86_400_000;
/** One that was replaced and is back for so long takes its place again when the person named it. */
const backAfterMs = 86_400_000;

export interface RelayCandidate {
  /** Where it is: one transport key, one address or more. */
  readonly peers: readonly [PeerAddress, ...PeerAddress[]];
  readonly health: RelayHealth;
  /** Chosen by the person, or this very node. */
  readonly named: boolean;
  /** Who told of it: of those that nobody named, one account brings at most one. Empty: the configuration. */
  readonly from: string;
  /** It had its place, stayed away, and lost it. */
  readonly replaced: boolean;
}

export interface RelaySituation {
  readonly nowMs: number;
  /** By which the choice differs from account to account. */
  readonly place: Uint8Array;
  /** As the account has them. */
  readonly current: readonly PeerAddress[];
  /** One for each key; named ones in the person's order. */
  readonly candidates: readonly RelayCandidate[];
  /** When relays were last changed without being asked; 0: never. */
  readonly changedMs: number;
}

/** Those that the account has stand first, in their order. */
export function planRelays(
  primitives: Pick<Primitives, 'sha256'>,
  situation: RelaySituation,
): readonly RelayCandidate[] {
  const { nowMs, candidates } = situation;
  const current = situation.current.flatMap((peer) => candidates.find((one) => isAt(one, peer)) ?? []);
  const had = [...new Set(current)];
  const others = rank(primitives, situation).filter((candidate) => !had.includes(candidate));
  const serving = had.filter(({ health }) => !isGone(health, nowMs));
  const mayChange = nowMs - situation.changedMs >= changeEveryMs;
  const namedNow = others.filter((one) =>
    one.replaced ? mayChange && isBack(one, nowMs) : one.named && !isGone(one.health, nowMs),
  );
  const proven = others.filter(({ health }) => isProven(health));
  const inOrder: readonly (readonly RelayCandidate[])[] = [
    serving.filter(({ named }) => named),
    namedNow,
    serving,
    mayChange || had.length < accountRelaysMax ? proven : [],
    // Nobody is there to take their place: they may come back.
    had,
    others.filter(({ named }) => named),
  ];
  const chosen = inOrder.reduce(take, []);
  return [...had.filter((one) => chosen.includes(one)), ...chosen.filter((one) => !had.includes(one))];
}

function isAt(candidate: RelayCandidate, peer: PeerAddress): boolean {
  return bytesEqual(candidate.peers[0].key, peer.key);
}

function isBack({ named, health }: RelayCandidate, nowMs: number): boolean {
  return named && isProven(health) && nowMs - health.steadySinceMs >= backAfterMs;
}

/** The person's order where it decides nothing, else the one in which places are drawn. */
function rank(
  primitives: Pick<Primitives, 'sha256'>,
  { place, candidates }: RelaySituation,
): readonly RelayCandidate[] {
  const named = candidates.filter((one) => one.named);
  const healthOf = (peer: PeerAddress): RelayHealth =>
    candidates.find((one) => isAt(one, peer))?.health ?? neverMet;
  const drawn = rankRelays(
    primitives,
    place,
    candidates.map(({ peers }) => peers[0]),
    healthOf,
  );
  const inOrder = drawn.flatMap((peer) => candidates.find((one) => isAt(one, peer)) ?? []);
  return named.length > accountRelaysMax ? inOrder : [...named, ...inOrder.filter((one) => !one.named)];
}

function take(chosen: readonly RelayCandidate[], more: readonly RelayCandidate[]): readonly RelayCandidate[] {
  return more.reduce(
    (all, one) =>
      all.length >= accountRelaysMax || all.includes(one) || (!one.named && isTold(all, one))
        ? all
        : [...all, one],
    chosen,
  );
}

/** The relays of one contact are perhaps one machine. */
function isTold(chosen: readonly RelayCandidate[], { from }: RelayCandidate): boolean {
  return from !== '' && chosen.some((one) => !one.named && one.from === from);
}
