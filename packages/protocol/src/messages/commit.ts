/**
 * Kind 128, commit (spec/messages.md): the last message of a feed's epoch. Holds the MLS commit and says where the
 * feed goes on; its sequence plus one is the first of the next epoch.
 */
import type { PeerAddress } from '../brands.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { commitBytesMax, feedRelaysMax } from '../limits.ts';
import { readPeers, writePeers } from '../identity/peer-address.ts';

export interface CommitMessage {
  readonly nextOwnerPublicKey: Uint8Array;
  readonly nextRelays: readonly PeerAddress[];
  readonly commit: Uint8Array;
}

export function encodeCommit(message: CommitMessage): Uint8Array {
  const writer = new ByteWriter(message.commit.length + 256).bytes(message.nextOwnerPublicKey, 32);
  writePeers(writer, message.nextRelays);
  return writer.vector32(message.commit).finish();
}

export function decodeCommit(body: Uint8Array): Result<CommitMessage> {
  return decode(body, 'commit', (reader) => ({
    nextOwnerPublicKey: reader.bytes('next-owner-key', 32),
    nextRelays: readPeers(reader, 'next-relays', feedRelaysMax),
    commit: reader.vector32('commit', commitBytesMax),
  }));
}
