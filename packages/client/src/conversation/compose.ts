/** A text that the person sends: stored, sealed and put out in one step. */
import { encodeText, messageIdOf, messageKinds, type FeedId } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ClientError } from '../client.ts';
import { findContact, ownFeedOf } from '../contacts/contact-row.ts';
import { assertUncontested } from '../contacts/rivals.ts';
import { planHeads } from '../contacts/say-heads.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { numberOfKey, placeKey, prefixRange, textKey } from '../store/keys.ts';
import type { ContactRow, MessageRow, OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { linksOf, putMessage } from './message-place.ts';
import { say } from './own-feed.ts';
import { refreshIfDue } from './refresh.ts';

const idempotencyKeyMax = 256;

export interface TextWish {
  readonly to: string;
  readonly text: string;
  readonly idempotencyKey?: string;
}

export async function compose(draft: Draft, ports: StepPorts, wish: TextWish): Promise<MessageRow> {
  if (requireAccount(draft).putOut === true) {
    throw new ClientError(
      'device-revoked',
      'This device was revoked by another one of the account: it says nothing more.',
    );
  }
  const earlier = sentBefore(draft, wish.idempotencyKey);
  if (earlier !== undefined) return earlier;
  const body = encodeText(wish.text);
  if (!body.ok) {
    const code = body.refusal.code === 'length' && wish.text !== '' ? 'too-long' : 'bad-text';
    throw new ClientError(code, `A text ${body.refusal.rule}.`);
  }
  const contact = sendable(findContact(draft, wish.to));
  assertUncontested(draft, ports, contact);
  const feed = ownFeedOf(draft, contact);
  const said = { contact, text: wish.text, body: body.value };
  const message =
    feed === undefined
      ? parkText(draft, ports, said)
      : sayText(draft, ports, { ...said, feed: await refreshIfDue(draft, ports, contact, feed) });
  if (wish.idempotencyKey !== undefined) {
    draft.put(tables.idempotency, textKey(wish.idempotencyKey), message.id);
  }
  return message;
}

function sentBefore(draft: Draft, idempotencyKey: string | undefined): MessageRow | undefined {
  if (idempotencyKey === undefined) return undefined;
  if (idempotencyKey.length > idempotencyKeyMax) {
    throw new ClientError('bad-text', `An idempotency key is at most ${idempotencyKeyMax} characters.`);
  }
  const id = draft.get(tables.idempotency, textKey(idempotencyKey));
  const key = id === undefined ? undefined : draft.get(tables.messageKeys, id);
  return key === undefined ? undefined : draft.get(tables.messages, key);
}

function sendable(contact: ContactRow): ContactRow {
  switch (contact.status) {
    case 'blocked':
      throw new ClientError('blocked', `${contact.address} is blocked.`);
    case 'request':
    case 'ignored':
      throw new ClientError(
        'unknown-contact',
        `${contact.address} asked to write to you: accept them first with "mycelium contact accept".`,
      );
    case 'pending':
    case 'accepted':
      return contact;
  }
}

export interface TextToSay {
  readonly contact: ContactRow;
  readonly feed: OwnFeedRow;
  readonly text: string;
  readonly body: Uint8Array;
}

/** Seals the text into our feed and puts its message into the history. */
export function sayText(
  draft: Draft,
  ports: StepPorts,
  { contact, feed, text, body }: TextToSay,
): MessageRow {
  const account = requireAccount(draft);
  const { links, depth, linked } = linksOf(draft, contact, feed);
  const { sequence } = feed.writer;
  const kind = messageKinds.text;
  const message: MessageRow = {
    id: messageIdOf(ports.primitives, { feedId: feed.feedId, sequence }, kind, body),
    conversation: contact.conversation,
    from: account.address,
    own: true,
    kind,
    text,
    body: undefined,
    timeMs: draft.nowMs,
    depth,
    feedId: feed.feedId,
    sequence,
    state: 'queued',
    gapBefore: false,
  };
  planHeads(draft, contact);
  const key = putMessage(draft, message, feed.deviceKey);
  const digest = ports.primitives.sha256(body);
  draft.put(tables.positions, placeKey(feed.feedId, sequence), { digest, message: key, depth });
  say(draft, ports, { ...feed, depth, linked }, { kind, body, links, message: key });
  return message;
}

/** Far above any sequence: where what waits for a feed stands among what was said and is not confirmed. */
const parkedPlace = 2 ** 40;

/** While this device is being renewed it has no feed: the text waits, and is the first thing said in the new one. */
function parkText(
  draft: Draft,
  ports: StepPorts,
  { contact, text, body }: Omit<TextToSay, 'feed'>,
): MessageRow {
  const account = requireAccount(draft);
  const old = contact.ownFeeds.at(-1);
  const oldFeed = old === undefined ? undefined : draft.get(tables.feeds, old);
  if (old === undefined || oldFeed?.kind !== 'own') {
    throw new ClientError('unreachable', 'This device is being renewed: try again in a moment.');
  }
  const feedId = ports.randomness.bytes(32) as FeedId;
  const kind = messageKinds.text;
  const message: MessageRow = {
    id: messageIdOf(ports.primitives, { feedId, sequence: 0 }, kind, body),
    conversation: contact.conversation,
    from: account.address,
    own: true,
    kind,
    text,
    body: undefined,
    timeMs: draft.nowMs,
    depth: linksOf(draft, contact, oldFeed).depth,
    feedId,
    sequence: 0,
    state: 'queued',
    gapBefore: false,
  };
  const key = putMessage(draft, message, oldFeed.deviceKey);
  const range = { ...prefixRange(old), reverse: true, limit: 1 };
  const last = draft.scan(tables.outgoing, range)[0];
  const place = Math.max(parkedPlace, last === undefined ? 0 : numberOfKey(last.key, 32) + 1);
  const { route } = oldFeed.writer;
  const lastIndex = Number.MAX_SAFE_INTEGER;
  draft.put(tables.outgoing, placeKey(old, place), {
    route,
    lastIndex,
    timeNs: 0n,
    message: key,
    stored: false,
    lost: false,
    again: 0,
  });
  return message;
}
