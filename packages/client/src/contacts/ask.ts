/** We ask somebody: their account is pinned, our feed begins, each of their devices is introduced to (spec/membership.md). */
import {
  bytesEqual,
  decodeDeviceCertificate,
  encodeAccountLog,
  pairConversationId,
  type CardDevice,
  type VerifiedCard,
} from '@mycelium/protocol';
import { declareIntake } from '../account/create-account.ts';
import { listContactToken } from './intake-admissions.ts';
import { requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import type { ContactDevice, ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { planLook, provedBy, takeProof } from '../domains/take-proof.ts';
import { beginConversation } from './begin-conversation.ts';
import { contactOfAccount, findDevice, putContact } from './contact-row.ts';
import { warned } from './lookalikes.ts';
import { takeLog } from './pinned-log.ts';
import { assertUncontested } from './rivals.ts';
import { acceptRequest } from './take-introduction.ts';

export interface Asking {
  readonly card: VerifiedCard;
  /** Token of an invite; empty without one. */
  readonly token: Uint8Array;
  readonly greeting: string;
}

export async function ask(draft: Draft, ports: StepPorts, asking: Asking): Promise<ContactRow> {
  const { card, token, greeting } = asking;
  const account = requireAccount(draft);
  const { address, accountId, relays } = card.state;
  if (bytesEqual(accountId, account.accountId) || address === account.address) {
    throw new ClientError('self', 'This is your own address.');
  }
  const known = draft.get(tables.contacts, textKey(address)) ?? contactOfAccount(draft, accountId);
  if (known !== undefined) return askAgain(draft, ports, known, asking);
  const devices = await welcomedDevices(ports, card, undefined);
  if (devices.length === 0) {
    throw new ClientError('unreachable', `${address} has no device that can be written to at the moment.`);
  }
  const contact: ContactRow = {
    address,
    accountId,
    log: card.log,
    status: 'pending',
    label: undefined,
    verifiedKey: undefined,
    greeting: '',
    conversation: pairConversationId(ports.primitives, account.accountId, accountId),
    devices,
    relays,
    ownFeeds: [],
    token,
    sinceMs: draft.nowMs,
    ...provedBy(draft, ports, card.state, card.domainProof),
    ...warned(draft, address),
  };
  planLook(draft, contact);
  draft.announce({ event: 'contact', address, state: 'pending' });
  const begun = await beginConversation(draft, ports, contact, greeting);
  // They answer by the token that we came with: our relays are told before they can.
  if (token.length > 0) {
    listContactToken(draft, begun);
    declareIntake(draft, account);
  }
  return begun;
}

/** Somebody who is known: their account must be the one that is pinned. */
async function askAgain(
  draft: Draft,
  ports: StepPorts,
  known: ContactRow,
  asking: Asking,
): Promise<ContactRow> {
  if (known.status === 'blocked') throw new ClientError('blocked', `${known.address} is blocked.`);
  assertUncontested(draft, ports, known);
  const logged = takeLog(draft, ports, known, encodeAccountLog(asking.card.log));
  if (logged === undefined) {
    throw new ClientError(
      'key-changed',
      `The account of ${known.address} is not the one that is known here.`,
    );
  }
  const contact = takeProof(draft, ports, logged, asking.card.domainProof);
  if (contact.status === 'request' || contact.status === 'ignored')
    return acceptRequest(draft, ports, { ...contact, token: asking.token });
  if (contact.status === 'accepted') return contact;
  const devices = await welcomedDevices(ports, asking.card, contact);
  return putContact(draft, { ...contact, devices: devices.length > 0 ? devices : contact.devices });
}

/** Devices of a card whose KeyPackages hold up. */
async function welcomedDevices(
  ports: StepPorts,
  card: VerifiedCard,
  known: ContactRow | undefined,
): Promise<readonly ContactDevice[]> {
  const devices: ContactDevice[] = [];
  for (const device of card.devices) {
    const named = decodeDeviceCertificate(device.certificate);
    if (!named.ok) continue;
    const { deviceKey } = named.value;
    if (!(await hasKeyPackageOf(ports, device, deviceKey))) continue;
    const before = known === undefined ? undefined : findDevice(known, deviceKey);
    const { certificate, keyPackage, intake } = device;
    const { addresses, feedId } = before ?? { addresses: [], feedId: undefined };
    devices.push({ deviceKey, certificate, keyPackage, intake, addresses, feedId });
  }
  return devices;
}

async function hasKeyPackageOf(
  ports: StepPorts,
  device: CardDevice,
  deviceKey: Uint8Array,
): Promise<boolean> {
  const inspected = await ports.agreement.inspectKeyPackage(device.keyPackage);
  return (
    inspected.ok && inspected.value.suite === 'xwing' && bytesEqual(inspected.value.deviceKey, deviceKey)
  );
}
