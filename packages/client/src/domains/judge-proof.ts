/** Whether a domain proof holds now, and if not why, as a sentence (spec/domain.md, "What is believed"). Pure. */
import {
  bytesEqual,
  decodeDomainProof,
  keyInDomain,
  parseAddress,
  verifyDomainProof,
  type AccountId,
  type Address,
  type Primitives,
} from '@mycelium/protocol';
import type { Rows } from '../loop/rows.ts';
import { textKey } from '../store/keys.ts';
import type { DomainRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { answerHoldsMs, unknownDomain } from './domain-row.ts';

export interface ProofShown {
  /** Canonical. */
  readonly address: string;
  readonly accountId: AccountId;
  /** Undefined or empty: none. */
  readonly proof: Uint8Array | undefined;
}

export type ProofJudgement =
  | { readonly kind: 'none' }
  /** `note`: until when, and how old the answer of the domain is. */
  | { readonly kind: 'holds'; readonly domain: string; readonly untilMs: number; readonly note: string }
  | { readonly kind: 'doubt'; readonly domain: string; readonly why: string };

const dayMs = 86_400_000;

interface JudgePorts {
  readonly primitives: Primitives;
  readonly nowMs: number;
}

export function judgeProof(rows: Rows, ports: JudgePorts, shown: ProofShown): ProofJudgement {
  return judgeProofBy(knownDomain(rows, domainOf(shown.address)), ports, shown);
}

/** By what is known of the domain of the address. */
export function judgeProofBy(
  row: DomainRow,
  { primitives, nowMs }: JudgePorts,
  { address: text, accountId, proof }: ProofShown,
): ProofJudgement {
  const address = parseAddress(text);
  if (proof === undefined || proof.length === 0 || !address.ok) return { kind: 'none' };
  const { domain } = address.value;
  const doubt = (why: string): ProofJudgement => ({ kind: 'doubt', domain, why });
  const unbelieved = row.publishes === 'self' ? undefined : doubtOf(row, nowMs);
  if (unbelieved !== undefined) return doubt(unbelieved);
  const domainKey = row.key ?? new Uint8Array();
  const verified = verifyDomainProof(primitives, proof, {
    address: address.value,
    accountId,
    domainKey,
    nowMs,
  });
  if (!verified.ok) return doubt(refusedText(domain, verified.refusal.code));
  const { serial, untilMs } = verified.value;
  if (row.revoked.serials.includes(serial)) return doubt(`${domain} has revoked its proof for this account.`);
  return { kind: 'holds', domain, untilMs, note: noteOf(row, untilMs, nowMs) };
}

/** A domain that is its own key needs no row. */
export function knownDomain(rows: Rows, domain: string): DomainRow {
  const key = keyInDomain(domain);
  if (key !== undefined) return { ...unknownDomain(domain), key, publishes: 'self' };
  return rows.get(tables.domains, textKey(domain)) ?? unknownDomain(domain);
}

/** A proof that is what it says to be, by whichever key: worth keeping, and worth a look at the domain. */
export function isProofOf(
  primitives: Primitives,
  { address, accountId, proof }: ProofShown & { readonly proof: Uint8Array },
  nowMs: number,
): boolean {
  const decoded = decodeDomainProof(proof);
  const parsed = parseAddress(address);
  if (!decoded.ok || !parsed.ok) return false;
  const own = keyInDomain(parsed.value.domain);
  if (own !== undefined && !bytesEqual(own, decoded.value.domainKey)) return false;
  const { domainKey } = decoded.value;
  const subject = { address: parsed.value, accountId, domainKey, nowMs };
  const verified = verifyDomainProof(primitives, proof, subject);
  // Clocks are wrong, and proofs run out: both are judged when it is looked at.
  return verified.ok || verified.refusal.code === 'expired' || verified.refusal.code === 'range';
}

export function domainOf(address: string): Address['domain'] {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Why nothing by this domain is believed at the moment. */
function doubtOf({ domain, publishes, answeredMs, note }: DomainRow, nowMs: number): string | undefined {
  if (answeredMs === undefined)
    return `It shows a proof by ${domain}, which could not be checked yet (${note}).`;
  if (publishes === 'nothing')
    return `It shows a proof by ${domain}, which publishes no key (asked ${agoText(nowMs - answeredMs)}).`;
  if (publishes === 'another-key')
    return `${domain} publishes another key than before, so no proof by it is believed until you decide: mycelium domain check ${domain}.`;
  if (nowMs - answeredMs > answerHoldsMs)
    return `It shows a proof by ${domain}, which was last asked ${agoText(nowMs - answeredMs)}: too long ago (${note}).`;
  return undefined;
}

function refusedText(domain: string, code: string): string {
  if (code === 'expired') return `Its proof by ${domain} has run out.`;
  if (code === 'domain-key') return `It shows a proof by another key than ${domain} has.`;
  return `It shows a proof by ${domain} that is not for this address and account (${code}).`;
}

function noteOf({ domain, answeredMs, publishes }: DomainRow, untilMs: number, nowMs: number): string {
  const days = Math.floor((untilMs - nowMs) / dayMs);
  const until = `Its proof runs ${days === 0 ? 'out within a day' : days === 1 ? 'for another day' : `for another ${days} days`}.`;
  if (publishes === 'self') return `${until} The domain is its own key: nobody else can say this.`;
  const ageMs = nowMs - (answeredMs ?? nowMs);
  return ageMs < dayMs ? until : `${until} ${domain} was last asked ${agoText(ageMs)}.`;
}

function agoText(ms: number): string {
  const days = Math.floor(ms / dayMs);
  if (days >= 1) return days === 1 ? 'a day ago' : `${days} days ago`;
  return ms < 3_600_000 ? 'within the hour' : 'today';
}
