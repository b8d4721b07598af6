/**
 * The account log of a contact, pinned where it was last seen (spec/identity.md, "Account log"): only the same or a
 * longer log with the same beginning is taken. A shorter one is a rollback, another one a split view: both are told.
 */
import {
  bytesEqual,
  compareAccountLogs,
  decodeAccountLog,
  replayAccountLog,
  type AccountState,
  type Result,
} from '@mycelium/protocol';
import { declareQueuesOf } from '../conversation/declare.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { ContactRow } from '../store/rows.ts';
import { contactState, putContact } from './contact-row.ts';
import { withoutSettledDoubts } from './doubts.ts';
import { followMove } from './moved-contact.ts';
import { tellSecurity } from './tell-security.ts';

export interface OfferedLog {
  readonly entries: readonly Uint8Array[];
  readonly state: AccountState;
}

export function readLog(ports: Pick<StepPorts, 'primitives'>, encoded: Uint8Array): Result<OfferedLog> {
  const entries = decodeAccountLog(encoded);
  if (!entries.ok) return entries;
  const state = replayAccountLog(ports.primitives, entries.value);
  return state.ok ? { ok: true, value: { entries: entries.value, state: state.value } } : state;
}

/** The contact with the longer log; undefined when it was refused, which has been told then. */
export function takeLog(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  encoded: Uint8Array,
): ContactRow | undefined {
  const offered = readLog(ports, encoded);
  if (!offered.ok) {
    tell(
      draft,
      contact,
      'refused',
      `An account log was refused: ${offered.refusal.where} ${offered.refusal.rule}.`,
    );
    return undefined;
  }
  switch (compareAccountLogs(contact.log, offered.value.entries)) {
    case 'same':
      return contact;
    case 'extension': {
      const { entries: log, state } = offered.value;
      tellNewKey(draft, ports, contact, state);
      const told = withoutSettledDoubts(ports.primitives, { ...contact, log, relays: state.relays });
      const grown = putContact(draft, told);
      const longer = followMove(draft, grown, state);
      // Their relays may be others now, and queues of both of us with them.
      if (longer.status !== 'request') declareQueuesOf(draft, ports, longer);
      return longer;
    }
    case 'rollback':
      tell(draft, contact, 'rollback', `An older account log of ${contact.address} was offered and refused.`);
      return undefined;
    case 'fork':
      tell(
        draft,
        contact,
        'split-view',
        `Two different histories of ${contact.address}'s account are about.`,
      );
      return undefined;
    case 'other-account':
      tell(draft, contact, 'key-change', `Another account calls itself ${contact.address}: it was refused.`);
      return undefined;
  }
}

/** Signed by the old key and by the new one: taken, but never silently; who was verified is not any more. */
function tellNewKey(draft: Draft, ports: StepPorts, contact: ContactRow, state: AccountState): void {
  if (bytesEqual(contactState(ports.primitives, contact).accountKey, state.accountKey)) return;
  tell(
    draft,
    contact,
    'key-change',
    `${contact.address} has a new account key, signed by the old one: compare the safety number again.`,
  );
}

export function tell(
  draft: Draft,
  contact: ContactRow,
  kind: 'rollback' | 'split-view' | 'key-change' | 'refused',
  text: string,
): void {
  tellSecurity(draft, { event: 'security', kind, address: contact.address, text });
}
