/**
 * An introduction that is whole: held against itself, then against what is known of who says so (spec/membership.md,
 * "Introduction"). From a stranger it is a request, nothing is answered; from somebody whom we asked, who has an
 * invite of ours, or whom we know, it is taken at once.
 */
import {
  accountFingerprint,
  accept,
  bytesEqual,
  concatBytes,
  decodeIntroduction,
  devicesMax,
  pairConversationId,
  refuse,
  verifyDeviceCertificate,
  type ConversationId,
  type DecodedIntroduction,
  type DeviceKey,
  type FeedId,
  type Result,
} from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { declareIntake } from '../account/create-account.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange, textKey } from '../store/keys.ts';
import type { ContactDevice, ContactRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { planLook, provedBy, takeProof } from '../domains/take-proof.ts';
import { beginConversation, tellReachability, welcomeDevice } from './begin-conversation.ts';
import { contactOfAccount, findDevice, ownFeedOf, putContact, withDevice } from './contact-row.ts';
import { openRivals } from './evidence.ts';
import { tellVouches } from './give-vouch.ts';
import { joinFeed } from './join-feed.ts';
import { awaitReceipt } from './rejoin.ts';
import { drainRevoked } from './revoked-devices.ts';
import { keepWaiting } from './waiting-feed.ts';
import { inviteOfToken, redeem } from './invites.ts';
import { formerHolder } from './moved-contact.ts';
import { warned } from './lookalikes.ts';
import { readLog, takeLog, tell, type OfferedLog } from './pinned-log.ts';
import { noteRival } from './rivals.ts';
import { cameBy } from '../views/invite-view.ts';
import { removeRevoked } from '../conversation/refresh.ts';

/** Requests that wait for the person; a flood of strangers pushes nobody out. */
const requestsMax = 256;

interface Introduced {
  readonly introduction: DecodedIntroduction;
  readonly log: OfferedLog;
  readonly device: ContactDevice;
  readonly bytes: Uint8Array;
}

/**
 * Strangers' mistakes are dropped without a word: there is nobody to tell. `unwanted`: of somebody who is blocked or ignored, and
 * nothing was written.
 */
export async function takeIntroduction(
  draft: Draft,
  ports: StepPorts,
  bytes: Uint8Array,
): Promise<'dealt-with' | 'unwanted'> {
  const verified = await verifyIntroduction(draft, ports, bytes);
  if (!verified.ok) return 'dealt-with';
  const known = knownContact(draft, verified.value);
  if (known !== undefined && isUnwanted(known, verified.value)) return 'unwanted';
  await takeVerified(draft, ports, verified.value, known);
  return 'dealt-with';
}

/** An ignored account is silent; another one that takes its address is not. */
function isUnwanted({ status, accountId }: ContactRow, { log }: Introduced): boolean {
  if (status === 'blocked') return true;
  return status === 'ignored' && bytesEqual(accountId, log.state.accountId);
}

async function takeVerified(
  draft: Draft,
  ports: StepPorts,
  introduced: Introduced,
  known: ContactRow | undefined,
): Promise<void> {
  const account = requireAccount(draft);
  if (introduced.introduction.address === account.address) return;
  if (known === undefined) return takeStranger(draft, ports, introduced);
  if (!bytesEqual(known.accountId, introduced.log.state.accountId))
    return takeRivals(draft, ports, known, introduced);
  const logged = takeLog(draft, ports, known, introduced.introduction.accountLog);
  if (logged === undefined) return;
  const contact = takeProof(draft, ports, logged, introduced.introduction.domainProof);
  await takeKnown(draft, ports, contact, introduced);
}

/** Another account under the name of a contact: what it says is kept for the case that the person chooses it. */
function takeRivals(draft: Draft, ports: StepPorts, known: ContactRow, introduced: Introduced): void {
  const { accountId } = introduced.log.state;
  const { domainProof } = introduced.introduction;
  const noted = noteRival(draft, ports, known, { accountId, seenIn: 'introduction', domainProof });
  if (!openRivals(noted).some((rival) => bytesEqual(rival.accountId, accountId))) return;
  const conversation = pairConversationId(ports.primitives, requireAccount(draft).accountId, accountId);
  const devices = draft.scan(tables.requests, prefixRange(conversation)).length;
  if (devices < devicesMax) keepRequest(draft, conversation, introduced);
}

/** By the name that it gives; else by its account, which may have moved and is known by the name it had. */
function knownContact(draft: Draft, { introduction, log }: Introduced): ContactRow | undefined {
  const named = draft.get(tables.contacts, textKey(introduction.address));
  return named ?? contactOfAccount(draft, log.state.accountId);
}

async function verifyIntroduction(
  draft: Draft,
  ports: StepPorts,
  bytes: Uint8Array,
): Promise<Result<Introduced>> {
  const { primitives, agreement } = ports;
  const decoded = decodeIntroduction(bytes);
  if (!decoded.ok) return decoded;
  const introduction = decoded.value;
  const log = readLog(ports, introduction.accountLog);
  if (!log.ok) return log;
  const { state } = log.value;
  if (state.address !== introduction.address)
    return refuse('address', 'introduction', 'has the address of its log');
  const { certificate, keyPackage, intake } = introduction.device;
  const named = verifyDeviceCertificate(primitives, state, certificate, draft.nowMs);
  if (!named.ok) return named;
  const { deviceKey } = named.value;
  const inspected = await agreement.inspectKeyPackage(keyPackage);
  if (!inspected.ok) return inspected;
  const { suite, certificate: leaf } = inspected.value;
  if (!bytesEqual(inspected.value.deviceKey, deviceKey) || !bytesEqual(leaf, certificate)) {
    return refuse('key-package', 'introduction', 'has a KeyPackage of its device');
  }
  if (suite !== 'xwing') return refuse('key-package', 'introduction', 'has a KeyPackage of our suite');
  if (!introduction.isSignedBy(primitives, deviceKey, requireAccount(draft).device.key)) {
    return refuse('signature', 'introduction', 'is signed by its device for this one');
  }
  const device: ContactDevice = {
    deviceKey,
    certificate,
    keyPackage,
    intake,
    addresses: [],
    feedId: undefined,
  };
  return accept({ introduction, log: log.value, device, bytes });
}

async function takeStranger(draft: Draft, ports: StepPorts, introduced: Introduced): Promise<void> {
  const { introduction, log, device } = introduced;
  const account = requireAccount(draft);
  const { accountId, relays } = log.state;
  const { address } = introduction;
  const invite = inviteOfToken(draft, introduction.token);
  const invited = invite !== undefined && redeem(draft, invite, { accountId, address });
  if (!invited && waitingRequests(draft) >= requestsMax) return;
  const contact: ContactRow = {
    address,
    accountId,
    log: log.entries,
    status: 'request',
    label: invited ? invite.label : undefined,
    verifiedKey: undefined,
    greeting: introduction.greeting,
    conversation: pairConversationId(ports.primitives, account.accountId, accountId),
    devices: [device],
    relays,
    ownFeeds: [],
    token: new Uint8Array(),
    ...(invite && { cameBy: invite.id }),
    sinceMs: draft.nowMs,
    ...provedBy(draft, ports, log.state, introduction.domainProof),
    ...warned(draft, introduction.address),
    ...formerly(draft, ports, introduction.address),
  };
  keepRequest(draft, putContact(draft, contact).conversation, introduced);
  if (invited && contact.rivals === undefined) {
    await acceptRequest(draft, ports, contact);
    return;
  }
  draft.announce({
    event: 'request',
    from: contact.address,
    fingerprint: accountFingerprint(accountId),
    text: contact.greeting,
    ...(invite && { cameBy: cameBy(invite, draft.nowMs) }),

    ...(contact.warning !== undefined && { warning: contact.warning }),
  });
}

/** Somebody else was known by this address, and may have moved away from it: the person has to tell the two apart. */
function formerly(draft: Draft, ports: StepPorts, address: string): Pick<ContactRow, 'rivals'> {
  const earlier = formerHolder(draft, ports, address);
  if (earlier === undefined) return {};
  const { accountId } = earlier;
  return { rivals: [{ accountId, seenIn: 'earlier', sinceMs: draft.nowMs, turnedDown: false }] };
}

function waitingRequests(draft: Draft): number {
  return draft.scan(tables.contacts).filter(({ row }) => row.status === 'request').length;
}

function keepRequest(draft: Draft, conversation: ConversationId, introduced: Introduced): void {
  const key = concatBytes(conversation, introduced.device.deviceKey);
  draft.put(tables.requests, key, introduced.bytes);
}

async function takeKnown(
  draft: Draft,
  ports: StepPorts,
  known: ContactRow,
  introduced: Introduced,
): Promise<void> {
  const before = findDevice(known, introduced.device.deviceKey);
  if (before === undefined && known.devices.length >= 2 * devicesMax) return;
  const { addresses, feedId } = before ?? introduced.device;
  const contact = putContact(draft, withDevice(known, { ...introduced.device, addresses, feedId }));
  if (contact.status === 'request') {
    keepRequest(draft, contact.conversation, introduced);
    const invite = inviteOfToken(draft, introduced.introduction.token);
    if (invite === undefined || !redeem(draft, invite, contact)) return;
    await acceptRequest(draft, ports, putContact(draft, { ...contact, cameBy: invite.id }));
    return;
  }
  const accepted = contact.status === 'pending' ? settle(draft, contact) : contact;
  const { device } = introduced;
  const joined = await joinOrWait(draft, ports, accepted, introduced);
  if (!joined.ok) {
    const { where, rule } = joined.refusal;
    tell(draft, accepted, 'refused', `An introduction was refused: ${where} ${rule}.`);
    return;
  }
  const own = ownFeedOf(draft, joined.value);
  const current = own === undefined ? undefined : await removeRevoked(draft, ports, joined.value, own);
  const reads = current?.readers.some((reader) => bytesEqual(reader.deviceKey, device.deviceKey)) ?? false;
  if (!reads) {
    await welcomeDevice(draft, ports, joined.value, device);
    tellVouches(draft, ports, joined.value);
  } else if (current !== undefined && isNewlyFollowed(joined.value, introduced, feedId)) {
    awaitReceipt(draft, current, device.deviceKey);
  }
  drainRevoked(draft, ports, joined.value);
  tellReachability(draft, ports, joined.value);
}

/** Not an introduction that came again, perhaps of a feed that was left since, nor one of a feed that we know. */
function isNewlyFollowed(
  contact: ContactRow,
  { introduction, device }: Introduced,
  before: FeedId | undefined,
): boolean {
  const now = findDevice(contact, device.deviceKey)?.feedId;
  if (now === undefined || !bytesEqual(now, introduction.location.feedId)) return false;
  return before === undefined || !bytesEqual(now, before);
}

/** Where an earlier epoch of the feed is still being read, that comes first. */
async function joinOrWait(
  draft: Draft,
  ports: StepPorts,
  contact: ContactRow,
  { introduction, device, bytes }: Introduced,
): Promise<Result<ContactRow>> {
  const { deviceKey } = device;
  const { feedId } = introduction.location;
  const known = draft.get(tables.feeds, feedId);
  const reading = known?.kind === 'peer' && known.ended === undefined;
  if (!reading || !bytesEqual(known.deviceKey, deviceKey)) {
    return joinFeed(draft, ports, contact, { introduction, deviceKey });
  }
  keepWaiting(draft, { feedId, deviceKey, introduction: bytes });
  return accept(contact);
}

function settle(draft: Draft, contact: ContactRow): ContactRow {
  const accepted = putContact(draft, { ...contact, status: 'accepted' });
  // Their answer has come: our relays need to let no more in by its token.
  if (contact.token.length > 0) declareIntake(draft, requireAccount(draft));
  draft.announce({ event: 'contact', address: contact.address, state: 'accepted' });
  return accepted;
}

/** The person, or an invite of theirs, has said yes: their feeds are joined, and ours begins. */
export async function acceptRequest(
  draft: Draft,
  ports: StepPorts,
  request: ContactRow,
): Promise<ContactRow> {
  let contact = settle(draft, request);
  planLook(draft, contact);
  for (const { key, row } of draft.scan(tables.requests, prefixRange(contact.conversation))) {
    draft.delete(tables.requests, key);
    const introduction = decodeIntroduction(row);
    if (!introduction.ok) continue;
    const deviceKey = key.slice(32) as DeviceKey;
    const joined = await joinFeed(draft, ports, contact, { introduction: introduction.value, deviceKey });
    if (joined.ok) contact = joined.value;
    else
      tell(
        draft,
        contact,
        'refused',
        `An introduction was refused: ${joined.refusal.where} ${joined.refusal.rule}.`,
      );
  }
  contact = await beginConversation(draft, ports, contact, '');
  drainRevoked(draft, ports, contact);
  tellReachability(draft, ports, contact);
  return contact;
}
