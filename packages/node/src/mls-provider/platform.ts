/** `MlsPlatform` for Node: X25519 by libsodium, ML-KEM-768 and the hashes by OpenSSL. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  encapsulate,
  hash,
} from 'node:crypto';
import type { MlsPlatform } from '@mycelium/mls';
import sodium from 'sodium-native';

const mlKem768 = 'ml-kem-768';
const seedBytes = 64;
const publicKeyBytes = 1184;
const ciphertextBytes = 1088;

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  if (secretKey.length !== 32 || publicKey.length !== 32) return undefined;
  const shared = new Uint8Array(32);
  try {
    sodium.crypto_scalarmult(shared, secretKey, publicKey);
    return shared;
  } catch {
    return undefined; // the lengths are right: the result is zero
  }
}

function mlKem768PrivateKey(seed: Uint8Array): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.from(seed), format: 'raw-seed', asymmetricKeyType: mlKem768 });
}

function mlKem768PublicKey(seed: Uint8Array): Uint8Array {
  return plain(createPublicKey(mlKem768PrivateKey(seed)).export({ format: 'raw-public' }));
}

function mlKem768Encapsulate(publicKey: Uint8Array): ReturnType<MlsPlatform['mlKem768Encapsulate']> {
  if (publicKey.length !== publicKeyBytes) return undefined;
  try {
    const key = createPublicKey({
      key: Buffer.from(publicKey),
      format: 'raw-public',
      asymmetricKeyType: mlKem768,
    });
    const { sharedKey, ciphertext } = encapsulate(key);
    return { shared: plain(sharedKey), ciphertext: plain(ciphertext) };
  } catch {
    return undefined; // OpenSSL checks the modulus when it takes the key (FIPS 203 §7.2)
  }
}

function mlKem768Decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  if (seed.length !== seedBytes || ciphertext.length !== ciphertextBytes) return undefined;
  return plain(decapsulate(mlKem768PrivateKey(seed), ciphertext));
}

export function createMlsPlatform(): MlsPlatform {
  return {
    sha512: (message) => plain(hash('sha512', message, 'buffer')),
    hmacSha512: (key, message) => plain(createHmac('sha512', key).update(message).digest()),
    sha3: (message) => plain(hash('sha3-256', message, 'buffer')),
    shake256: (message, length) =>
      plain(createHash('shake256', { outputLength: length }).update(message).digest()),
    x25519PublicKey: (secretKey) => {
      const publicKey = new Uint8Array(32);
      sodium.crypto_scalarmult_base(publicKey, secretKey);
      return publicKey;
    },
    x25519,
    mlKem768PublicKey,
    mlKem768Encapsulate,
    mlKem768Decapsulate,
  };
}
