/** Mail for a device that is followed by nobody yet (spec/mail.md, "Intake"): HPKE to its X-Wing key, `enc ‖ ciphertext`. */
import { accept, concatBytes, encodeUtf8, refuse, RefusedError, type Result } from '@mycelium/protocol';
import { hpkeOpen, hpkeSeal, type HpkeSuite } from './hpke.ts';
import { kdfOf, type MlsCrypto } from './kdf.ts';
import { xWingKem } from './kem.ts';

const info = encodeUtf8('mycelium intake 1');

/** X-Wing, HKDF-SHA256, ChaCha20-Poly1305. */
export function intakeSuite(crypto: MlsCrypto): HpkeSuite {
  return { kem: xWingKem(crypto), kdf: kdfOf('sha256', crypto), primitives: crypto.primitives };
}

export function sealIntake(
  suite: HpkeSuite,
  publicKey: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const sealed = hpkeSeal(suite, publicKey, plaintext, { info, associated });
  if (sealed === undefined)
    throw new RefusedError(refuse('hpke-key', 'intake.key', 'is an X-Wing public key').refusal);
  return concatBytes(sealed.enc, sealed.ciphertext);
}

export function openIntake(
  suite: HpkeSuite,
  secretKey: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Result<Uint8Array> {
  const { encBytes } = suite.kem;
  const parts = { enc: sealed.subarray(0, encBytes), ciphertext: sealed.subarray(encBytes) };
  const plaintext = hpkeOpen(suite, secretKey, parts, { info, associated });
  return plaintext === undefined
    ? refuse('seal', 'intake.sealed', 'opens under the intake key')
    : accept(plaintext);
}
