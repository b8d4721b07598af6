/** The account log in plain words. */
import {
  bytesToHex,
  decodeAccountEntry,
  formatPeerAddress,
  type AccountDevice,
  type AccountOp,
  type Primitives,
} from '@mycelium/protocol';
import { accountState, ownFingerprint, requireAccount } from '../account/account-row.ts';
import { holdsKey } from '../account/create-account.ts';
import type { AccountLogView, DeviceView } from '../account-log-view.ts';
import type { Rows } from '../loop/rows.ts';

export function accountLogView(
  rows: Rows,
  { primitives, nowMs }: { readonly primitives: Primitives; readonly nowMs: number },
): AccountLogView {
  const account = requireAccount(rows);
  const state = accountState(primitives, account);
  const { head, address, formerAddresses } = state;
  const entries = account.log.flatMap((encoded) => {
    const entry = decodeAccountEntry(encoded);
    if (!entry.ok) return [];
    const { sequence, timeMs: time, op } = entry.value;
    return [{ sequence, time, text: opText(op, state.devices) }];
  });
  const ownKey = bytesToHex(account.device.key);
  return {
    address,
    fingerprint: ownFingerprint(account),
    formerAddresses,
    head: { sequence: head.sequence, hash: bytesToHex(head.hash) },
    entries,
    devices: state.devices.map((device) => deviceView(device, ownKey, nowMs)),
    hasKey: holdsKey(primitives, state, account.secrets),
  };
}

function deviceView(device: AccountDevice, ownKey: string, nowMs: number): DeviceView {
  const { name, expiresMs, revoked } = device;
  const key = bytesToHex(device.deviceKey);
  const expired = expiresMs !== 0 && expiresMs <= nowMs;
  return {
    name,
    key,
    own: key === ownKey,
    state: revoked ? 'revoked' : expired ? 'expired' : 'live',
    expires: expiresMs === 0 ? undefined : expiresMs,
  };
}

function opText(op: AccountOp, devices: readonly AccountDevice[]): string {
  switch (op.kind) {
    case 'create':
      return `the account begins as ${op.address}`;
    case 'add-device':
      return `device added: ${op.name} (${bytesToHex(op.deviceKey).slice(0, 8)})`;
    case 'revoke-device': {
      const key = bytesToHex(op.deviceKey);
      const name = devices.find((device) => bytesToHex(device.deviceKey) === key)?.name ?? '';
      return `device revoked: ${name} (${key.slice(0, 8)})`;
    }
    case 'rotate-account-key':
      return 'new account key, signed by the one before';
    case 'move-address':
      return `the address is ${op.address} from here on`;
    case 'set-relays':
      return op.relays.length === 0 ? 'no relays' : `relays: ${op.relays.map(formatPeerAddress).join(', ')}`;
  }
}
