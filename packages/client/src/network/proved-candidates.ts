/** Of several accounts that claim an address the one that its domain has signed for (spec/identity.md, "Contested"). */
import { domainOf, judgeProof } from '../domains/judge-proof.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import type { FoundCandidate } from './find-accounts.ts';
import { learnDomain } from './look-up-domain.ts';

/** All of them where the domain proves none, or more than one. The domain is asked only where somebody shows a proof. */
export async function provedCandidates(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  candidates: readonly FoundCandidate[],
): Promise<readonly FoundCandidate[]> {
  const shown = candidates.find((candidate) => shownProof(candidate) !== undefined);
  if (shown === undefined) return candidates;
  await learnDomain(ports, stepPorts, loop, { domain: domainOf(shown.card.state.address), web: true });
  const rows = storedRows(ports.store);
  const { primitives, clock } = ports;
  const proved = candidates.filter((candidate) => {
    const { address, accountId } = candidate.card.state;
    const subject = { address, accountId, proof: shownProof(candidate) };
    return judgeProof(rows, { primitives, nowMs: clock.nowMs() }, subject).kind === 'holds';
  });
  return proved.length === 1 ? proved : candidates;
}

/** The card is the newer of the two, mostly; a claim has its proof where the card has none. */
export function shownProof({ card, claim }: FoundCandidate): Uint8Array | undefined {
  return card.domainProof ?? (claim.domainProof.length > 0 ? claim.domainProof : undefined);
}
