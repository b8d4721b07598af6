/** A contact's account log grew: taken when it extends the one that is pinned, else refused and told. */
import { decodeAccountLogUpdate } from '@mycelium/protocol';
import { ownFeedOf } from '../../contacts/contact-row.ts';
import { drainRevoked } from '../../contacts/revoked-devices.ts';
import { takeLog } from '../../contacts/pinned-log.ts';
import { declareQueuesOf } from '../declare.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { removeRevoked } from '../refresh.ts';

export const takeAccountLog: TakeKind = async (draft, ports, { contact, feed, content }) => {
  const log = decodeAccountLogUpdate(content.body);
  if (!log.ok) {
    refuseMessage(draft, feed.address, log.refusal);
    return feed;
  }
  const changed = takeLog(draft, ports, contact, log.value);
  if (changed === undefined) return feed;
  const { address } = changed;
  const own = ownFeedOf(draft, changed);
  if (own !== undefined) await removeRevoked(draft, ports, changed, own);
  drainRevoked(draft, ports, changed);
  declareQueuesOf(draft, ports, changed);
  return { ...feed, address };
};
