/** HPKE base mode, one message a key (RFC 9180 §5.1.1, §6.1), with ChaCha20-Poly1305. */
import { concatBytes, encodeUtf8, type Primitives } from '@mycelium/protocol';
import { type Kdf, labeledExpand, labeledExtract } from './kdf.ts';
import type { Kem } from './kem.ts';

export interface HpkeSuite {
  readonly kem: Kem;
  readonly kdf: Kdf;
  readonly primitives: Primitives;
}

export const aeadKeyBytes = 32;
export const aeadNonceBytes = 12;
export const aeadTagBytes = 16;
/** RFC 9180 §7.3. */
const chacha20Poly1305 = 3;
const baseMode = 0;
const empty = new Uint8Array(0);

interface HpkeContext {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly exporterSecret: Uint8Array;
}

function suiteId({ kem, kdf }: HpkeSuite): Uint8Array {
  const ids = [kem.id, kdf.id, chacha20Poly1305].flatMap((id) => [id >>> 8, id & 0xff]);
  return Uint8Array.of(...encodeUtf8('HPKE'), ...ids);
}

/** KeySchedule of RFC 9180 §5.1 without a PSK. */
function keySchedule(suite: HpkeSuite, shared: Uint8Array, info: Uint8Array): HpkeContext {
  const { kdf } = suite;
  const id = suiteId(suite);
  const pskIdHash = labeledExtract(kdf, id, { label: 'psk_id_hash', salt: empty, material: empty });
  const infoHash = labeledExtract(kdf, id, { label: 'info_hash', salt: empty, material: info });
  const context = concatBytes(Uint8Array.of(baseMode), pskIdHash, infoHash);
  const secret = labeledExtract(kdf, id, { label: 'secret', salt: shared, material: empty });
  const derive = (label: string, length: number): Uint8Array =>
    labeledExpand(kdf, id, { label, secret, info: context, length });
  return {
    key: derive('key', aeadKeyBytes),
    nonce: derive('base_nonce', aeadNonceBytes),
    exporterSecret: derive('exp', kdf.size),
  };
}

export interface HpkeMessage {
  readonly info: Uint8Array;
  readonly associated: Uint8Array;
}

/** Undefined when nothing can be sealed to that key. */
export function hpkeSeal(
  suite: HpkeSuite,
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  { info, associated }: HpkeMessage,
): { readonly enc: Uint8Array; readonly ciphertext: Uint8Array } | undefined {
  if (publicKey.length !== suite.kem.publicKeyBytes) return undefined;
  const encapsulated = suite.kem.encapsulate(publicKey);
  if (encapsulated === undefined) return undefined;
  const { key, nonce } = keySchedule(suite, encapsulated.shared, info);
  const ciphertext = new Uint8Array(plaintext.length + aeadTagBytes);
  suite.primitives.seal(ciphertext, plaintext, associated, nonce, key);
  suite.primitives.wipe(key, encapsulated.shared);
  return { enc: encapsulated.enc, ciphertext };
}

/** Undefined when it was not sealed to that key, with that info and associated data. */
export function hpkeOpen(
  suite: HpkeSuite,
  secretKey: Uint8Array,
  sealed: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
  { info, associated }: HpkeMessage,
): Uint8Array | undefined {
  if (sealed.enc.length !== suite.kem.encBytes || sealed.ciphertext.length < aeadTagBytes) return undefined;
  const shared = suite.kem.decapsulate(secretKey, sealed.enc);
  if (shared === undefined) return undefined;
  const { key, nonce } = keySchedule(suite, shared, info);
  const plaintext = new Uint8Array(sealed.ciphertext.length - aeadTagBytes);
  const opened = suite.primitives.open(plaintext, sealed.ciphertext, associated, nonce, key);
  suite.primitives.wipe(key, shared);
  return opened ? plaintext : undefined;
}

/** The exporter of RFC 9180 §5.3 for a shared secret: MLS uses it in external commits only. */
export function hpkeExport(
  suite: HpkeSuite,
  shared: Uint8Array,
  info: Uint8Array,
  wanted: { readonly context: Uint8Array; readonly length: number },
): Uint8Array {
  const { exporterSecret } = keySchedule(suite, shared, info);
  const { context, length } = wanted;
  return labeledExpand(suite.kdf, suiteId(suite), {
    label: 'sec',
    secret: exporterSecret,
    info: context,
    length,
  });
}
