/**
 * What stands before the body of a message (spec/messages.md, "Content"): the causal links, and for a message that
 * was first sealed in another feed of the same account, its origin. Flags of the sealed frame header say which.
 */
import type { FeedId } from '../brands.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import type { Primitives } from '../primitives.ts';
import { linksMax } from '../limits.ts';

export const contentFlags = { links: 1, signature: 2, origin: 4 } as const;

/** "I had seen everything of that feed up to this sequence." The tag is the first four bytes of the feed id. */
export interface CausalLink {
  readonly feedTag: Uint8Array;
  readonly sequence: number;
}

/** Where a message stood first: a device that had to leave its feed says it again in the new one. */
export interface Origin {
  readonly feedId: FeedId;
  readonly sequence: number;
}

export interface MessageContent {
  readonly links: readonly CausalLink[];
  readonly origin: Origin | undefined;
  readonly body: Uint8Array;
}

export const feedTagBytes = 4;

export function feedTagOf(feedId: Uint8Array): Uint8Array {
  return feedId.slice(0, feedTagBytes);
}

export function encodeContent(content: MessageContent): {
  readonly flags: number;
  readonly bytes: Uint8Array;
} {
  const writer = new ByteWriter(content.body.length + 16);
  let flags = 0;
  if (content.links.length > 0) {
    flags |= contentFlags.links;
    writer.u8(content.links.length);
    for (const link of content.links) writer.bytes(link.feedTag, feedTagBytes).u32(link.sequence);
  }
  if (content.origin !== undefined) {
    flags |= contentFlags.origin;
    writer.bytes(content.origin.feedId, 32).u32(content.origin.sequence);
  }
  return { flags, bytes: writer.bytes(content.body).finish() };
}

/** `flags` as the sealed header has them; the bits that this version does not know change nothing here. */
export function decodeContent(flags: number, bytes: Uint8Array): Result<MessageContent> {
  return decode(bytes, 'content', (reader) => {
    const links: CausalLink[] = [];
    if ((flags & contentFlags.links) !== 0) {
      const count = reader.u8('links');
      if (count === 0 || count > linksMax) reader.refuse('links', 'length', `has 1 to ${linksMax} elements`);
      for (let at = 0; at < count; at += 1) {
        links.push({
          feedTag: reader.bytes('link.feed', feedTagBytes),
          sequence: reader.u32('link.sequence'),
        });
      }
    }
    const origin =
      (flags & contentFlags.origin) === 0
        ? undefined
        : { feedId: reader.bytes('origin.feed', 32) as FeedId, sequence: reader.u32('origin.sequence') };
    return { links, origin, body: reader.rest() };
  });
}

const messageIdContext = encodeUtf8('mycelium message 1\0');

/**
 * The same at every member: 16 bytes of SHA-256 over the context, the feed where the message stood first, its
 * sequence there, its kind and its body. The body is in it so that two copies of one device cannot share an id.
 */
export function messageIdOf(
  primitives: Primitives,
  origin: Origin,
  kind: number,
  body: Uint8Array,
): Uint8Array {
  const place = new ByteWriter(40).bytes(origin.feedId, 32).u32(origin.sequence).u8(kind).finish();
  return primitives.sha256(messageIdContext, place, body).slice(0, 16);
}
