/** The token of an invite as rows and introductions have it: id (8) ‖ secret (16). */
import { concatBytes, type InviteToken } from '@mycelium/protocol';

const idBytes = 8;
const tokenBytes = 24;

export function tokenOf({ id, secret }: InviteToken): Uint8Array {
  return concatBytes(id, secret);
}

/** Undefined: no token. */
export function inviteToken(bytes: Uint8Array): InviteToken | undefined {
  if (bytes.length !== tokenBytes) return undefined;
  return { id: bytes.slice(0, idBytes), secret: bytes.slice(idBytes) };
}
