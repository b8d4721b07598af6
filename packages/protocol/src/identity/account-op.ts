/** Operations of the account log: what an account may say about itself (spec/identity.md, "Account log"). */
import type { ByteReader } from '../bytes/reader.ts';
import type { ByteWriter } from '../bytes/writer.ts';
import type { AccountKey, DeviceKey, PeerAddress } from '../brands.ts';
import { accountOps } from '../codes.ts';
import { addressBytesMax, deviceNameBytesMax, relaysMax } from '../limits.ts';
import { parseCanonicalAddress } from './address.ts';
import { readPeers, writePeers } from './peer-address.ts';

export type AccountOp =
  /** First entry and no other. `address` is canonical text. */
  | { readonly kind: 'create'; readonly address: string; readonly accountKey: AccountKey }
  /** `expiresMs` 0: never. */
  | {
      readonly kind: 'add-device';
      readonly deviceKey: DeviceKey;
      readonly name: string;
      readonly expiresMs: number;
    }
  | { readonly kind: 'revoke-device'; readonly deviceKey: DeviceKey }
  /** Signed by the old and the new key. */
  | { readonly kind: 'rotate-account-key'; readonly accountKey: AccountKey }
  | { readonly kind: 'move-address'; readonly address: string }
  | { readonly kind: 'set-relays'; readonly relays: readonly PeerAddress[] };

/** Operation u8 and its body. */
export function writeAccountOp(writer: ByteWriter, op: AccountOp): void {
  switch (op.kind) {
    case 'create':
      writer.u8(accountOps.create).text(op.address).bytes(op.accountKey, 32);
      return;
    case 'add-device':
      writer.u8(accountOps.addDevice).bytes(op.deviceKey, 32).text(op.name).count(op.expiresMs);
      return;
    case 'revoke-device':
      writer.u8(accountOps.revokeDevice).bytes(op.deviceKey, 32);
      return;
    case 'rotate-account-key':
      writer.u8(accountOps.rotateAccountKey).bytes(op.accountKey, 32);
      return;
    case 'move-address':
      writer.u8(accountOps.moveAddress).text(op.address);
      return;
    case 'set-relays':
      writePeers(writer.u8(accountOps.setRelays), op.relays);
  }
}

export function readAccountOp(reader: ByteReader): AccountOp {
  const code = reader.u8('op');
  switch (code) {
    case accountOps.create: {
      const address = readCanonicalAddress(reader, 'op.address');
      return { kind: 'create', address, accountKey: reader.bytes('op.account-key', 32) as AccountKey };
    }
    case accountOps.addDevice: {
      const deviceKey = reader.bytes('op.device-key', 32) as DeviceKey;
      const name = reader.text('op.name', deviceNameBytesMax);
      return { kind: 'add-device', deviceKey, name, expiresMs: reader.count('op.expires') };
    }
    case accountOps.revokeDevice:
      return { kind: 'revoke-device', deviceKey: reader.bytes('op.device-key', 32) as DeviceKey };
    case accountOps.rotateAccountKey:
      return { kind: 'rotate-account-key', accountKey: reader.bytes('op.account-key', 32) as AccountKey };
    case accountOps.moveAddress:
      return { kind: 'move-address', address: readCanonicalAddress(reader, 'op.address') };
    case accountOps.setRelays:
      return { kind: 'set-relays', relays: readPeers(reader, 'op.relays', relaysMax) };
    default:
      return reader.refuse('op', 'unknown', 'is a known operation (1 to 6)');
  }
}

/** Text of an address that has to be canonical. */
export function readCanonicalAddress(reader: ByteReader, field: string): string {
  const text = reader.text(field, addressBytesMax);
  const address = parseCanonicalAddress(text);
  if (!address.ok) return reader.refuse(field, 'address', 'is an address in its canonical form');
  return text;
}
