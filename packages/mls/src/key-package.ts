/** KeyPackages (RFC 9420 §10): last-resort, without an end; and their secrets as bytes for the store. */
import {
  accept,
  bytesEqual,
  ByteWriter,
  decode,
  type DeviceKey,
  type KeyPackagePair,
  type LeafIdentity,
  refuse,
  type Result,
  type Suite,
  unwrap,
} from '@mycelium/protocol';
import {
  type CiphersuiteImpl,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  type KeyPackage,
  type PrivateKeyPackage,
} from 'ts-mls';
import { verifyKeyPackage } from 'ts-mls/keyPackage.js';
import { verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import { suiteOf } from './cipher-suite.ts';
import { lastResortExtension, leafRefusal, memberOf, ourCapabilities, ourLifetime } from './leaf.ts';
import { decodeMessage } from './mls-message.ts';

export interface OwnKeyPackage {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
}

export function generateOwn(leaf: LeafIdentity, suite: CiphersuiteImpl): Promise<OwnKeyPackage> {
  return generateKeyPackageWithKey(
    { credentialType: 'basic', identity: leaf.certificate },
    ourCapabilities,
    ourLifetime,
    [{ extensionType: lastResortExtension, extensionData: new Uint8Array(0) }],
    { signKey: leaf.deviceSeed, publicKey: leaf.deviceKey },
    suite,
  );
}

export function encodeKeyPackage(keyPackage: KeyPackage): Uint8Array {
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage });
}

export function encodeOwn({ publicPackage, privatePackage }: OwnKeyPackage): KeyPackagePair {
  const secret = new ByteWriter(128)
    .u8(1)
    .vector8(privatePackage.initPrivateKey)
    .vector8(privatePackage.hpkePrivateKey)
    .vector8(privatePackage.signaturePrivateKey)
    .finish();
  return { keyPackage: encodeKeyPackage(publicPackage), secret };
}

/** From our own store. */
export function decodeOwn(pair: KeyPackagePair): OwnKeyPackage {
  const privatePackage = unwrap(
    decode(pair.secret, 'key-package-secret', (reader) => {
      if (reader.u8('version') !== 1) reader.refuse('version', 'version', 'is 1');
      return {
        initPrivateKey: reader.vector8('init', 255),
        hpkePrivateKey: reader.vector8('encryption', 255),
        signaturePrivateKey: reader.vector8('signature', 255),
      };
    }),
  );
  return { publicPackage: unwrap(decodeKeyPackage(pair.keyPackage)), privatePackage };
}

export function decodeKeyPackage(bytes: Uint8Array): Result<KeyPackage> {
  const decoded = decodeMessage(bytes, 'mls_key_package', 'key-package');
  return decoded.ok ? accept(decoded.value.keyPackage) : decoded;
}

export interface InspectedKeyPackage {
  readonly keyPackage: KeyPackage;
  readonly suite: Suite;
  readonly certificate: Uint8Array;
  readonly deviceKey: DeviceKey;
}

/** RFC 9420 §10.1, and that both its keys can be sealed to: a device that nothing can be sealed to would block its group. */
export async function inspect(
  bytes: Uint8Array,
  cipherSuites: Readonly<Record<Suite, CiphersuiteImpl>>,
): Promise<Result<InspectedKeyPackage>> {
  const decoded = decodeKeyPackage(bytes);
  if (!decoded.ok) return decoded;
  const keyPackage = decoded.value;
  const { leafNode } = keyPackage;
  const suite = suiteOf(keyPackage.cipherSuite);
  if (suite === undefined) return refuse('suite', 'key-package.suite', 'is one of ours');
  const refusal = leafRefusal(leafNode, 'key-package.leaf');
  const member = memberOf(leafNode);
  if (refusal !== undefined || member === undefined) {
    return refuse(refusal?.code ?? 'credential', 'key-package.leaf', refusal?.rule ?? 'is basic');
  }
  const { notBefore, notAfter } = leafNode.lifetime;
  if (notBefore !== ourLifetime.notBefore || notAfter !== ourLifetime.notAfter) {
    return refuse('lifetime', 'key-package.lifetime', 'has no begin and no end');
  }
  const [extension, ...others] = keyPackage.extensions;
  if (
    extension?.extensionType !== lastResortExtension ||
    extension.extensionData.length > 0 ||
    others.length > 0
  ) {
    return refuse('extensions', 'key-package.extensions', 'are last_resort and no other');
  }
  if (bytesEqual(keyPackage.initKey, leafNode.hpkePublicKey)) {
    return refuse('init-key', 'key-package.init-key', 'is not the encryption key of the leaf');
  }
  const cipherSuite = cipherSuites[suite];
  const signed =
    (await verifyLeafNodeSignatureKeyPackage(leafNode, cipherSuite.signature)) &&
    (await verifyKeyPackage(keyPackage, cipherSuite.signature));
  if (!signed) return refuse('signature', 'key-package.signature', "is the device's");
  for (const key of [keyPackage.initKey, leafNode.hpkePublicKey]) {
    if (!(await canSealTo(key, cipherSuite))) {
      return refuse('hpke-key', 'key-package.keys', 'are public keys of the suite');
    }
  }
  return accept({ keyPackage, suite, ...member });
}

async function canSealTo(publicKey: Uint8Array, { hpke }: CiphersuiteImpl): Promise<boolean> {
  const nothing = new Uint8Array(0);
  try {
    await hpke.seal(await hpke.importPublicKey(publicKey), nothing, nothing);
    return true;
  } catch {
    return false;
  }
}
