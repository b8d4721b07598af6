/** `Primitives` for Node over libsodium and OpenSSL. Checked by the conformance suite in packages/simulation. */
import { createPlainFrameCipher, type Primitives } from '@mycelium/protocol';
import sodium from 'sodium-native';
import { chacha20Block, open, seal } from './ciphers.ts';
import { hkdf, hmacSha256, sha256 } from './hashes.ts';
import { isKernelWanted, kernelFrameCipher } from './kernel.ts';
import { argon2id } from './passwords.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from './signatures.ts';

function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

export interface PrimitivesOptions {
  /** Whether the WebAssembly kernel seals and opens runs of frames, or libsodium frame by frame. */
  readonly kernel?: boolean;
}

export function createPrimitives({ kernel = isKernelWanted() }: PrimitivesOptions = {}): Primitives {
  return {
    sha256,
    hmacSha256,
    hkdf,
    ed25519PublicKey,
    ed25519Sign,
    ed25519Verify,
    chacha20Block,
    seal,
    open,
    frames:
      (kernel ? kernelFrameCipher() : undefined) ??
      createPlainFrameCipher({ chacha20Block, seal, open, wipe }),
    argon2id: (password, salt, ...[memoryBytes, passes, length]) =>
      argon2id(password, salt, { memoryBytes, passes, length }),
    equal: (left, right) => left.length === right.length && sodium.sodium_memcmp(left, right),
    wipe,
  };
}
