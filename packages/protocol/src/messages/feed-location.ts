/** Where a feed goes on (spec/messages.md, "Feed location"): named in introductions, Welcomes and commits. */
import type { FeedId, PeerAddress } from '../brands.ts';
import type { ByteReader } from '../bytes/reader.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import { feedRelaysMax } from '../limits.ts';
import { readPeers, writePeers } from '../identity/peer-address.ts';

export interface FeedLocation {
  readonly feedId: FeedId;
  /** Public half of the key that appends to the queue of this epoch. */
  readonly ownerPublicKey: Uint8Array;
  /** Sequence of the first message in this epoch. */
  readonly sequence: number;
  readonly relays: readonly PeerAddress[];
}

export function writeFeedLocation(writer: ByteWriter, location: FeedLocation): void {
  writer.bytes(location.feedId, 32).bytes(location.ownerPublicKey, 32).u32(location.sequence);
  writePeers(writer, location.relays);
}

export function readFeedLocation(reader: ByteReader): FeedLocation {
  return {
    feedId: reader.bytes('feed.id', 32) as FeedId,
    ownerPublicKey: reader.bytes('feed.owner-key', 32),
    sequence: reader.u32('feed.sequence'),
    relays: readPeers(reader, 'feed.relays', feedRelaysMax),
  };
}
