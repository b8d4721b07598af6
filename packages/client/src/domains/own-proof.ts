/** The proof of this account: put in by the person, shown to everybody whom it may concern (spec/domain.md, "Proofs"). */
import {
  decodeDomainProof,
  keyInDomain,
  messageKinds,
  parseAddress,
  parseDomainProof,
  unwrap,
  verifyDomainProof,
  type Primitives,
} from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { putCard } from '../account/card.ts';
import { ClientError } from '../client.ts';
import type { ProofView } from './domain-types.ts';
import { ownFeedOf } from '../contacts/contact-row.ts';
import { say } from '../conversation/own-feed.ts';
import { planWork } from '../loop/agenda.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { AccountRow, ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';

/** Empty text: the account shows none any more. */
export function setOwnProof(draft: Draft, ports: StepPorts, text: string): ProofView {
  const { domainProof: _, ...bare } = requireAccount(draft);
  const proof = text.trim() === '' ? undefined : readOwnProof(ports.primitives, bare, text, draft.nowMs);
  const account: AccountRow = proof === undefined ? bare : { ...bare, domainProof: proof };
  draft.put(tables.account, accountRowKey, account);
  putCard(draft, ports, account);
  planWork(draft, 'claim', draft.nowMs);
  for (const { row: contact } of draft.scan(tables.contacts)) tellProof(draft, ports, contact);
  return proofView(account);
}

export function proofView({ address, domainProof }: AccountRow): ProofView {
  if (domainProof === undefined) return { address, until: undefined, serial: undefined };
  const { untilMs, serial } = unwrap(decodeDomainProof(domainProof));
  return { address, until: untilMs, serial };
}

/** By whichever key it is: what the domain publishes is for those who look. */
function readOwnProof(
  primitives: Primitives,
  { address: text, accountId }: Omit<AccountRow, 'domainProof'>,
  given: string,
  nowMs: number,
): Uint8Array {
  const proof = parseDomainProof(given);
  if (!proof.ok)
    throw new ClientError('bad-proof', `The proof is damaged or cut off: it ${proof.refusal.rule}.`);
  const address = unwrap(parseAddress(text));
  const own = keyInDomain(address.domain);
  const { domainKey } = unwrap(decodeDomainProof(proof.value));
  const subject = { address, accountId, domainKey: own ?? domainKey, nowMs };
  const verified = verifyDomainProof(primitives, proof.value, subject);
  if (verified.ok) return proof.value;
  const reasons: Readonly<Record<string, string>> = {
    account: 'It was made for another account: give the keeper of the domain the fingerprint of this one.',
    signature: `It was not made for ${text}.`,
    expired: 'It has run out: ask the keeper of the domain for a new one.',
    'domain-key': 'It is by another key than the one that the domain is.',
  };
  throw new ClientError('bad-proof', reasons[verified.refusal.code] ?? `The proof ${verified.refusal.rule}.`);
}

/** In each feed once, and again when it is another one. */
export function tellProof(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  const { domainProof } = requireAccount(draft);
  const feed = ownFeedOf(draft, contact);
  if (feed === undefined || contact.status !== 'accepted') return;
  const body = domainProof ?? new Uint8Array();
  if (body.join() === (feed.toldProof ?? new Uint8Array()).join()) return;
  say(draft, ports, { ...feed, toldProof: body }, { kind: messageKinds['domain-proof'], body });
}
