/**
 * Who says to be an address (spec/directory.md, "Looking up"): all claims of yesterday, today and tomorrow, each held
 * against the card that it points to. The answer is every account that stands up, never the first one.
 */
import {
  bytesEqual,
  bytesToHex,
  claimFitsAccount,
  claimLocator,
  claimPeriod,
  openClaim,
  userIdOf,
  verifyClaimRecord,
  type Address,
  type Claim,
  type VerifiedCard,
} from '@mycelium/protocol';
import type { ClientPorts } from '../ports.ts';
import { deadline, pause } from './deadline.ts';
import { readCard } from './read-card.ts';

const lookUpWithinMs = 20_000;
/** Claims of one address whose cards are read: a locator has at most eight keys a day. */
const claimsReadMax = 24;
/** Of one account: whoever makes many claims keeps none of another account's from being read. */
const claimsOfAccountMax = 2;
const nodeWithinMs = 1_500;
const claimWithinMs = 4_000;
const cardWithinMs = 8_000;
const askAgainMs = 250;

export interface FoundCandidate {
  readonly claim: Claim;
  readonly card: VerifiedCard;
}

export interface Search {
  readonly candidates: readonly FoundCandidate[];
  /** Where accounts have moved that had this address, as their own logs say. */
  readonly movedTo: readonly string[];
  /** Claims that opened: more than there are candidates when cards could not be read. */
  readonly claims: number;
}

/**
 * Asked again for a while: a node that has just started is still meeting the others, and an account that has just begun
 * is still bringing its claim and its card to them.
 */
export async function findAccounts(ports: ClientPorts, address: Address): Promise<Search> {
  const sinceMs = ports.clock.monotonicMs();
  for (;;) {
    const claims = await findClaims(ports, address);
    const candidates = await readCandidates(ports, address, claims);
    const waitMs =
      claims.length > 0 ? cardWithinMs : ports.directory.nodesKnown() > 0 ? claimWithinMs : nodeWithinMs;
    const settled =
      candidates.found.length + candidates.movedTo.length > 0 ||
      ports.clock.monotonicMs() - sinceMs >= waitMs;
    if (settled) return { candidates: candidates.found, movedTo: candidates.movedTo, claims: claims.length };
    await pause(ports.clock, askAgainMs);
  }
}

async function readCandidates(
  ports: ClientPorts,
  address: Address,
  claims: readonly Claim[],
): Promise<{ readonly found: readonly FoundCandidate[]; readonly movedTo: readonly string[] }> {
  const read = await Promise.all(claimsToRead(claims).map((claim) => standUp(ports, address, claim)));
  const candidates: FoundCandidate[] = [];
  const movedTo = new Set<string>();
  for (const candidate of read) {
    if (typeof candidate === 'string') movedTo.add(candidate);
    if (candidate === undefined || typeof candidate === 'string') continue;
    const at = candidates.findIndex((other) => bytesEqual(other.claim.accountId, candidate.claim.accountId));
    const known = candidates[at];
    if (known === undefined) candidates.push(candidate);
    else if (candidate.card.state.head.sequence > known.card.state.head.sequence) candidates[at] = candidate;
  }
  return { found: candidates, movedTo: [...movedTo] };
}

function claimsToRead(claims: readonly Claim[]): readonly Claim[] {
  const countByAccount = new Map<string, number>();
  const wanted = claims.filter(({ accountId }) => {
    const account = bytesToHex(accountId);
    const count = (countByAccount.get(account) ?? 0) + 1;
    countByAccount.set(account, count);
    return count <= claimsOfAccountMax;
  });
  return wanted.slice(0, claimsReadMax);
}

async function findClaims(ports: ClientPorts, address: Address): Promise<readonly Claim[]> {
  const { primitives, directory, clock } = ports;
  const userId = userIdOf(primitives, address);
  const nowMs = clock.nowMs();
  const today = claimPeriod(nowMs);
  const limit = deadline(clock, lookUpWithinMs);
  const claims: Claim[] = [];
  const periods = [today, today - 1, today + 1].filter((period) => period >= 0 && period <= 0xffff_ffff);
  const places = periods.map((period) => ({ userId, period }));
  const answers = await Promise.all(
    places.map(async (place) => {
      const locator = claimLocator(primitives, userId, place.period);
      return directory.lookUp(locator, limit.cancellation).catch(() => []);
    }),
  );
  limit.clear();
  for (const [at, place] of places.entries()) {
    for (const bytes of answers[at] ?? []) {
      const record = verifyClaimRecord(primitives, bytes, nowMs);
      const claim = record.ok ? openClaim(primitives, place, record.value) : record;
      if (claim.ok && !claims.some((other) => sameClaim(other, claim.value))) claims.push(claim.value);
    }
  }
  return claims;
}

/** The same account and card: newer claims of it say nothing that the card does not. */
function sameClaim(left: Claim, right: Claim): boolean {
  return (
    bytesEqual(left.accountId, right.accountId) &&
    bytesEqual(left.card.cardSecret, right.card.cardSecret) &&
    bytesEqual(left.head.hash, right.head.hash) &&
    left.relays.length === right.relays.length &&
    left.relays.every((relay, at) => bytesEqual(relay.key, right.relays[at]?.key ?? new Uint8Array()))
  );
}

/** Text: the address that the account has moved to. */
async function standUp(
  ports: ClientPorts,
  address: Address,
  claim: Claim,
): Promise<FoundCandidate | string | undefined> {
  const card = await readCard(ports, claim.card, claim.relays);
  if (card === undefined) return undefined;
  const { accountId, formerAddresses } = card.state;
  const moved = bytesEqual(accountId, claim.accountId) && formerAddresses.includes(address.text);
  if (moved && card.state.address !== address.text) return card.state.address;
  const account = { log: card.log, state: card.state, address: address.text };
  return claimFitsAccount(ports.primitives, claim, account, ports.clock.nowMs()).ok
    ? { claim, card }
    : undefined;
}
