/**
 * How mail travels between a contact and us (spec/messages.md, "Reachability"). *Relays only* hides our IP address from the
 * contact: it is not told where this device is, and this device does not dial the contact's.
 */
import type { PathPolicy } from '../client.ts';
import { declareQueuesOf } from '../conversation/declare.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import type { ContactRow } from '../store/rows.ts';
import { tellReachability } from './begin-conversation.ts';
import { findContact, putContact } from './contact-row.ts';

/** Takes back what the contact was told before, or tells it. */
export function setPolicy(draft: Draft, ports: StepPorts, address: string, policy: PathPolicy): ContactRow {
  const contact = putContact(draft, { ...findContact(draft, address), policy });
  tellReachability(draft, ports, contact);
  declareQueuesOf(draft, ports, contact);
  return contact;
}
