/** What the world sees of a domain, and of an address in it: asked now, and held against what is known here. */
import {
  accountFingerprint,
  formatDomainKey,
  formatPeerAddress,
  keyInDomain,
  parseAddress,
  verifyRevocations,
  type AccountId,
  type DomainRecord,
  type Primitives,
} from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import type { CheckedAccount, DomainCheck } from '../domains/domain-types.ts';
import { domainView, readDomain } from '../domains/domain-view.ts';
import { takeRecord, unknownDomain } from '../domains/domain-row.ts';
import { judgeProofBy, type ProofShown } from '../domains/judge-proof.ts';
import { contactsProvedBy } from '../domains/take-proof.ts';
import type { Loop } from '../loop/loop.ts';
import type { Rows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { DomainRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { findAccounts } from './find-accounts.ts';
import { shownProof } from './proved-candidates.ts';
import { ask, learnDomain, type HeardRecord } from './look-up-domain.ts';

export interface CheckPorts {
  readonly ports: ClientPorts;
  readonly stepPorts: StepPorts;
  readonly rows: Rows;
  readonly loop: Loop;
}

export async function checkDomain(wish: CheckPorts, of: string): Promise<DomainCheck> {
  const address = of.includes('@') ? parseAddress(of) : undefined;
  if (address?.ok === false) throw new ClientError('bad-address', `The address ${address.refusal.rule}.`);
  const domain = address?.value.domain ?? readDomain(of);
  const { row, heard } = await look(wish, domain);
  const { rows, ports } = wish;
  const record = heard.kind === 'record' ? heard.record : undefined;
  const key = keyInDomain(domain) ?? record?.key;
  const known = rows.get(tables.domains, textKey(domain));
  const accounts = address?.ok === true ? await accountsOf(wish, row, address.value.text) : [];
  return {
    domain,
    answer: answerOf(domain, heard),
    note: heard.kind === 'failed' ? heard.reason : `as ${heard.from} said`,
    key: key && formatDomainKey(key),
    revoked: record === undefined ? 0 : revokedBy(ports.primitives, domain, record),
    relays: (record?.relays ?? []).map(formatPeerAddress),
    directory: (record?.directory ?? []).map(formatPeerAddress),
    known: known && domainView(rows, known),
    accounts,
  };
}

function answerOf(domain: string, heard: HeardRecord): DomainCheck['answer'] {
  if (keyInDomain(domain) !== undefined) return 'self';
  if (heard.kind === 'failed') return 'failed';
  return heard.record === undefined ? 'nothing' : 'record';
}

function revokedBy(primitives: Primitives, domain: string, { key, revocations }: DomainRecord): number {
  if (key === undefined || revocations === undefined) return 0;
  const list = verifyRevocations(primitives, revocations, { name: domain, key });
  return list.ok ? list.value.serials.length : 0;
}

/** A domain that nobody here has to do with is asked, and not remembered. */
async function look(
  { ports, stepPorts, loop, rows }: CheckPorts,
  domain: string,
): Promise<{ readonly row: DomainRow; readonly heard: HeardRecord }> {
  const before = rows.get(tables.domains, textKey(domain));
  const wish = { domain, web: true };
  if (keyInDomain(domain) !== undefined || before !== undefined || contactsProvedBy(rows, domain).length > 0)
    return learnDomain(ports, stepPorts, loop, wish);
  const heard = await ask(ports, wish);
  const fresh = unknownDomain(domain);
  if (heard.kind === 'failed') return { row: { ...fresh, note: heard.reason }, heard };
  const taken = takeRecord(ports.primitives, fresh, { ...heard, nowMs: ports.clock.nowMs() });
  return { row: taken.row, heard };
}

async function accountsOf(
  { ports, rows }: CheckPorts,
  row: DomainRow,
  text: string,
): Promise<readonly CheckedAccount[]> {
  const found: (ProofShown & Pick<CheckedAccount, 'from'>)[] = [];
  const add = (from: CheckedAccount['from'], accountId: AccountId, proof: Uint8Array | undefined): void => {
    found.push({ from, address: text, accountId, proof });
  };
  const own = rows.get(tables.account, accountRowKey);
  if (own?.address === text) add('you', own.accountId, own.domainProof);
  const contact = rows.get(tables.contacts, textKey(text));
  if (contact !== undefined) add('contact', contact.accountId, contact.domainProof);
  const address = parseAddress(text);
  const search = address.ok ? await findAccounts(ports, address.value) : undefined;
  for (const candidate of search?.candidates ?? [])
    add('directory', candidate.card.state.accountId, shownProof(candidate));
  const judged = { primitives: ports.primitives, nowMs: ports.clock.nowMs() };
  return found.map(({ from, ...shown }) => {
    const judgement = judgeProofBy(row, judged, shown);
    const holds = judgement.kind === 'holds';
    return {
      address: text,
      fingerprint: accountFingerprint(shown.accountId),
      from,
      holds,
      until: holds ? judgement.untilMs : undefined,
      note: holds ? judgement.note : judgement.kind === 'doubt' ? judgement.why : 'It shows no proof.',
    };
  });
}
