/** Kind 130, reachability (spec/messages.md): where this device can be dialled. Replaces what it said before; only in accepted conversations. */
import type { PeerAddress } from '../brands.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { reachabilityAddressesMax } from '../limits.ts';
import { readPeers, writePeers } from '../identity/peer-address.ts';

export function encodeReachability(addresses: readonly PeerAddress[]): Uint8Array {
  const writer = new ByteWriter(128);
  writePeers(writer, addresses);
  return writer.finish();
}

export function decodeReachability(body: Uint8Array): Result<readonly PeerAddress[]> {
  return decode(body, 'reachability', (reader) => readPeers(reader, 'addresses', reachabilityAddressesMax));
}
