/**
 * Other accounts that call themselves by the address of a contact (spec/identity.md, "Contested addresses"): noted, told, and as
 * long as nothing proves the account that is pinned, nothing more goes out to it until the person has decided.
 */
import {
  accountFingerprint,
  bytesEqual,
  encodeAccountLog,
  type AccountId,
  type VerifiedCard,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import { planLook, provedBy } from '../domains/take-proof.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { RivalRow } from '../store/rival-rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { putContact } from './contact-row.ts';
import { isContested, openRivals, rivalsMax } from './evidence.ts';
import { hold, release } from './hold.ts';
import { takeLog, tell } from './pinned-log.ts';

type SeenIn = RivalRow['seenIn'];

export function noteRival(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  rival: {
    readonly accountId: AccountId;
    readonly seenIn: SeenIn;
    readonly domainProof: Uint8Array | undefined;
  },
): ContactRow {
  const { accountId, seenIn } = rival;
  const rivals = contact.rivals ?? [];
  if (contact.status === 'blocked' || isKnown(rivals, accountId)) return contact;
  const { address } = contact;
  const fingerprint = accountFingerprint(accountId);
  if (rivals.length >= rivalsMax) {
    tell(
      draft,
      contact,
      'key-change',
      `More than ${rivalsMax} other accounts call themselves ${address}: one more (${fingerprint}) changes nothing.`,
    );
    return contact;
  }
  const proved = provedBy(draft, ports, { address, accountId }, rival.domainProof);
  const noted: RivalRow = { accountId, seenIn, sinceMs: draft.nowMs, turnedDown: false, ...proved };
  const claimed = putContact(draft, { ...contact, rivals: [...rivals, noted] });
  planLook(draft, claimed);
  const contested = isContested(draft, { ...ports, nowMs: draft.nowMs }, claimed);
  tell(
    draft,
    claimed,
    'key-change',
    contested
      ? `Another account (${fingerprint}) calls itself ${address}. ${choices(claimed)}`
      : `Another account (${fingerprint}) calls itself ${address}: it is not believed, since the one that you know is proved.`,
  );
  return reweigh(draft, ports, claimed);
}

function isKnown(rivals: readonly RivalRow[], accountId: AccountId): boolean {
  return rivals.some((known) => bytesEqual(known.accountId, accountId));
}

/** Every account that a look-up of the address has found: more of the log that is pinned, and rivals. */
export function noteCandidates(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  cards: readonly VerifiedCard[],
): ContactRow {
  let noted = contact;
  for (const { state, log, domainProof } of cards) {
    if (!bytesEqual(state.accountId, contact.accountId)) {
      noted = noteRival(draft, ports, noted, {
        accountId: state.accountId,
        seenIn: 'directory',
        domainProof,
      });
    } else if (log.length > noted.log.length) {
      // What the directory has may be older than what we have: that is no reason to doubt anybody.
      noted = takeLog(draft, ports, noted, encodeAccountLog(log)) ?? noted;
    }
  }
  return noted;
}

/** What speaks for or against the contact has changed: what is held goes out, or what goes out is held. */
export function reweigh(draft: Draft, ports: StepPorts, contact: ContactRow): ContactRow {
  const contested = isContested(draft, { ...ports, nowMs: draft.nowMs }, contact);
  return contested && contact.heldSinceMs === undefined ? hold(draft, contact) : contact;
}

/** The same after a decision: what was held goes out again, to the account that it was written to. */
export async function reweighAndRelease(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
): Promise<ContactRow> {
  const weighed = reweigh(draft, ports, contact);
  if (weighed.heldSinceMs === undefined || isContested(draft, { ...ports, nowMs: draft.nowMs }, weighed))
    return weighed;
  return release(draft, ports, weighed, 'send');
}

/** Throws when nothing may go out to the contact. */
export function assertUncontested(draft: Draft, ports: StepPorts, contact: ContactRow): void {
  if (contact.heldSinceMs === undefined && !isContested(draft, { ...ports, nowMs: draft.nowMs }, contact))
    return;
  throw contestedError(contact);
}

export function contestedError(contact: ContactRow): ClientError {
  const others = openRivals(contact).map(({ accountId }) => accountFingerprint(accountId));
  return new ClientError(
    'contested',
    `More than one account claims ${contact.address}: the one that you know (${accountFingerprint(contact.accountId)}), and ${others.join(', and ')}. ${choices(contact)}`,
  );
}

/** What the person can do. */
function choices({ address }: ContactRow): string {
  return (
    'Nothing goes out to this address until you choose. Ask them for their safety number or fingerprint, not by this address, and then: ' +
    `"mycelium contact verify ${address} --number DIGITS" when the number is right; ` +
    `"mycelium contact trust ${address} --fingerprint F" to keep the account that you know or to take the other one; ` +
    `"mycelium contact remove ${address}" to have neither.`
  );
}
