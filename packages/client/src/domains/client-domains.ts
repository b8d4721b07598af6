/** What a person does about domains: puts in the own proof, asks what a domain says, decides on a changed key. */
import { formatDomainKey, isOutsideDns, keyInDomain, parseDomainKey } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import type { ClientDomains } from './domain-types.ts';
import type { Draft } from '../loop/draft.ts';
import { domainView, readDomain } from './domain-view.ts';
import { planWork } from '../loop/agenda.ts';
import { checkDomain, type CheckPorts } from '../network/check-domain.ts';
import { textKey } from '../store/keys.ts';
import type { DomainRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { withOfferedKey } from './domain-row.ts';
import { proofView, setOwnProof } from './own-proof.ts';
import { contactsProvedBy, domainWork } from './take-proof.ts';

export function createClientDomains(wish: CheckPorts): ClientDomains {
  const { rows, loop, stepPorts } = wish;
  return {
    prove: (text) => loop.step((draft) => setOwnProof(draft, stepPorts, text)),
    proof: () => proofView(requireAccount(rows)),
    known: () => rows.scan(tables.domains).map(({ row }) => domainView(rows, row)),
    check: (of) => checkDomain(wish, of),
    trust: (domain, key) => loop.step((draft) => domainView(draft, takeOfferedKey(draft, domain, key))),
  };
}

function takeOfferedKey(draft: Draft, text: string, keyText: string): DomainRow {
  const domain = readDomain(text);
  const key = parseDomainKey(keyText.trim());
  if (key === undefined)
    throw new ClientError('bad-domain', 'The key of a domain has 52 lower-case letters and digits.');
  if (keyInDomain(domain) !== undefined || isOutsideDns(domain))
    throw new ClientError('bad-domain', 'A domain under .mycelium is its own key, which never changes.');
  const row = draft.get(tables.domains, textKey(domain));
  if (row?.offeredKey === undefined) {
    throw new ClientError('not-found', `${domain} has no other key than the one that is believed here.`);
  }
  if (formatDomainKey(row.offeredKey) !== formatDomainKey(key)) {
    throw new ClientError(
      'key-changed',
      `${domain} publishes yet another key than this one: ${formatDomainKey(row.offeredKey)}.`,
    );
  }
  const taken = withOfferedKey(row, key);
  draft.put(tables.domains, textKey(domain), taken);
  if (contactsProvedBy(draft, domain).length > 0) planWork(draft, domainWork(domain), draft.nowMs);
  return taken;
}
