/** Where a device of an accepted contact can be dialled: our queues go there too from now on. */
import { decodeReachability } from '@mycelium/protocol';
import { findDevice, putContact, withDevice } from '../../contacts/contact-row.ts';
import { refuseMessage, type TakeKind } from '../incoming.ts';
import { declareQueuesOf } from '../declare.ts';

export const takeReachability: TakeKind = (draft, ports, { contact, feed, content }) => {
  const addresses = decodeReachability(content.body);
  if (!addresses.ok) {
    refuseMessage(draft, feed.address, addresses.refusal);
    return feed;
  }
  const device = findDevice(contact, feed.deviceKey);
  if (device === undefined || contact.status !== 'accepted') return feed;
  const changed = putContact(draft, withDevice(contact, { ...device, addresses: addresses.value }));
  declareQueuesOf(draft, ports, changed);
  return feed;
};
