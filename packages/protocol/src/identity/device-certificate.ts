/**
 * Device certificates: what a leaf of a send group holds as its basic credential (spec/identity.md, "Device
 * certificates"). It names the account and the device and is signed by the account key that added the device;
 * whether the device is still live only the account log tells.
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { AccountId, DeviceKey } from '../brands.ts';
import { identityVersion } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { certificateBytesMax, deviceNameBytesMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { liveDevice, type AccountDevice, type AccountState } from './account-log.ts';
import { sign, verifySignature } from './signed.ts';

export interface DeviceCertificate {
  readonly accountId: AccountId;
  readonly deviceKey: DeviceKey;
  /** For people; the same as in the account log. */
  readonly name: string;
  /** 0: never. */
  readonly expiresMs: number;
  readonly signature: Uint8Array;
}

const where = 'device-certificate';
const context = 'mycelium device certificate 1';

/** Issues the certificate of a device that the log has just added. */
export function issueDeviceCertificate(
  primitives: Primitives,
  accountId: AccountId,
  device: Pick<AccountDevice, 'deviceKey' | 'name' | 'expiresMs'>,
  accountSeed: Uint8Array,
): Uint8Array {
  const signed = encodeSigned({ accountId, ...device });
  return concatBytes(signed, sign(primitives, { context, seed: accountSeed }, signed));
}

export function decodeDeviceCertificate(bytes: Uint8Array): Result<DeviceCertificate> {
  if (bytes.length > certificateBytesMax)
    return refuse('length', where, `is at most ${certificateBytesMax} bytes`);
  return decode(bytes, where, (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    const accountId = reader.bytes('account', 32) as AccountId;
    const deviceKey = reader.bytes('device-key', 32) as DeviceKey;
    const name = reader.text('name', deviceNameBytesMax);
    const expiresMs = reader.count('expires');
    return { accountId, deviceKey, name, expiresMs, signature: reader.bytes('signature', 64) };
  });
}

/**
 * Decodes a certificate and holds it against the account: its device is live there, under the same name and
 * expiry.
 */
export function verifyDeviceCertificate(
  primitives: Primitives,
  state: AccountState,
  bytes: Uint8Array,
  nowMs: number,
): Result<DeviceCertificate> {
  const decoded = decodeDeviceCertificate(bytes);
  if (!decoded.ok) return decoded;
  const certificate = decoded.value;
  if (!bytesEqual(certificate.accountId, state.accountId))
    return refuse('account', where, 'is of this account');
  const device = liveDevice(state, certificate.deviceKey, nowMs);
  if (device === undefined)
    return refuse('device', where, 'is of a device that the account log has, neither revoked nor expired');
  if (device.name !== certificate.name || device.expiresMs !== certificate.expiresMs) {
    return refuse('device', where, 'has the name and expiry of the account log');
  }
  const verifier = { context, publicKey: device.addedBy } as const;
  if (!verifySignature(primitives, verifier, encodeSigned(certificate), certificate.signature)) {
    return refuse('signature', where, 'is signed by the account key that added the device');
  }
  return accept(certificate);
}

function encodeSigned(certificate: Omit<DeviceCertificate, 'signature'>): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(identityVersion).bytes(certificate.accountId, 32).bytes(certificate.deviceKey, 32);
  return writer.text(certificate.name).count(certificate.expiresMs).finish();
}
