/** Asks what a domain publishes, and takes that in (spec/domain.md, "Looking up" and "What is believed"). */
import {
  accept,
  formatDomainKey,
  isOutsideDns,
  parseDomainFile,
  parseDomainTexts,
  type DomainRecord,
  type Result,
} from '@mycelium/protocol';
import type { DomainAnswer } from '@mycelium/runtime';
import { takeRecord, nextLookMs } from '../domains/domain-row.ts';
import { judgeProof, knownDomain } from '../domains/judge-proof.ts';
import { contactsProvedBy, domainOfWork, domainWork } from '../domains/take-proof.ts';
import { reweighAndRelease } from '../contacts/rivals.ts';
import { tellSecurity } from '../contacts/tell-security.ts';
import { planWork, postponeWork, workDone } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows } from '../loop/rows.ts';
import { isDirect } from '../contacts/contact-row.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { DomainRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { deadline } from './deadline.ts';

const withinMs = 12_000;
const retryDelays = { firstMs: 60_000, maxMs: 6 * 3_600_000 };

/** The work of the agenda: ends where no contact shows a proof by the domain any more. */
export async function lookUpDomain(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  name: string,
): Promise<void> {
  const domain = domainOfWork(name);
  const because = contactsProvedBy(storedRows(ports.store), domain);
  if (because.length === 0) return loop.step((draft) => workDone(draft, name));
  // Its web server would learn the address of who hides it from a contact there.
  await learnDomain(ports, stepPorts, loop, { domain, web: because.every(isDirect) });
}

export interface LookWish {
  readonly domain: string;
  readonly web: boolean;
}

/** Asks now; answers what the domain is known as then, and what it said. */
export async function learnDomain(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  { domain, web }: LookWish,
): Promise<{ readonly row: DomainRow; readonly heard: HeardRecord }> {
  const heard = isOutsideDns(domain) ? nothingToAsk : await ask(ports, { domain, web });
  if (isOutsideDns(domain)) return { row: knownDomain(storedRows(ports.store), domain), heard };
  const row = await loop.step((draft) => noteHeard(draft, stepPorts, domain, heard));
  return { row, heard };
}

/** What was asked and what came of it, before anything is believed. */
export type HeardRecord =
  | {
      readonly kind: 'record';
      readonly record: DomainRecord | undefined;
      readonly from: string;
      readonly ttlMs: number | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: string };

const nothingToAsk: HeardRecord = {
  kind: 'record',
  record: undefined,
  from: 'its own name',
  ttlMs: undefined,
};

/** Without taking anything in. */
export async function ask(ports: ClientPorts, { domain, web }: LookWish): Promise<HeardRecord> {
  if (ports.domains === undefined) return { kind: 'failed', reason: 'looking up domains is switched off' };
  const limit = deadline(ports.clock, withinMs);
  try {
    const answer = await ports.domains.lookUp(domain, { web, cancellation: limit.cancellation });
    if (answer.kind === 'failed') return answer;
    const record = readAnswer(answer);
    if (!record.ok)
      return {
        kind: 'failed',
        reason: `its record was refused: ${record.refusal.where} ${record.refusal.rule}`,
      };
    const { from, ttlMs } = answer;
    return { kind: 'record', record: record.value, from, ttlMs };
  } finally {
    limit.clear();
  }
}

function readAnswer(answer: Exclude<DomainAnswer, { kind: 'failed' }>): Result<DomainRecord | undefined> {
  if (answer.kind === 'none') return accept(undefined);
  return answer.kind === 'texts' ? parseDomainTexts(answer.texts) : parseDomainFile(answer.text);
}

async function noteHeard(
  draft: Draft,
  ports: StepPorts,
  domain: string,
  heard: HeardRecord,
): Promise<DomainRow> {
  const work = domainWork(domain);
  const before = knownDomain(draft, domain);
  if (heard.kind === 'failed') {
    const row = { ...before, note: heard.reason };
    draft.put(tables.domains, textKey(domain), row);
    if (contactsProvedBy(draft, domain).length > 0) postponeWork(draft, work, retryDelays);
    return row;
  }
  const held = contactsHeld(draft, ports, domain);
  const taken = takeRecord(ports.primitives, before, {
    record: heard.record,
    nowMs: draft.nowMs,
    from: heard.from,
  });
  const { refusal } = taken;
  const row =
    refusal === undefined
      ? taken.row
      : { ...taken.row, note: `its revocations were refused: ${refusal.where} ${refusal.rule}` };
  draft.put(tables.domains, textKey(domain), row);
  tellChange(draft, row);
  tellLost(draft, ports, row, held);
  // A proof that holds now may settle whose an address is, or unsettle it.
  for (const contact of contactsProvedBy(draft, domain)) {
    if (contact.rivals !== undefined) await reweighAndRelease(draft, ports, contact);
  }
  if (contactsProvedBy(draft, domain).length > 0)
    planWork(draft, work, draft.nowMs + nextLookMs(heard.ttlMs));
  else workDone(draft, work);
  return row;
}

/** Addresses that the domain proves. */
function contactsHeld(draft: Draft, { primitives }: StepPorts, domain: string): ReadonlySet<string> {
  const proved = contactsProvedBy(draft, domain).filter(({ address, accountId, domainProof: proof }) => {
    const shown = { address, accountId, proof };
    return judgeProof(draft, { primitives, nowMs: draft.nowMs }, shown).kind === 'holds';
  });
  return new Set(proved.map(({ address }) => address));
}

function tellChange(draft: Draft, { domain, key, offeredKey }: DomainRow): void {
  if (key === undefined || offeredKey === undefined) return;
  tellSecurity(draft, {
    event: 'security',
    kind: 'domain',
    address: domain,
    text: `${domain} publishes another key than before. No proof by it is believed until you decide. Ask who runs it whether its key begins with ${formatDomainKey(offeredKey).slice(0, 8)} now; then: mycelium domain trust ${domain} --key ${formatDomainKey(offeredKey)}`,
  });
}

/** Who was proved and is not any more, other than by a new key, which was told. */
function tellLost(draft: Draft, ports: StepPorts, row: DomainRow, held: ReadonlySet<string>): void {
  if (row.publishes === 'another-key') return;
  const still = contactsHeld(draft, ports, row.domain);
  for (const address of held) {
    if (still.has(address)) continue;
    const why = row.publishes === 'nothing' ? 'publishes no key any more' : 'has revoked its proof';
    tellSecurity(draft, {
      event: 'security',
      kind: 'domain',
      address,
      text: `${row.domain} ${why}: it does not say any more that this account is ${address}.`,
    });
  }
}
