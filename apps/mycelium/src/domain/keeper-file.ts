/**
 * The file of who runs a domain: its key, what it has signed and revoked, what it publishes. Of no account and of no node.
 * The key lies in it as it is, readable by its owner alone, or sealed under a passphrase.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { bytesToHex } from '@mycelium/protocol';
import { readPrivate, writePrivate } from '../daemon/private-files.ts';
import {
  formatSealedSecret,
  hexField,
  parseSealedSecret,
  secretBytes,
  type SealedSecret,
} from '../daemon/sealed-secret.ts';
import { FailedError, UsageError } from '../failures.ts';

export interface IssuedProof {
  readonly name: string;
  readonly fingerprint: string;
  readonly serial: number;
  readonly until: number;
  readonly revoked: boolean;
}

export interface KeptDomain {
  readonly domain: string;
  /** Public, in z-base-32. */
  readonly key: string;
  readonly seed:
    | { readonly kind: 'file'; readonly seed: Uint8Array }
    | { readonly kind: 'passphrase'; readonly secret: SealedSecret };
  readonly proofs: readonly IssuedProof[];
  /** Of the last list of revocations; 0: there was none. */
  readonly revocationsSequence: number;
  /** The last list, in base64url. */
  readonly revocations: string | undefined;
  readonly relays: readonly string[];
  readonly directory: readonly string[];
}

export function keeperFile(folder: string, domain: string): string {
  return path.join(folder, 'domains', `${domain}.json`);
}

export function isKept(folder: string, domain: string): boolean {
  return readPrivate(keeperFile(folder, domain)) !== undefined;
}

export function writeKept(folder: string, kept: KeptDomain): void {
  const { seed, ...rest } = kept;
  const sealed =
    seed.kind === 'file'
      ? { kind: 'file', seed: bytesToHex(seed.seed) }
      : { kind: 'passphrase', ...formatSealedSecret(seed.secret) };
  mkdirSync(path.dirname(keeperFile(folder, kept.domain)), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ version: 1, ...rest, seed: sealed }, undefined, 2);
  writePrivate(keeperFile(folder, kept.domain), `${text}\n`);
}

export function readKept(folder: string, domain: string): KeptDomain {
  const file = keeperFile(folder, domain);
  const text = readPrivate(file);
  if (text === undefined) {
    throw new FailedError(
      'no-domain',
      `The key of ${domain} is not in ${path.dirname(file)}. Make one with "domain init ${domain}", or name the folder where it is with --data.`,
    );
  }
  const kept = parseKept(text);
  if (kept?.domain === domain) return kept;
  throw new FailedError('domain-file', `${file} is damaged or of a newer version: put back a copy.`);
}

/** The only domain that is kept here. */
export function onlyDomain(folder: string): string {
  let names: readonly string[];
  try {
    names = readdirSync(path.join(folder, 'domains')).filter((name) => name.endsWith('.json'));
  } catch {
    names = [];
  }
  const [only, another] = names;
  if (only !== undefined && another === undefined) return only.slice(0, -'.json'.length);
  throw new UsageError(
    only === undefined
      ? `No domain is kept in ${folder}: make one with "domain init DOMAIN".`
      : 'Several domains are kept here: name one, as in alice@example.com.',
  );
}

function parseKept(text: string): KeptDomain | undefined {
  const read = objectOf(parseJson(text));
  const seed = read === undefined ? undefined : parseSeed(objectOf(read['seed']));
  const proofs = read === undefined ? undefined : listOf(read['proofs'], parseProof);
  const relays = read === undefined ? undefined : listOf(read['relays'], textOf);
  const directory = read === undefined ? undefined : listOf(read['directory'], textOf);
  if (!read || read['version'] !== 1 || !seed || !proofs || !relays || !directory) return undefined;
  const { domain, key, revocations, revocationsSequence } = read;
  if (typeof domain !== 'string' || typeof key !== 'string' || typeof revocationsSequence !== 'number')
    return undefined;
  const list = textOf(revocations);
  return { domain, key, seed, proofs, relays, directory, revocationsSequence, revocations: list };
}

function parseSeed(read: Readonly<Record<string, unknown>> | undefined): KeptDomain['seed'] | undefined {
  if (read?.['kind'] === 'file') {
    const seed = hexField(read, 'seed', secretBytes);
    return seed && { kind: 'file', seed };
  }
  const secret = read?.['kind'] === 'passphrase' ? parseSealedSecret(read) : undefined;
  return secret && { kind: 'passphrase', secret };
}

function parseProof(value: unknown): IssuedProof | undefined {
  const { name, fingerprint, serial, until, revoked } = objectOf(value) ?? {};
  if (typeof name !== 'string' || typeof fingerprint !== 'string' || typeof revoked !== 'boolean')
    return undefined;
  if (typeof serial !== 'number' || typeof until !== 'number') return undefined;
  return { name, fingerprint, serial, until, revoked };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Undefined unless each is what it should be. */
function listOf<T>(value: unknown, parse: (one: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all = value.map((one: unknown) => parse(one));
  return all.every((one) => one !== undefined) ? all : undefined;
}
