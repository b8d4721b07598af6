/** Kind 129, Welcome (spec/messages.md): brings a device that already follows one feed of ours into another. */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { readFeedLocation, writeFeedLocation, type FeedLocation } from './feed-location.ts';
import { welcomeBytesMax } from '../limits.ts';

export interface WelcomeMessage {
  readonly location: FeedLocation;
  readonly welcome: Uint8Array;
}

export function encodeWelcome(message: WelcomeMessage): Uint8Array {
  const writer = new ByteWriter(message.welcome.length + 256);
  writeFeedLocation(writer, message.location);
  return writer.vector32(message.welcome).finish();
}

export function decodeWelcome(body: Uint8Array): Result<WelcomeMessage> {
  return decode(body, 'welcome', (reader) => ({
    location: readFeedLocation(reader),
    welcome: reader.vector32('welcome', welcomeBytesMax),
  }));
}
