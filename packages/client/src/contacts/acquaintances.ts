/**
 * What is needed to compare heads of contacts with others who may know them (spec/messages.md, "Heads"): a slow hash of each
 * contact's address, made once and kept.
 */
import { acquaintanceSecret, bytesEqual, compareBytes, parseAddress, userIdOf } from '@mycelium/protocol';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

export interface Acquaintance {
  readonly contact: ContactRow;
  readonly secret: Uint8Array;
}

/** Of these contacts. `made`: at most so many new hashes, some 30 ms each. */
export function acquaintances(
  draft: Draft,
  ports: StepPorts,
  contacts: readonly ContactRow[],
  made: number,
): { readonly known: readonly Acquaintance[]; readonly complete: boolean } {
  const known: Acquaintance[] = [];
  let left = made;
  let complete = true;
  for (const contact of contacts) {
    const secret = secretOf(draft, ports, contact, left > 0);
    if (secret === undefined) complete = false;
    else known.push({ contact, secret: secret.bytes });
    if (secret?.isNew === true) left -= 1;
  }
  return { known, complete };
}

/** Accepted contacts but for the one that is talked with. */
export function othersThan(draft: Draft, except: ContactRow): readonly ContactRow[] {
  return draft.scan(tables.contacts).flatMap(({ row }) => (isOther(row, except) ? [row] : []));
}

/**
 * So many of them, from a place on in the order of their ids: without a look at the others, of whom there may be
 * thousands. In the order of their addresses, whatever the place.
 */
export function someOthersThan(
  draft: Draft,
  except: ContactRow,
  { from, count }: { readonly from: Uint8Array; readonly count: number },
): readonly ContactRow[] {
  const some = new Map<string, ContactRow>();
  // Each stands there twice, by its account and by its conversation; some are not accepted.
  const limit = 4 * count;
  for (const range of [
    { from, limit },
    { to: from, limit },
  ]) {
    for (const { row: key } of draft.scan(tables.contactAddresses, range)) {
      if (some.size >= count) break;
      const contact = draft.get(tables.contacts, key);
      if (contact !== undefined && isOther(contact, except)) some.set(contact.address, contact);
    }
  }
  return [...some.values()].toSorted((one, other) =>
    compareBytes(textKey(one.address), textKey(other.address)),
  );
}

function isOther({ status, accountId }: ContactRow, except: ContactRow): boolean {
  return status === 'accepted' && !bytesEqual(accountId, except.accountId);
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
