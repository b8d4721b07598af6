/**
 * Signatures (spec/identity.md, "Signatures"): every one covers a context string of its own, so that what was signed
 * for one purpose is never read as another. Nothing else in the code base builds signed bytes.
 */
import { concatBytes } from '../bytes/compare.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import type { Primitives } from '../primitives.ts';

/** Every context there is, as spec/registry.md lists them. */
export const signatureContexts = [
  'mycelium account entry 1',
  'mycelium account rotation 1',
  'mycelium device certificate 1',
  'mycelium card 1',
  'mycelium claim 1',
  'mycelium claim record 1',
  'mycelium open 1',
  'mycelium membership 1',
  'mycelium introduction 1',
  'mycelium feed message 1',
  'mycelium domain proof 1',
  'mycelium domain revocations 1',
  'mycelium vouch 1',
] as const;

export type SignatureContext = (typeof signatureContexts)[number];

/** `context ‖ 0x00 ‖ message`: no context holds a zero byte, so the split is the only one. */
export function signedBytes(context: SignatureContext, message: Uint8Array): Uint8Array {
  return concatBytes(encodeUtf8(context), Uint8Array.of(0), message);
}

export interface Signer {
  readonly context: SignatureContext;
  readonly seed: Uint8Array;
}

export interface Verifier {
  readonly context: SignatureContext;
  readonly publicKey: Uint8Array;
}

/** Ed25519 signature, 64 bytes. */
export function sign(primitives: Primitives, signer: Signer, message: Uint8Array): Uint8Array {
  return primitives.ed25519Sign(signer.seed, signedBytes(signer.context, message));
}

export function verifySignature(
  primitives: Primitives,
  verifier: Verifier,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return primitives.ed25519Verify(verifier.publicKey, signedBytes(verifier.context, message), signature);
}
