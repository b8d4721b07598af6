/** Cases for `Primitives` from the parsed files of C2SP/wycheproof and C2SP/CCTV. Reading files is the test's part. */
import { encodeUtf8, type Primitives } from '@mycelium/protocol';
import { type ConformanceCase, expectHex, expectTrue, fromHex } from './case.ts';

type Fields = Readonly<Record<string, string>>;
type Vector = Fields & { readonly tcId: number; readonly size: number; readonly flags: readonly string[] };

interface WycheproofGroup {
  readonly ivSize?: number;
  readonly tagSize?: number;
  readonly publicKey?: { readonly pk: string };
  readonly tests: readonly Vector[];
}

export interface WycheproofFile {
  readonly testGroups: readonly WycheproofGroup[];
}

export interface CctvVector {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
  readonly flags: readonly string[] | null;
}

function field(vector: Fields, name: string): Uint8Array {
  return fromHex(vector[name] ?? '');
}

function eachVector(
  title: string,
  file: WycheproofFile,
  check: (primitives: Primitives, vector: Vector, group: WycheproofGroup) => void,
): ConformanceCase<Primitives> {
  return {
    title,
    run: (primitives) => {
      for (const group of file.testGroups) {
        for (const vector of group.tests) {
          try {
            check(primitives, vector, group);
          } catch (error) {
            throw new Error(`test ${vector.tcId}: ${String(error)}`, { cause: error });
          }
        }
      }
    },
  };
}

/** wycheproof/chacha20_poly1305.json */
export function aeadCase(file: WycheproofFile): ConformanceCase<Primitives> {
  return eachVector('ChaCha20-Poly1305 of Wycheproof', file, ({ open, seal }, vector, group) => {
    if (group.ivSize !== 96) return; // another length cannot be given: callers pass 12 bytes
    const [key, nonce, associated] = [field(vector, 'key'), field(vector, 'iv'), field(vector, 'aad')];
    const plaintext = field(vector, 'msg');
    const sealed = fromHex(`${vector['ct'] ?? ''}${vector['tag'] ?? ''}`);
    const opened = new Uint8Array(sealed.length - 16);
    const valid = vector['result'] === 'valid';
    expectTrue(open(opened, sealed, associated, nonce, key) === valid, `opening answers ${valid}`);
    if (!valid) return;
    expectHex(opened, vector['msg'] ?? '');
    const out = new Uint8Array(plaintext.length + 16);
    seal(out, plaintext, associated, nonce, key);
    expectHex(out, `${vector['ct'] ?? ''}${vector['tag'] ?? ''}`);
  });
}

/** wycheproof/ed25519.json */
export function ed25519Case(file: WycheproofFile): ConformanceCase<Primitives> {
  return eachVector('Ed25519 of Wycheproof', file, ({ ed25519Verify }, vector, group) => {
    const verified = ed25519Verify(
      fromHex(group.publicKey?.pk ?? ''),
      field(vector, 'msg'),
      field(vector, 'sig'),
    );
    expectTrue(verified === (vector['result'] === 'valid'), `verification answers ${vector['result'] ?? ''}`);
  });
}

/** wycheproof/hkdf_sha256.json */
export function hkdfCase(file: WycheproofFile): ConformanceCase<Primitives> {
  return eachVector('HKDF-SHA-256 of Wycheproof', file, ({ hkdf }, vector) => {
    if (vector['result'] !== 'valid') return; // more than 8,160 bytes: a bug of the caller
    const key = hkdf(field(vector, 'ikm'), field(vector, 'salt'), field(vector, 'info'), vector.size);
    expectHex(key, vector['okm'] ?? '');
  });
}

/** wycheproof/hmac_sha256.json */
export function hmacCase(file: WycheproofFile): ConformanceCase<Primitives> {
  return eachVector('HMAC-SHA-256 of Wycheproof', file, ({ equal, hmacSha256 }, vector, group) => {
    const tag = hmacSha256(field(vector, 'key'), field(vector, 'msg')).subarray(0, (group.tagSize ?? 0) / 8);
    expectTrue(
      equal(tag, field(vector, 'tag')) === (vector['result'] === 'valid'),
      `the tag is ${vector['result'] ?? ''}`,
    );
  });
}

/**
 * cctv-ed25519.json: points of mixed order are fine when the equation holds without cofactor; small order,
 * non-canonical encodings and signatures that only hold with cofactor are refused.
 */
export function cctvCase(vectors: readonly CctvVector[]): ConformanceCase<Primitives> {
  const harmless = new Set(['low_order_component_R', 'low_order_component_A']);
  return {
    title: 'Ed25519 of CCTV: strict, and without cofactor',
    run: ({ ed25519Verify }) => {
      for (const { number, key, sig, msg, flags } of vectors) {
        const expected = (flags ?? []).every((flag) => harmless.has(flag));
        const verified = ed25519Verify(fromHex(key), encodeUtf8(msg), fromHex(sig));
        expectTrue(verified === expected, `vector ${number} is ${expected ? 'accepted' : 'refused'}`);
      }
    },
  };
}
