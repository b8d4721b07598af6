/** What who runs a domain does with its key: makes it, signs for accounts, revokes, says what to publish (spec/domain.md). */
import { createPrimitives, systemRandomness } from '@mycelium/node';
import {
  domainRecordLabel,
  domainRecordPath,
  domainRevocationsMax,
  formatDomainFile,
  formatDomainKey,
  formatDomainProof,
  formatDomainText,
  isOutsideDns,
  keyInDomain,
  parseAddress,
  parseBase64Url,
  parseDomain,
  parseDomainKey,
  parseFingerprint,
  parsePeerAddress,
  selfCertifyingDomain,
  signDomainProof,
  signRevocations,
  formatBase64Url,
  type DomainRecord,
  type PeerAddress,
  type Result,
} from '@mycelium/protocol';
import { openSecret, sealSecret } from '../daemon/sealed-secret.ts';
import { FailedError, UsageError } from '../failures.ts';
import {
  isKept,
  keeperFile,
  onlyDomain,
  readKept,
  writeKept,
  type IssuedProof,
  type KeptDomain,
} from './keeper-file.ts';

const context = 'mycelium domain key file 1';
const primitives = createPrimitives();
/** Character-strings of a TXT record (RFC 1035 §3.3). */
const stringMax = 255;
const serialMax = 0xffffffff;

/** What is to be published, in every form that it has. Nothing, for a domain that is its own key. */
export interface Published {
  readonly domain: string;
  readonly key: string;
  readonly txtName: string | undefined;
  readonly txt: string | undefined;
  /** The line of a zone file. */
  readonly zone: string | undefined;
  readonly path: string | undefined;
  readonly file: string | undefined;
  /** Where the key is kept. */
  readonly kept: string;
}

export interface InitWish {
  /** Undefined: a domain that is its own key. */
  readonly domain: string | undefined;
  readonly passphrase: string | undefined;
  readonly relays: readonly string[];
  readonly directory: readonly string[];
}

export function initDomain(
  folder: string,
  { domain: typed, passphrase, relays, directory }: InitWish,
): Published {
  const seed = systemRandomness.bytes(32);
  const key = primitives.ed25519PublicKey(seed);
  const domain = typed === undefined ? selfCertifyingDomain(key) : readDomain(typed);
  if (typed !== undefined && isOutsideDns(domain))
    throw new UsageError('Domains under .mycelium are made from their key: domain init --self.');
  if (isKept(folder, domain)) {
    throw new FailedError(
      'domain-exists',
      `${keeperFile(folder, domain)} has a key of ${domain} already. A new one would be told to everybody as a change.`,
    );
  }
  for (const text of [...relays, ...directory]) readPeer(text);
  const kept: KeptDomain = {
    domain,
    key: formatDomainKey(key),
    seed:
      passphrase === undefined
        ? { kind: 'file', seed }
        : {
            kind: 'passphrase',
            secret: sealSecret({ primitives, randomness: systemRandomness }, context, passphrase, seed),
          },
    proofs: [],
    revocationsSequence: 0,
    revocations: undefined,
    relays,
    directory,
  };
  writeKept(folder, kept);
  return published(folder, kept);
}

export interface IssueWish {
  /** `alice` or `alice@example.com`. */
  readonly name: string;
  readonly fingerprint: string;
  readonly lifeMs: number;
  readonly nowMs: number;
  readonly passphrase: () => Promise<string>;
}

export interface Issued extends IssuedProof {
  readonly address: string;
  /** What the owner of the account puts in. */
  readonly proof: string;
}

export async function issueProof(folder: string, wish: IssueWish): Promise<Issued> {
  const { address, kept } = named(folder, wish.name);
  const fingerprint = taken(parseFingerprint(wish.fingerprint), '--key: a fingerprint');
  const serial = kept.proofs.reduce((most, proof) => Math.max(most, proof.serial), 0) + 1;
  if (serial > serialMax) throw new FailedError('domain-file', 'All serials of this domain are used up.');
  const seed = await openSeed(kept, wish.passphrase);
  const untilMs = wish.nowMs + wish.lifeMs;
  const proof = signDomainProof(primitives, address, { fingerprint, serial, untilMs }, seed);
  primitives.wipe(seed);
  const issued = {
    name: address.name,
    fingerprint: wish.fingerprint.trim(),
    serial,
    until: untilMs,
    revoked: false,
  };
  writeKept(folder, { ...kept, proofs: [...kept.proofs, issued] });
  return { ...issued, address: address.text, proof: formatDomainProof(proof) };
}

export interface RevokeWish {
  readonly name: string;
  readonly nowMs: number;
  readonly passphrase: () => Promise<string>;
}

export interface Revoked extends Published {
  readonly address: string;
  readonly serials: readonly number[];
  /** When the last of them would have run out. */
  readonly until: number;
}

/** All proofs of the name that have not run out. */
export async function revokeProofs(
  folder: string,
  { name, nowMs, passphrase }: RevokeWish,
): Promise<Revoked> {
  const { address, kept } = named(folder, name);
  const held = kept.proofs.filter(
    (proof) => proof.name === address.name && !proof.revoked && proof.until > nowMs,
  );
  if (held.length === 0)
    throw new FailedError('not-found', `No proof of ${address.text} holds: there is nothing to revoke.`);
  const serials = held.map((proof) => proof.serial);
  const proofs = kept.proofs.map((proof) =>
    serials.includes(proof.serial) ? { ...proof, revoked: true } : proof,
  );
  const listed = proofs.filter((proof) => proof.revoked && proof.until > nowMs).map((proof) => proof.serial);
  if (listed.length > domainRevocationsMax) {
    throw new FailedError(
      'too-many-revoked',
      `A domain can revoke ${domainRevocationsMax} proofs that have not run out; issue shorter ones.`,
    );
  }
  const seed = await openSeed(kept, passphrase);
  const sequence = Math.max(nowMs, kept.revocationsSequence + 1);
  const list = signRevocations(
    primitives,
    kept.domain,
    { sequence, serials: listed.toSorted((a, b) => a - b) },
    seed,
  );
  primitives.wipe(seed);
  const changed = {
    ...kept,
    proofs,
    revocationsSequence: sequence,
    revocations: formatBase64Url(list),
  };
  writeKept(folder, changed);
  const until = Math.max(...held.map((proof) => proof.until));
  return { ...published(folder, changed), address: address.text, serials, until };
}

export interface Listed extends Published {
  readonly proofs: readonly (IssuedProof & { readonly state: 'holds' | 'revoked' | 'ran out' })[];
}

export function listProofs(folder: string, domain: string | undefined, nowMs: number): Listed {
  const kept = readKept(folder, domain === undefined ? onlyDomain(folder) : readDomain(domain));
  const proofs = kept.proofs.map((proof) => ({
    ...proof,
    state: proof.revoked
      ? ('revoked' as const)
      : proof.until > nowMs
        ? ('holds' as const)
        : ('ran out' as const),
  }));
  return { ...published(folder, kept), proofs };
}

function published(folder: string, kept: KeptDomain): Published {
  const { domain, key } = kept;
  const base = { domain, key, kept: keeperFile(folder, domain) };
  if (keyInDomain(domain) !== undefined)
    return { ...base, txtName: undefined, txt: undefined, zone: undefined, path: undefined, file: undefined };
  const record: DomainRecord = {
    key: parseDomainKey(key),
    revocations: kept.revocations === undefined ? undefined : parseBase64Url(kept.revocations),
    relays: kept.relays.map(readPeer),
    directory: kept.directory.map(readPeer),
  };
  const txtName = `${domainRecordLabel}.${domain}`;
  const txt = formatDomainText(record);
  const strings = (txt.match(new RegExp(`.{1,${stringMax}}`, 'g')) ?? []).map((part) => `"${part}"`);
  return {
    ...base,
    txtName,
    txt,
    zone: `${txtName}. 3600 IN TXT ${strings.join(' ')}`,
    path: `https://${domain}${domainRecordPath}`,
    file: formatDomainFile(record),
  };
}

function named(folder: string, name: string): { readonly address: Addressed; readonly kept: KeptDomain } {
  const typed = name.includes('@') ? name : `${name}@${onlyDomain(folder)}`;
  const address = taken(parseAddress(typed), 'The address');
  return { address, kept: readKept(folder, address.domain) };
}

type Addressed = { readonly text: string; readonly name: string; readonly domain: string };

async function openSeed(
  { seed, domain }: KeptDomain,
  passphrase: () => Promise<string>,
): Promise<Uint8Array> {
  if (seed.kind === 'file') return seed.seed.slice();
  const opened = openSecret(primitives, context, await passphrase(), seed.secret);
  if (opened !== undefined) return opened;
  throw new FailedError('wrong-passphrase', `The passphrase of ${domain} is wrong. Nothing was changed.`);
}

function readDomain(text: string): string {
  return taken(parseDomain(text), 'The domain');
}

function readPeer(text: string): PeerAddress {
  const peer = taken(parsePeerAddress(text), 'An address of the record');
  if (peer.endpoint === undefined) throw new UsageError('Relays and directory nodes are KEY@HOST:PORT.');
  return peer;
}

function taken<T>(result: Result<T>, what: string): T {
  if (result.ok) return result.value;
  throw new UsageError(`${what} ${result.refusal.rule}.`);
}
