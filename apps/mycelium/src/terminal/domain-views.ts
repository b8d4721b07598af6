/** Domains and their proofs as lines for people. What a domain or a resolver can set is made inert here. */
import type { CheckedAccount, Domain, DomainCheck, Proof } from '@mycelium/api';
import { inertLine } from './inert.ts';
import { timeText } from './views.ts';

export function proofText({ address, until, serial }: Proof): string {
  if (until === undefined) return `${inertLine(address)} shows no proof by its domain.`;
  return `${inertLine(address)} shows proof ${serial} by its domain, until ${timeText(until)}. Contacts hear of it by themselves.`;
}

export function domainLine({ domain, key, offeredKey, publishes, answered, note, contacts }: Domain): string {
  const age = answered === undefined ? 'never answered' : `answered ${timeText(answered)}`;
  const head = `${inertLine(domain)}  ${key ?? '(no key)'}  ${contacts} contacts, ${age}, ${inertLine(note)}`;
  if (offeredKey === undefined)
    return publishes === 'nothing' ? `${head}\n    publishes no key: nothing by it is believed` : head;
  return `${head}\n    ANOTHER KEY THAN BEFORE: ${offeredKey}. Nothing by it is believed. Ask who runs it, then:\n    mycelium domain trust ${inertLine(domain)} --key ${offeredKey}`;
}

const answers: Readonly<Record<DomainCheck['answer'], string>> = {
  record: 'has a record',
  nothing: 'has no record',
  failed: 'could not be asked',
  self: 'is its own key',
};

export function checkText(check: DomainCheck): string {
  const { domain, answer, note, key, revoked, known } = check;
  const changed =
    known?.offeredKey === undefined
      ? []
      : [`  another key than before: ${known.key ?? ''} was believed until now`];
  return [
    `${inertLine(domain)} ${answers[answer]} (${inertLine(note)})`,
    ...(key === undefined ? [] : [`  key: ${key}`]),
    ...changed,
    ...(revoked === 0 ? [] : [`  revoked proofs: ${revoked}`]),
    ...check.relays.map((relay) => `  relay: ${inertLine(relay)}`),
    ...check.directory.map((node) => `  directory node: ${inertLine(node)}`),
    ...check.accounts.map(accountText),
  ].join('\n');
}

const places: Readonly<Record<CheckedAccount['from'], string>> = {
  you: 'you',
  contact: 'your contact',
  directory: 'in the directory',
};

function accountText({ address, from, fingerprint, holds, note }: CheckedAccount): string {
  return `  ${inertLine(address)}, ${places[from]} (${inertLine(fingerprint)}): ${holds ? 'proved' : 'not proved'}. ${inertLine(note)}`;
}
