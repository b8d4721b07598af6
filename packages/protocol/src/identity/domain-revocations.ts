/**
 * Revocations of a domain: which of its proofs no longer hold before they run out (spec/domain.md, "Revocations").
 * Signed, so that nobody on the way can revoke; numbered, so that an older list never takes the place of a newer one.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | domain key | 32 |
 * | sequence | u64: time of signing in ms |
 * | serials | list of u32, growing |
 * | signature | 64, by the domain key over domain text ‖ everything before |
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { identityVersion } from '../codes.ts';
import { refuse, type Result } from '../errors.ts';
import { domainRevocationsMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import { sign, verifySignature } from './signed.ts';

export interface DomainRevocations {
  readonly domainKey: Uint8Array;
  /** Larger than in any list of the domain before. */
  readonly sequence: number;
  /** Growing. Proofs that have run out need not be here. */
  readonly serials: readonly number[];
}

const where = 'domain-revocations';
const context = 'mycelium domain revocations 1';

export function signRevocations(
  primitives: Primitives,
  domain: string,
  list: Omit<DomainRevocations, 'domainKey'>,
  domainSeed: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(256).u8(identityVersion);
  writer.bytes(primitives.ed25519PublicKey(domainSeed), 32).count(list.sequence);
  const statement = writer.list(list.serials, (serial) => writer.u32(serial)).finish();
  return concatBytes(
    statement,
    sign(primitives, { context, seed: domainSeed }, signedMessage(domain, statement)),
  );
}

/** The list, when the domain that has this key signed it. */
export function verifyRevocations(
  primitives: Primitives,
  bytes: Uint8Array,
  domain: { readonly name: string; readonly key: Uint8Array },
): Result<DomainRevocations> {
  const decoded = decodeRevocations(bytes);
  if (!decoded.ok) return decoded;
  const { domainKey } = decoded.value;
  if (!bytesEqual(domainKey, domain.key))
    return refuse('domain-key', `${where}.domain-key`, 'is by the key that the domain has');
  const statement = bytes.subarray(0, bytes.length - 64);
  const signature = bytes.subarray(bytes.length - 64);
  const message = signedMessage(domain.name, statement);
  if (!verifySignature(primitives, { context, publicKey: domainKey }, message, signature))
    return refuse('signature', `${where}.signature`, 'is signed by the domain');
  return decoded;
}

function decodeRevocations(bytes: Uint8Array): Result<DomainRevocations> {
  return decode(bytes, where, (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    const domainKey = reader.bytes('domain-key', 32);
    const sequence = reader.count('sequence');
    const serials = reader.list('serials', domainRevocationsMax, () => reader.u32('serials'));
    for (const [at, serial] of serials.entries()) {
      if (at > 0 && serial <= (serials[at - 1] ?? 0)) reader.refuse('serials', 'order', 'grows');
    }
    reader.bytes('signature', 64);
    return { domainKey, sequence, serials };
  });
}

function signedMessage(domain: string, statement: Uint8Array): Uint8Array {
  return concatBytes(new ByteWriter(128).text(domain).finish(), statement);
}
