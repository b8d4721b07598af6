/**
 * The plaintext of a first contact (spec/membership.md, "Introduction"): who I am, the Welcome to my feed for this
 * one device, and where the feed is. Signed by the introducing device for the device that it is meant for, so that
 * nobody can pass it on as their own. Travels in pieces inside sealed intake frames. What it says is a claim until
 * account log, certificate, KeyPackage and Welcome are held against each other.
 */
import type { DeviceKey, Route } from '../brands.ts';
import { concatBytes } from '../bytes/compare.ts';
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { identityVersion, provedVersion } from '../codes.ts';
import type { Result } from '../errors.ts';
import { readCanonicalAddress } from '../identity/account-op.ts';
import type { CardDevice } from '../identity/card.ts';
import { readPeers, writePeers } from '../identity/peer-address.ts';
import { sign, verifySignature } from '../identity/signed.ts';
import {
  accountLogBytesMax,
  certificateBytesMax,
  claimEvidenceBytesMax,
  greetingBytesMax,
  intakeKeyBytes,
  introductionBytesMax,
  keyPackageBytesMax,
  relaysMax,
  stampDifficultyMax,
  welcomeBytesMax,
} from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { readFeedLocation, writeFeedLocation, type FeedLocation } from './feed-location.ts';

const context = 'mycelium introduction 1';
const tokenBytesMax = 64;

export interface Introduction {
  /** Canonical. */
  readonly address: string;
  /** Encoded account log (spec/identity.md). */
  readonly accountLog: Uint8Array;
  /** The introducing device, as cards have it. */
  readonly device: CardDevice;
  /** The feed of this device, and the Welcome to it. */
  readonly location: FeedLocation;
  readonly welcome: Uint8Array;
  /** From an invite: token id 8 and secret 16; empty without one. */
  readonly token: Uint8Array;
  /** Shown with the request, inert. May be empty. */
  readonly greeting: string;
  /** Encoded domain proof, opaque here. Undefined: none. */
  readonly domainProof?: Uint8Array | undefined;
}

/** `recipient`: the device that it is meant for. */
export function signIntroduction(
  primitives: Primitives,
  introduction: Introduction,
  keys: { readonly deviceSeed: Uint8Array; readonly recipient: DeviceKey },
): Uint8Array {
  const { domainProof } = introduction;
  const version = domainProof === undefined ? identityVersion : provedVersion;
  const writer = new ByteWriter(16_384).u8(version).text(introduction.address);
  writer.vector32(introduction.accountLog);
  writeDevice(writer, introduction.device);
  writeFeedLocation(writer, introduction.location);
  writer.vector32(introduction.welcome).vector8(introduction.token).text(introduction.greeting);
  if (domainProof !== undefined) writer.vector16(domainProof);
  const signed = writer.finish();
  const signature = sign(primitives, { context, seed: keys.deviceSeed }, concatBytes(keys.recipient, signed));
  return concatBytes(signed, signature);
}

export interface DecodedIntroduction extends Introduction {
  /** True when the device with this key signed it for `recipient`. */
  readonly isSignedBy: (primitives: Primitives, device: DeviceKey, recipient: DeviceKey) => boolean;
}

export function decodeIntroduction(bytes: Uint8Array): Result<DecodedIntroduction> {
  return decode(bytes, 'introduction', (reader) => {
    if (reader.left > introductionBytesMax) {
      reader.refuse('length', 'length', `is at most ${introductionBytesMax} bytes`);
    }
    const version = reader.u8('version');
    if (version !== identityVersion && version !== provedVersion)
      reader.refuse('version', 'version', 'is 1 or 2');
    const introduction = {
      address: readCanonicalAddress(reader, 'address'),
      accountLog: reader.vector32('account-log', accountLogBytesMax),
      device: readDevice(reader),
      location: readFeedLocation(reader),
      welcome: reader.vector32('welcome', welcomeBytesMax),
      token: reader.vector8('token', tokenBytesMax),
      greeting: reader.text('greeting', greetingBytesMax),
    };
    const domainProof =
      version === provedVersion ? reader.vector16('domain-proof', claimEvidenceBytesMax) : undefined;
    const signed = bytes.slice(0, bytes.length - reader.left);
    const signature = reader.bytes('signature', 64);
    return {
      ...introduction,
      ...(domainProof && { domainProof }),
      isSignedBy: (primitives: Primitives, device: DeviceKey, recipient: DeviceKey) =>
        verifySignature(
          primitives,
          { context, publicKey: device },
          concatBytes(recipient, signed),
          signature,
        ),
    };
  });
}

function writeDevice(writer: ByteWriter, device: CardDevice): void {
  writer
    .vector16(device.certificate)
    .vector16(device.keyPackage)
    .bytes(device.intake.publicKey, intakeKeyBytes);
  writer.bytes(device.intake.route, 16).u8(device.intake.difficulty);
  writePeers(writer, device.intake.relays);
}

function readDevice(reader: ByteReader): CardDevice {
  const certificate = reader.vector16('certificate', certificateBytesMax);
  const keyPackage = reader.vector16('key-package', keyPackageBytesMax);
  const publicKey = reader.bytes('intake-key', intakeKeyBytes);
  const route = reader.bytes('intake-route', 16) as Route;
  const difficulty = reader.u8('intake-difficulty');
  if (difficulty > stampDifficultyMax) {
    reader.refuse('intake-difficulty', 'range', `is at most ${stampDifficultyMax}`);
  }
  const relays = readPeers(reader, 'intake-relays', relaysMax);
  return { certificate, keyPackage, intake: { publicKey, route, relays, difficulty } };
}
