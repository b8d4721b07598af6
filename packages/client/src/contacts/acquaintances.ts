/**
 * What is needed to compare heads of contacts with others who may know them (spec/messages.md, "Heads"): a slow hash of each
 * contact's address, made once and kept.
 */
import { acquaintanceSecret, bytesEqual, parseAddress, userIdOf } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

export interface Acquaintance {
  readonly contact: ContactRow;
  readonly secret: Uint8Array;
}

/** Accepted contacts but for the one that is talked with. `made`: at most so many new hashes, some 30 ms each. */
export function acquaintances(
  draft: Draft,
  ports: StepPorts,
  except: ContactRow,
  made: number,
): { readonly known: readonly Acquaintance[]; readonly complete: boolean } {
  const known: Acquaintance[] = [];
  let left = made;
  let complete = true;
  for (const { row: contact } of draft.scan(tables.contacts)) {
    if (contact.status !== 'accepted' || bytesEqual(contact.accountId, except.accountId)) continue;
    const secret = secretOf(draft, ports, contact, left > 0);
    if (secret === undefined) complete = false;
    else known.push({ contact, secret: secret.bytes });
    if (secret?.isNew === true) left -= 1;
  }
  return { known, complete };
}

function secretOf(
  draft: Draft,
  { primitives }: StepPorts,
  contact: ContactRow,
  mayMake: boolean,
): { readonly bytes: Uint8Array; readonly isNew: boolean } | undefined {
  const key = textKey(contact.address);
  const kept = draft.get(tables.acquaintances, key);
  if (kept !== undefined) return { bytes: kept, isNew: false };
  const address = mayMake ? parseAddress(contact.address) : undefined;
  if (address?.ok !== true) return undefined;
  const bytes = acquaintanceSecret(primitives, userIdOf(primitives, address.value));
  draft.put(tables.acquaintances, key, bytes);
  return { bytes, isNew: true };
}
