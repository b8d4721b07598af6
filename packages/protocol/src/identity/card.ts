/**
 * Cards: everything that somebody needs to write to an account for the first time (spec/identity.md, "Cards").
 * The card is one byte string; the client splits it into long frames of the card's queue. Everybody with the card
 * secret can read it, a relay cannot. KeyPackages are opaque here: `KeyAgreement.inspectKeyPackage` judges them.
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode, type ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { DeviceKey, PeerAddress, Route } from '../brands.ts';
import { identityVersion, provedVersion } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import {
  accountLogBytesMax,
  cardBytesMax,
  certificateBytesMax,
  claimEvidenceBytesMax,
  devicesMax,
  stampDifficultyMax,
  intakeKeyBytes,
  keyPackageBytesMax,
  relaysMax,
} from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import {
  decodeAccountLog,
  encodeAccountLog,
  liveDevice,
  replayAccountLog,
  type AccountState,
} from './account-log.ts';
import { verifyDeviceCertificate, type DeviceCertificate } from './device-certificate.ts';
import { readPeers, writePeers } from './peer-address.ts';
import { sign, verifySignature } from './signed.ts';

/** Where a stranger's first message goes. */
export interface CardIntake {
  /** X-Wing, 1,216 bytes. */
  readonly publicKey: Uint8Array;
  readonly route: Route;
  readonly relays: readonly PeerAddress[];
  /** Leading zero bits that a stamp needs. */
  readonly difficulty: number;
}

export interface CardDevice {
  /** Encoded device certificate. */
  readonly certificate: Uint8Array;
  /** Encoded last-resort KeyPackage. */
  readonly keyPackage: Uint8Array;
  readonly intake: CardIntake;
}

export interface Card {
  /** Grows with each card of the account. */
  readonly sequence: number;
  readonly timeMs: number;
  /** Encoded entries of the account log, all of them. */
  readonly log: readonly Uint8Array[];
  readonly devices: readonly CardDevice[];
  /** Encoded domain proof, opaque here. Undefined: none. */
  readonly domainProof?: Uint8Array | undefined;
}

/** A card whose signature, log and certificates hold. */
export interface VerifiedCard extends Card {
  readonly state: AccountState;
  /** The device that signed it. */
  readonly signer: DeviceKey;
  /** Certificate of the device at the same place in `devices`. */
  readonly certificates: readonly DeviceCertificate[];
}

const context = 'mycelium card 1';

/** Encodes and signs with a device key. */
export function signCard(primitives: Primitives, card: Card, deviceSeed: Uint8Array): Uint8Array {
  const writer = new ByteWriter(8_192);
  const { domainProof } = card;
  const version = domainProof === undefined ? identityVersion : provedVersion;
  writer.u8(version).count(card.sequence).count(card.timeMs);
  writer.vector32(encodeAccountLog(card.log));
  writer.list(card.devices, (device) => writeCardDevice(writer, device));
  if (domainProof !== undefined) writer.vector16(domainProof);
  writer.bytes(primitives.ed25519PublicKey(deviceSeed), 32);
  const signed = writer.finish();
  return concatBytes(signed, sign(primitives, { context, seed: deviceSeed }, signed));
}

/** Decodes a card and verifies all of it: log, signer, certificates. */
export function verifyCard(primitives: Primitives, bytes: Uint8Array, nowMs: number): Result<VerifiedCard> {
  const decoded = decodeCard(bytes);
  if (!decoded.ok) return decoded;
  const { card, encodedLog, signer, signed, signature } = decoded.value;
  const log = decodeAccountLog(encodedLog);
  if (!log.ok) return log;
  const state = replayAccountLog(primitives, log.value);
  if (!state.ok) return state;
  if (liveDevice(state.value, signer, nowMs) === undefined)
    return refuse('signer', 'card.signer', 'is signed by a live device of the account');
  if (!verifySignature(primitives, { context, publicKey: signer }, signed, signature)) {
    return refuse('signature', 'card.signature', 'is signed by the device that it names');
  }
  const certificates: DeviceCertificate[] = [];
  for (const device of card.devices) {
    const certificate = verifyDeviceCertificate(primitives, state.value, device.certificate, nowMs);
    if (!certificate.ok) return certificate;
    if (certificates.some((other) => bytesEqual(other.deviceKey, certificate.value.deviceKey))) {
      return refuse('duplicate', 'card.devices', 'names each device once');
    }
    certificates.push(certificate.value);
  }
  return accept({ ...card, log: log.value, state: state.value, signer, certificates });
}

interface DecodedCard {
  readonly card: Omit<Card, 'log'>;
  readonly encodedLog: Uint8Array;
  readonly signer: DeviceKey;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

function decodeCard(bytes: Uint8Array): Result<DecodedCard> {
  if (bytes.length > cardBytesMax) return refuse('length', 'card', `is at most ${cardBytesMax} bytes`);
  return decode(bytes, 'card', (reader) => {
    const version = reader.u8('version');
    if (version !== identityVersion && version !== provedVersion)
      reader.refuse('version', 'version', 'is 1 or 2');
    const sequence = reader.count('sequence');
    const timeMs = reader.count('time');
    const encodedLog = reader.vector32('log', accountLogBytesMax);
    const devices = reader.list('devices', devicesMax, () => readCardDevice(reader));
    const domainProof =
      version === provedVersion ? reader.vector16('domain-proof', claimEvidenceBytesMax) : undefined;
    const signer = reader.bytes('signer', 32) as DeviceKey;
    const signed = bytes.slice(0, bytes.length - reader.left);
    const signature = reader.bytes('signature', 64);
    const card = { sequence, timeMs, devices, ...(domainProof && { domainProof }) };
    return { card, encodedLog, signer, signed, signature };
  });
}

/** One device as cards and introductions have it. */
export function encodeCardDevice(device: CardDevice): Uint8Array {
  const writer = new ByteWriter(8_192);
  writeCardDevice(writer, device);
  return writer.finish();
}

export function decodeCardDevice(bytes: Uint8Array): Result<CardDevice> {
  return decode(bytes, 'card-device', readCardDevice);
}

function writeCardDevice(writer: ByteWriter, device: CardDevice): void {
  const { publicKey, route, relays, difficulty } = device.intake;
  writer.vector16(device.certificate).vector16(device.keyPackage).bytes(publicKey, intakeKeyBytes);
  writePeers(writer.bytes(route, 16).u8(difficulty), relays);
}

function readCardDevice(reader: ByteReader): CardDevice {
  const certificate = reader.vector16('certificate', certificateBytesMax);
  const keyPackage = reader.vector16('key-package', keyPackageBytesMax);
  const publicKey = reader.bytes('intake-key', intakeKeyBytes);
  const route = reader.bytes('intake-route', 16) as Route;
  const difficulty = reader.u8('intake-difficulty');
  if (difficulty > stampDifficultyMax)
    reader.refuse('intake-difficulty', 'range', `is at most ${stampDifficultyMax}`);
  const relays = readPeers(reader, 'intake-relays', relaysMax);
  return { certificate, keyPackage, intake: { publicKey, route, relays, difficulty } };
}
