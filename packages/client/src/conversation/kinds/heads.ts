/**
 * Which account logs a contact has seen, held against what was seen here (spec/messages.md, "Heads"). What does not fit is
 * told, and shown with the contact in doubt; by a contact's word alone nothing stops.
 */
import {
  accountFingerprint,
  bytesEqual,
  compareWithHead,
  decodeHeads,
  liveDevices,
  openSharedHead,
  type SharedHead,
} from '@mycelium/protocol';
import { accountState, requireAccount } from '../../account/account-row.ts';
import { acquaintances, othersThan } from '../../contacts/acquaintances.ts';
import { doubt } from '../../contacts/doubts.ts';
import { planHeads } from '../../contacts/say-heads.ts';
import { tellSecurity } from '../../contacts/tell-security.ts';
import { planWork } from '../../loop/agenda.ts';
import type { Draft } from '../../loop/draft.ts';
import type { StepPorts } from '../../ports.ts';
import type { ContactRow } from '../../store/rows.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';

/** Of contacts whose address was not hashed yet; the others another time. */
const hashesAtOnce = 4;

export const takeHeads: TakeKind = (draft, ports, { contact, feed, content }) => {
  const heads = decodeHeads(content.body);
  if (!heads.ok) {
    refuseMessage(draft, feed.address, heads.refusal);
    return feed;
  }
  const { own, reader, salt, shared } = heads.value;
  const { primitives } = ports;
  if (compareWithHead(primitives, own, contact.log) === 'fork') {
    doubt(draft, contact, {
      by: contact.address,
      kind: 'split-view',
      text: `${contact.address} itself names another history of its account than the one that is known here: somebody else may have its key. Compare the safety number with them.`,
    });
  }
  compareOwn(draft, ports, contact, compareWithHead(primitives, reader, requireAccount(draft).log));
  const place = { conversation: contact.conversation, salt };
  const others = othersThan(draft, contact);
  for (const { contact: known, secret } of acquaintances(draft, ports, others, hashesAtOnce).known) {
    const seen = openSharedHead(primitives, secret, place, shared);
    if (seen !== undefined) compareShared(draft, ports, { known, by: contact }, seen);
  }
  return feed;
};

/** What the contact was shown of our own account. */
function compareOwn(
  draft: Draft,
  { primitives }: StepPorts,
  { address }: ContactRow,
  comparison: ReturnType<typeof compareWithHead>,
): void {
  const account = requireAccount(draft);
  if (comparison === 'same' || comparison === 'extension' || account.cloned || account.unconfirmed) return;
  const others = liveDevices(accountState(primitives, account), draft.nowMs).length > 1;
  if (comparison === 'rollback') planWork(draft, 'own-card', draft.nowMs);
  if (comparison === 'rollback' && others) return;
  tellSecurity(draft, {
    event: 'security',
    kind: 'split-view',
    address: account.address,
    text: `${address} was shown another history of your own account than this device has: another device of yours may have changed it; if none has, somebody else has your account key, and "mycelium account rotate-key" takes it from them.`,
  });
}

function compareShared(
  draft: Draft,
  { primitives }: StepPorts,
  { known, by }: { readonly known: ContactRow; readonly by: ContactRow },
  seen: SharedHead,
): void {
  const what = `Compare the safety number with ${known.address} in person, and tell ${by.address}: one of you was shown a wrong one.`;
  if (!bytesEqual(seen.accountId, known.accountId)) {
    const fingerprint = accountFingerprint(seen.accountId);
    doubt(draft, known, {
      by: by.address,
      kind: 'split-view',
      text: `${by.address} knows another account as ${known.address}: ${fingerprint}. ${what}`,
    });
  } else {
    const comparison = compareWithHead(primitives, seen.head, known.log);
    if (comparison === 'same' || comparison === 'extension') return;
    if (comparison === 'fork') {
      doubt(draft, known, {
        by: by.address,
        kind: 'split-view',
        text: `${by.address} was shown another history of the account of ${known.address}. ${what}`,
      });
    } else {
      doubt(draft, known, {
        by: by.address,
        kind: 'rollback',
        text: `${by.address} has seen newer entries of the account of ${known.address} than were shown here: somebody may be holding them back.`,
        head: seen.head,
      });
    }
  }
  // The other one is to know as well.
  planHeads(draft, by);
}
