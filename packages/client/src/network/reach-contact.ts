/** From an address or a link to somebody's card, and then the step that asks them. */
import {
  accountFingerprint,
  bytesEqual,
  encodeUtf8,
  greetingBytesMax,
  parseAddress,
  parseInvite,
  type Invite,
  type VerifiedCard,
} from '@mycelium/protocol';
import { ask } from '../contacts/ask.ts';
import { takeClaimVouch } from '../contacts/claim-vouch.ts';
import { isFingerprint } from '../contacts/choose-account.ts';
import { noteCandidates } from '../contacts/rivals.ts';
import { tokenOf } from '../contacts/invite-token.ts';
import { requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import { storedRows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { pause } from './deadline.ts';
import { formerHolder } from '../contacts/moved-contact.ts';
import { findAccounts, type FoundCandidate, type Search } from './find-accounts.ts';
import { provedCandidates } from './proved-candidates.ts';
import { isOfAccount, readCard } from './read-card.ts';

const cardWithinMs = 8_000;
const askAgainMs = 250;

export interface AddWish {
  readonly address: string;
  readonly message?: string;
  readonly fingerprint?: string;
}

export async function addByAddress(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  wish: AddWish,
): Promise<ContactRow> {
  const account = requireAccount(storedRows(ports.store));
  const address = parseAddress(wish.address);
  if (!address.ok) throw new ClientError('bad-address', `The address ${address.refusal.rule}.`);
  if (address.value.text === account.address) throw new ClientError('self', 'This is your own address.');
  const greeting = readGreeting(wish.message ?? '');
  const search = await findAccounts(ports, address.value);
  await noteFound(stepPorts, loop, address.value.text, search.candidates);
  const believed =
    wish.fingerprint === undefined
      ? await provedCandidates(ports, stepPorts, loop, search.candidates)
      : search.candidates;
  const { card, claim } = choose({ ...search, candidates: believed }, wish);
  if (wish.fingerprint === undefined) assertNobodyMoved(ports, stepPorts, card, address.value.text);
  return loop.step(async (draft) => {
    const contact = await ask(draft, stepPorts, { card, token: new Uint8Array(), greeting });
    takeClaimVouch(draft, stepPorts, contact, claim);
    return contact;
  });
}

/** Of somebody who is a contact already, all that was found is news. */
function noteFound(
  stepPorts: StepPorts,
  loop: Loop,
  address: string,
  found: readonly { readonly card: VerifiedCard }[],
): Promise<void> {
  return loop.step((draft) => {
    const contact = draft.get(tables.contacts, textKey(address));
    const cards = found.map(({ card }) => card);
    if (contact !== undefined) noteCandidates(draft, stepPorts, contact, cards);
  });
}

function readGreeting(text: string): string {
  if (!text.isWellFormed()) throw new ClientError('bad-text', 'The message is not well-formed Unicode.');
  if (encodeUtf8(text).length > greetingBytesMax) {
    throw new ClientError('too-long', `The message of a request is at most ${greetingBytesMax} bytes.`);
  }
  return text;
}

/** An address that a contact has left is not taken for theirs, and not silently for somebody else's. */
function assertNobodyMoved(
  ports: ClientPorts,
  stepPorts: StepPorts,
  { state }: VerifiedCard,
  address: string,
): void {
  const earlier = formerHolder(storedRows(ports.store), stepPorts, address);
  if (earlier === undefined || bytesEqual(earlier.accountId, state.accountId)) return;
  throw new ClientError(
    'contested',
    `Your contact ${earlier.address} had this address and has moved; who has it now is another account. To ask that one all the same: --fingerprint "${accountFingerprint(state.accountId)}"`,
  );
}

/** Two accounts of one address and no proof: the person picks, nobody else (spec/identity.md, "Contested addresses"). */
function choose({ candidates, claims, movedTo }: Search, wish: AddWish): FoundCandidate {
  const fingerprintOf = (candidate: FoundCandidate): string =>
    accountFingerprint(candidate.card.state.accountId);
  const { fingerprint } = wish;
  const wanted =
    fingerprint === undefined
      ? candidates
      : candidates.filter(({ card }) => isFingerprint(card.state.accountId, fingerprint));
  const [only, another] = wanted;
  if (another !== undefined) {
    const all = wanted.map(fingerprintOf).join(', or ');
    throw new ClientError(
      'contested',
      `${wanted.length} accounts say to be this address. Ask which fingerprint is theirs, and choose it: ${all}.`,
    );
  }
  if (only !== undefined) return only;
  if (candidates.length > 0)
    throw new ClientError('not-found', 'No account of this address has this fingerprint.');
  if (movedTo.length > 0) {
    throw new ClientError(
      'not-found',
      `Who had this address says to have moved to ${movedTo.join(', or ')}. Make sure that it is so before you add that.`,
    );
  }
  if (claims > 0) {
    throw new ClientError('unreachable', 'This address is known, but none of its relays can be reached now.');
  }
  throw new ClientError(
    'not-found',
    'Nobody is found under this address: check it, or ask for an invite link.',
  );
}

export async function addByInvite(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  link: string,
): Promise<ContactRow> {
  const account = requireAccount(storedRows(ports.store));
  const parsed = parseInvite(ports.primitives, link, ports.clock.nowMs());
  if (!parsed.ok) {
    const { code, rule } = parsed.refusal;
    if (code === 'expired')
      throw new ClientError('link-expired', 'This invite has expired: ask for a new one.');
    throw new ClientError('bad-link', `The link is damaged or cut off: an invite ${rule}.`);
  }
  const invite = parsed.value;
  if (bytesEqual(invite.accountId, account.accountId)) {
    throw new ClientError('self', 'This is your own invite: give it to somebody else.');
  }
  const card = await readNewCard(ports, invite);
  if (card === undefined) {
    throw new ClientError(
      'unreachable',
      'None of the relays in this invite can be reached, or they do not have it.',
    );
  }
  const addresses = [card.state.address, ...card.state.formerAddresses];
  if (!isOfAccount(card, invite.accountId) || !addresses.includes(invite.address)) {
    throw new ClientError(
      'key-changed',
      'The relays gave the card of another account than the invite names.',
    );
  }
  await noteFound(stepPorts, loop, invite.address, [{ card }]);
  const token = tokenOf(invite.token);
  return loop.step((draft) => ask(draft, stepPorts, { card, token, greeting: '' }));
}

/** Who has just begun and made the link may still be bringing the card to the relays, or they are just starting. */
async function readNewCard(
  ports: ClientPorts,
  { card, relays }: Pick<Invite, 'card' | 'relays'>,
): Promise<VerifiedCard | undefined> {
  const sinceMs = ports.clock.monotonicMs();
  for (;;) {
    const read = await readCard(ports, card, relays);
    if (read !== undefined || ports.clock.monotonicMs() - sinceMs >= cardWithinMs) return read;
    await pause(ports.clock, askAgainMs);
  }
}
