/**
 * The two KEMs of our suites for HPKE: DHKEM(X25519, HKDF-SHA256) of RFC 9180 §4.1 and X-Wing of
 * draft-connolly-cfrg-xwing-kem. Keys are raw bytes. Failing answers are undefined, never thrown.
 */
import { concatBytes, encodeUtf8 } from '@mycelium/protocol';
import { kdfOf, labeledExpand, labeledExtract, type Kdf, type MlsCrypto } from './kdf.ts';

export interface Kem {
  /** Registered in RFC 9180 §7.1 and by the X-Wing draft. */
  readonly id: number;
  readonly encBytes: number;
  readonly publicKeyBytes: number;
  readonly secretKeyBytes: number;
  readonly publicKey: (secretKey: Uint8Array) => Uint8Array;
  /** DeriveKeyPair: the secret key. */
  readonly derive: (material: Uint8Array) => Uint8Array;
  readonly encapsulate: (
    publicKey: Uint8Array,
  ) => { readonly shared: Uint8Array; readonly enc: Uint8Array } | undefined;
  readonly decapsulate: (secretKey: Uint8Array, enc: Uint8Array) => Uint8Array | undefined;
}

const empty = new Uint8Array(0);

export function x25519Kem(crypto: MlsCrypto): Kem {
  const { platform, randomness } = crypto;
  const kdf: Kdf = kdfOf('sha256', crypto);
  const suite = Uint8Array.of(...encodeUtf8('KEM'), 0x00, 0x20);
  const shared = (dh: Uint8Array, enc: Uint8Array, publicKey: Uint8Array): Uint8Array => {
    const secret = labeledExtract(kdf, suite, { label: 'eae_prk', salt: empty, material: dh });
    return labeledExpand(kdf, suite, {
      label: 'shared_secret',
      secret,
      info: concatBytes(enc, publicKey),
      length: 32,
    });
  };
  return {
    id: 0x20,
    encBytes: 32,
    publicKeyBytes: 32,
    secretKeyBytes: 32,
    publicKey: platform.x25519PublicKey,
    derive: (material) => {
      const secret = labeledExtract(kdf, suite, { label: 'dkp_prk', salt: empty, material });
      return labeledExpand(kdf, suite, { label: 'sk', secret, info: empty, length: 32 });
    },
    encapsulate: (publicKey) => {
      const ephemeral = randomness.bytes(32);
      const dh = platform.x25519(ephemeral, publicKey);
      if (dh === undefined) return undefined;
      const enc = platform.x25519PublicKey(ephemeral);
      return { enc, shared: shared(dh, enc, publicKey) };
    },
    decapsulate: (secretKey, enc) => {
      const dh = platform.x25519(secretKey, enc);
      return dh && shared(dh, enc, platform.x25519PublicKey(secretKey));
    },
  };
}

const mlKemPublicKeyBytes = 1184;
const mlKemCiphertextBytes = 1088;
/** The six bytes `\.//^\` of the draft. */
const xWingLabel = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

export function xWingKem({ platform, randomness }: MlsCrypto): Kem {
  const expand = (secretKey: Uint8Array): { readonly mlKem: Uint8Array; readonly x25519: Uint8Array } => {
    const expanded = platform.shake256(secretKey, 96);
    return { mlKem: expanded.subarray(0, 64), x25519: expanded.subarray(64) };
  };
  const combine = (...parts: readonly Uint8Array[]): Uint8Array =>
    platform.sha3(concatBytes(...parts, xWingLabel));
  return {
    id: 0x647a,
    encBytes: mlKemCiphertextBytes + 32,
    publicKeyBytes: mlKemPublicKeyBytes + 32,
    secretKeyBytes: 32,
    publicKey: (secretKey) => {
      const keys = expand(secretKey);
      return concatBytes(platform.mlKem768PublicKey(keys.mlKem), platform.x25519PublicKey(keys.x25519));
    },
    derive: (material) => platform.shake256(material, 32),
    encapsulate: (publicKey) => {
      const theirs = publicKey.subarray(mlKemPublicKeyBytes);
      const ephemeral = randomness.bytes(32);
      const dh = platform.x25519(ephemeral, theirs);
      const lattice = platform.mlKem768Encapsulate(publicKey.subarray(0, mlKemPublicKeyBytes));
      if (dh === undefined || lattice === undefined) return undefined;
      const ours = platform.x25519PublicKey(ephemeral);
      return {
        enc: concatBytes(lattice.ciphertext, ours),
        shared: combine(lattice.shared, dh, ours, theirs),
      };
    },
    decapsulate: (secretKey, enc) => {
      const keys = expand(secretKey);
      const theirs = enc.subarray(mlKemCiphertextBytes);
      const lattice = platform.mlKem768Decapsulate(keys.mlKem, enc.subarray(0, mlKemCiphertextBytes));
      const dh = platform.x25519(keys.x25519, theirs);
      if (lattice === undefined || dh === undefined) return undefined;
      return combine(lattice, dh, theirs, platform.x25519PublicKey(keys.x25519));
    },
  };
}
