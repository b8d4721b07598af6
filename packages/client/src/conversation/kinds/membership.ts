/**
 * An operation of the conversation's membership log (spec/membership.md): signed by the device whose feed it came in.
 * A conversation of two has nothing to decide; the log is kept, as groups will need it.
 */
import {
  bytesEqual,
  concatBytes,
  decodeMembershipOperation,
  membershipOperationsMax,
  refuse,
  type MembershipOperation,
} from '@mycelium/protocol';
import { prefixRange } from '../../store/keys.ts';
import { tables } from '../../store/tables.ts';
import { refuseMessage, type Incoming, type TakeKind } from '../incoming.ts';

export const takeMembership: TakeKind = (draft, ports, incoming) => {
  const { feed, content } = incoming;
  const operation = decodeMembershipOperation(ports.primitives, content.body);
  const refused = operation.ok ? wrongSpeaker(incoming, operation.value) : operation;
  if (!operation.ok || refused !== undefined) {
    if (refused !== undefined && !refused.ok) refuseMessage(draft, feed.address, refused.refusal);
    return feed;
  }
  const log = draft.scan(tables.membership, prefixRange(feed.conversation));
  if (log.length >= membershipOperationsMax) return feed;
  draft.put(tables.membership, concatBytes(feed.conversation, operation.value.id), content.body);
  return feed;
};

function wrongSpeaker(
  { contact, feed }: Incoming,
  operation: MembershipOperation,
): ReturnType<typeof refuse> | undefined {
  const where = 'membership-operation';
  if (!bytesEqual(operation.conversation, feed.conversation)) {
    return refuse('conversation', `${where}.conversation`, 'is the one that it was said in');
  }
  if (!bytesEqual(operation.device, feed.deviceKey)) {
    return refuse('device', `${where}.device`, 'is the device whose feed it came in');
  }
  return bytesEqual(operation.author, contact.accountId)
    ? undefined
    : refuse('author', `${where}.author`, 'is the account of its device');
}
