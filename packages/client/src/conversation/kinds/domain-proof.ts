/** A contact's domain proof: kept when it is one; what it is worth is judged when somebody looks. */
import { claimEvidenceBytesMax } from '@mycelium/protocol';
import { reweighAndRelease } from '../../contacts/rivals.ts';
import { takeProof } from '../../domains/take-proof.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';

export const takeDomainProof: TakeKind = async (draft, ports, { contact, feed, content }) => {
  if (content.body.length > claimEvidenceBytesMax) {
    const rule = `is at most ${claimEvidenceBytesMax} bytes`;
    refuseMessage(draft, feed.address, { code: 'length', where: 'domain-proof', rule });
    return feed;
  }
  await reweighAndRelease(draft, ports, takeProof(draft, ports, contact, content.body));
  return feed;
};
