/**
 * Kind 130, reachability (spec/messages.md): where this device can be dialled. Replaces what it said before; only in
 * accepted conversations. One transport key, up to sixteen endpoints.
 */
import type { PeerAddress } from '../brands.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { readPeer, writePeers } from '../identity/peer-address.ts';
import { reachabilityAddressesMax } from '../limits.ts';

export function encodeReachability(addresses: readonly PeerAddress[]): Uint8Array {
  const writer = new ByteWriter(128);
  writePeers(writer, addresses);
  return writer.finish();
}

export function decodeReachability(body: Uint8Array): Result<readonly PeerAddress[]> {
  return decode(body, 'reachability', (reader) => {
    const count = reader.u8('addresses');
    if (count > reachabilityAddressesMax) {
      reader.refuse('addresses', 'length', `has at most ${reachabilityAddressesMax} elements`);
    }
    const addresses: PeerAddress[] = [];
    for (let at = 0; at < count; at += 1) addresses.push(readPeer(reader, 'addresses'));
    return addresses;
  });
}
