/**
 * Domain proofs: a domain says which account one of its names is (spec/domain.md, "Proofs"). The address is under the
 * signature and not in the proof: whoever holds one against an account knows which address that calls itself.
 *
 * | field | size |
 * |---|---|
 * | version | u8, 1 |
 * | domain key | 32 |
 * | fingerprint | 20: the first bytes of the account id |
 * | serial | u32 |
 * | until | u64, ms |
 * | signature | 64, by the domain key over address text ‖ everything before |
 */
import { bytesEqual, concatBytes } from '../bytes/compare.ts';
import { decode } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import type { AccountId } from '../brands.ts';
import { identityVersion } from '../codes.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { accountFingerprintBytes, domainProofAheadMsMax, domainProofTextMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import type { Address } from './address.ts';
import { formatBase64Url, parseBase64Url } from './base64url.ts';
import { sign, verifySignature } from './signed.ts';

export interface DomainProof {
  readonly domainKey: Uint8Array;
  /** The first 20 bytes of the account id, as `accountFingerprint` writes them. */
  readonly fingerprint: Uint8Array;
  /** Its number among the proofs of the domain: what a revocation names. */
  readonly serial: number;
  readonly untilMs: number;
}

/** What a proof is held against. */
export interface ProofSubject {
  readonly address: Pick<Address, 'text'>;
  readonly accountId: AccountId;
  /** The key that the domain is known to have. */
  readonly domainKey: Uint8Array;
  readonly nowMs: number;
}

const where = 'domain-proof';
const context = 'mycelium domain proof 1';
const scheme = 'mycelium:proof/';

export function signDomainProof(
  primitives: Primitives,
  address: Pick<Address, 'text'>,
  proof: Omit<DomainProof, 'domainKey'>,
  domainSeed: Uint8Array,
): Uint8Array {
  const statement = new ByteWriter(65)
    .u8(identityVersion)
    .bytes(primitives.ed25519PublicKey(domainSeed), 32)
    .bytes(proof.fingerprint, accountFingerprintBytes)
    .u32(proof.serial)
    .count(proof.untilMs)
    .finish();
  const message = signedMessage(address, statement);
  return concatBytes(statement, sign(primitives, { context, seed: domainSeed }, message));
}

/** Reads the layout. It proves nothing before `verifyDomainProof` has judged it. */
export function decodeDomainProof(bytes: Uint8Array): Result<DomainProof> {
  return decode(bytes, where, (reader) => {
    if (reader.u8('version') !== identityVersion) reader.refuse('version', 'version', 'is 1');
    const proof = {
      domainKey: reader.bytes('domain-key', 32),
      fingerprint: reader.bytes('fingerprint', accountFingerprintBytes),
      serial: reader.u32('serial'),
      untilMs: reader.count('until'),
    };
    reader.bytes('signature', 64);
    return proof;
  });
}

/** Whether the domain that has this key says that the address is this account, now. Revocations are asked beside. */
export function verifyDomainProof(
  primitives: Primitives,
  bytes: Uint8Array,
  subject: ProofSubject,
): Result<DomainProof> {
  const decoded = decodeDomainProof(bytes);
  if (!decoded.ok) return decoded;
  const { domainKey, fingerprint, untilMs } = decoded.value;
  if (!bytesEqual(domainKey, subject.domainKey)) {
    return refuse('domain-key', `${where}.domain-key`, 'is by the key that the domain has');
  }
  if (!bytesEqual(fingerprint, subject.accountId.subarray(0, accountFingerprintBytes))) {
    return refuse('account', `${where}.fingerprint`, 'is for this account');
  }
  const statement = bytes.subarray(0, bytes.length - 64);
  const signature = bytes.subarray(bytes.length - 64);
  const message = signedMessage(subject.address, statement);
  if (!verifySignature(primitives, { context, publicKey: domainKey }, message, signature)) {
    return refuse('signature', `${where}.signature`, 'is signed by the domain, for this address');
  }
  if (untilMs <= subject.nowMs) return refuse('expired', `${where}.until`, 'has not run out');
  if (untilMs - subject.nowMs > domainProofAheadMsMax)
    return refuse('range', `${where}.until`, 'runs out within 400 days');
  return decoded;
}

/** As the keeper of the domain hands it to the owner of the account. */
export function formatDomainProof(bytes: Uint8Array): string {
  return scheme + formatBase64Url(bytes);
}

/** White space and angle brackets around it are dropped, as in links. */
export function parseDomainProof(input: string): Result<Uint8Array> {
  if (input.length > domainProofTextMax)
    return refuse('length', where, `is at most ${domainProofTextMax} characters`);
  const text = input.replace(/\s+/gu, '').replace(/^<(.*)>$/u, '$1');
  const found = /^mycelium:(?:\/\/)?proof\/(.*)$/iu.exec(text);
  if (found === null) return refuse('scheme', where, `begins with ${scheme}`);
  const bytes = parseBase64Url(found[1] ?? '');
  if (bytes === undefined) return refuse('text', where, 'is complete, of letters, digits, "-" and "_"');
  const decoded = decodeDomainProof(bytes);
  return decoded.ok ? accept(bytes) : decoded;
}

function signedMessage(address: Pick<Address, 'text'>, statement: Uint8Array): Uint8Array {
  return concatBytes(new ByteWriter(128).text(address.text).finish(), statement);
}
