/**
 * The plaintext of a first contact (spec/messages.md, "Introduction"): who I am, the Welcome to my feed for this one
 * device, and where the feed is. Travels in pieces inside sealed intake frames (spec/mail.md). What it says is a
 * claim until the account log, the device and the Welcome are checked against each other.
 */
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { Result } from '../errors.ts';
import { readFeedLocation, writeFeedLocation, type FeedLocation } from './feed-location.ts';
import { accountLogBytesMax, greetingBytesMax, welcomeBytesMax } from '../limits.ts';

const introductionVersion = 1;
const addressBytesMax = 320;
const deviceBytesMax = 16_384;
const pointerBytesMax = 2_048;
const tokenBytesMax = 64;

export interface Introduction {
  readonly address: string;
  /** Encoded account log (spec/identity.md). */
  readonly accountLog: Uint8Array;
  /** This device as its card has it (spec/identity.md): certificate, KeyPackage, intake key and queue. */
  readonly device: Uint8Array;
  /** Where the account's card is (spec/identity.md); empty when it has none. */
  readonly cardPointer: Uint8Array;
  /** The feed of this device, and the Welcome to it. */
  readonly location: FeedLocation;
  readonly welcome: Uint8Array;
  /** From an invite; empty without one. */
  readonly token: Uint8Array;
  /** Shown with the request, inert. May be empty. */
  readonly greeting: string;
}

export function encodeIntroduction(introduction: Introduction): Uint8Array {
  const writer = new ByteWriter(16_384).u8(introductionVersion).text(introduction.address);
  writer.vector32(introduction.accountLog).vector32(introduction.device).vector16(introduction.cardPointer);
  writeFeedLocation(writer, introduction.location);
  return writer
    .vector32(introduction.welcome)
    .vector8(introduction.token)
    .text(introduction.greeting)
    .finish();
}

export function decodeIntroduction(bytes: Uint8Array): Result<Introduction> {
  return decode(bytes, 'introduction', (reader) => {
    const version = reader.u8('version');
    if (version !== introductionVersion) reader.refuse('version', 'version', `is ${introductionVersion}`);
    return {
      address: reader.text('address', addressBytesMax),
      accountLog: reader.vector32('account-log', accountLogBytesMax),
      device: reader.vector32('device', deviceBytesMax),
      cardPointer: reader.vector16('card', pointerBytesMax),
      location: readFeedLocation(reader),
      welcome: reader.vector32('welcome', welcomeBytesMax),
      token: reader.vector8('token', tokenBytesMax),
      greeting: reader.text('greeting', greetingBytesMax),
    };
  });
}
