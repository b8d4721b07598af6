/** A domain as the person sees it, and as they type it. */
import { formatDomainKey, parseDomain } from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import type { DomainView } from './domain-types.ts';
import type { Rows } from '../loop/rows.ts';
import type { DomainRow } from '../store/rows.ts';
import { contactsProvedBy } from './take-proof.ts';

export function domainView(rows: Rows, row: DomainRow): DomainView {
  const { domain, key, offeredKey, publishes, answeredMs, note, revoked } = row;
  return {
    domain,
    key: key && formatDomainKey(key),
    offeredKey: offeredKey && formatDomainKey(offeredKey),
    publishes,
    answered: answeredMs,
    note,
    revoked: revoked.serials.length,
    contacts: contactsProvedBy(rows, domain).length,
  };
}

/** A domain as somebody types it. */
export function readDomain(text: string): string {
  const domain = parseDomain(text.trim());
  if (domain.ok) return domain.value;
  throw new ClientError('bad-domain', `The domain ${domain.refusal.rule}.`);
}
