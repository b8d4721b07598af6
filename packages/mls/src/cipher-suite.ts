/**
 * Our two cipher suites as ts-mls takes them, over `Primitives` and the platform: strict Ed25519, randomness from its
 * port, five to ten times faster than the stock provider. Keys of HPKE are raw bytes; ts-mls types them as CryptoKey
 * but only ever hands them back.
 */
import type { Suite } from '@mycelium/protocol';
import type { CiphersuiteImpl, CiphersuiteName, Hpke } from 'ts-mls';
import {
  aeadKeyBytes,
  aeadNonceBytes,
  aeadTagBytes,
  hpkeExport,
  hpkeOpen,
  hpkeSeal,
  type HpkeSuite,
} from './hpke.ts';
import { expand, extract, kdfOf, type MlsCrypto } from './kdf.ts';
import { x25519Kem, xWingKem } from './kem.ts';

/** Names of ts-mls. The numbers on the wire are 84 (private use) and 3 (RFC 9420 §17.1). */
export const suiteNames: Readonly<Record<Suite, CiphersuiteName>> = {
  xwing: 'MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519',
  x25519: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
};

export function suiteOf(name: CiphersuiteName): Suite | undefined {
  if (name === suiteNames.xwing) return 'xwing';
  return name === suiteNames.x25519 ? 'x25519' : undefined;
}

export function hpkeSuiteOf(suite: Suite, crypto: MlsCrypto): HpkeSuite {
  const { primitives } = crypto;
  return suite === 'xwing'
    ? { kem: xWingKem(crypto), kdf: kdfOf('sha512', crypto), primitives }
    : { kem: x25519Kem(crypto), kdf: kdfOf('sha256', crypto), primitives };
}

class HpkeError extends Error {
  override readonly name = 'HpkeError';
}

function given<T>(value: T | undefined, failed: string): T {
  if (value === undefined) throw new HpkeError(failed);
  return value;
}

type PublicKey = Awaited<ReturnType<Hpke['importPublicKey']>>;
type PrivateKey = Awaited<ReturnType<Hpke['importPrivateKey']>>;

const publicKeyOf = (bytes: Uint8Array): PublicKey => bytes as unknown as PublicKey;
const privateKeyOf = (bytes: Uint8Array): PrivateKey => bytes as unknown as PrivateKey;
const bytesOf = (key: PublicKey | PrivateKey): Uint8Array => key as unknown as Uint8Array;
const none = new Uint8Array(0);

function createHpke(suite: HpkeSuite, crypto: MlsCrypto): Hpke {
  const { kem, primitives } = suite;
  const pairOf = (secretKey: Uint8Array): { privateKey: PrivateKey; publicKey: PublicKey } => ({
    privateKey: privateKeyOf(secretKey),
    publicKey: publicKeyOf(kem.publicKey(secretKey)),
  });
  const checked = (bytes: Uint8Array, length: number): Uint8Array =>
    given(bytes.length === length ? bytes : undefined, `a key of this suite has ${length} bytes`);
  return {
    keyLength: aeadKeyBytes,
    nonceLength: aeadNonceBytes,
    seal: async (key, plaintext, ...[info, associated = none]) => {
      const sealed = given(
        hpkeSeal(suite, bytesOf(key), plaintext, { info, associated }),
        'nothing opens that key',
      );
      return { enc: sealed.enc, ct: sealed.ciphertext };
    },
    open: async (key, enc, ...[ciphertext, info, associated = none]) =>
      given(hpkeOpen(suite, bytesOf(key), { enc, ciphertext }, { info, associated }), 'it does not open'),
    importPrivateKey: async (bytes) => privateKeyOf(checked(bytes, kem.secretKeyBytes)),
    importPublicKey: async (bytes) => publicKeyOf(checked(bytes, kem.publicKeyBytes)),
    exportPublicKey: async (key) => bytesOf(key),
    exportPrivateKey: async (key) => bytesOf(key),
    encryptAead: async (key, nonce, ...[associated = none, plaintext]) => {
      const sealed = new Uint8Array(plaintext.length + aeadTagBytes);
      primitives.seal(sealed, plaintext, associated, nonce, key);
      return sealed;
    },
    decryptAead: async (key, nonce, ...[associated = none, sealed]) => {
      const plaintext = new Uint8Array(Math.max(0, sealed.length - aeadTagBytes));
      return given(
        primitives.open(plaintext, sealed, associated, nonce, key) ? plaintext : undefined,
        'it does not open',
      );
    },
    exportSecret: async (key, context, ...[length, info]) => {
      const { enc, shared } = given(kem.encapsulate(bytesOf(key)), 'nothing opens that key');
      return { enc, secret: hpkeExport(suite, shared, info, { context, length }) };
    },
    importSecret: async (key, context, ...[enc, length, info]) => {
      const usable = given(
        enc.length === kem.encBytes ? enc : undefined,
        'an encapsulation has a fixed length',
      );
      const shared = given(kem.decapsulate(bytesOf(key), usable), 'it does not open');
      return hpkeExport(suite, shared, info, { context, length });
    },
    deriveKeyPair: async (material) => pairOf(kem.derive(material)),
    generateKeyPair: async () => pairOf(crypto.randomness.bytes(kem.secretKeyBytes)),
  };
}

export function createCipherSuite(suite: Suite, crypto: MlsCrypto): CiphersuiteImpl {
  const { platform, primitives, randomness } = crypto;
  const hpkeSuite = hpkeSuiteOf(suite, crypto);
  const { kdf } = hpkeSuite;
  const digest = suite === 'xwing' ? platform.sha512 : (message: Uint8Array) => primitives.sha256(message);
  return {
    name: suiteNames[suite],
    hpke: createHpke(hpkeSuite, crypto),
    kdf: {
      size: kdf.size,
      extract: async (salt, material) => extract(kdf, salt, material),
      expand: async (secret, info, length) => expand(kdf, secret, info, length),
    },
    hash: {
      digest: async (message) => digest(message),
      mac: async (key, message) => kdf.mac(key, message),
      verifyMac: async (key, mac, message) => primitives.equal(kdf.mac(key, message), mac),
    },
    signature: {
      sign: async (seed, message) => primitives.ed25519Sign(seed, message),
      verify: async (publicKey, message, signature) =>
        primitives.ed25519Verify(publicKey, message, signature),
      keygen: async () => {
        const signKey = randomness.bytes(32);
        return { signKey, publicKey: primitives.ed25519PublicKey(signKey) };
      },
    },
    rng: { randomBytes: (length) => randomness.bytes(length) },
  };
}
