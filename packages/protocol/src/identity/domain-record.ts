/**
 * Domain records: what a domain publishes about itself, in DNS (`_mycelium.DOMAIN TXT "v=1; k=…"`) or as the file
 * `/.well-known/mycelium.json` (spec/domain.md, "Records"). Both say the same things; neither is signed as a whole.
 */
import type { PeerAddress } from '../brands.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { domainRecordPeersMax, domainRecordTextMax } from '../limits.ts';
import { formatBase64Url, parseBase64Url } from './base64url.ts';
import { formatDomainKey, parseDomainKey } from './domain-key.ts';
import { formatPeerAddress, isSamePeer, parsePeerAddress } from './peer-address.ts';

export interface DomainRecord {
  /** Undefined: the domain proves nobody. */
  readonly key: Uint8Array | undefined;
  /** Encoded revocations; `verifyRevocations` judges them. Undefined: none are published. */
  readonly revocations: Uint8Array | undefined;
  /** Relays of the organisation. */
  readonly relays: readonly PeerAddress[];
  /** Directory nodes of the organisation. */
  readonly directory: readonly PeerAddress[];
}

const where = 'domain-record';
/** Name in DNS before the domain, and path of the file. */
export const domainRecordLabel = '_mycelium';
export const domainRecordPath = '/.well-known/mycelium.json';

/** Tags of a TXT record, and what each means. */
interface Tags {
  readonly k: readonly string[];
  readonly x: readonly string[];
  readonly r: readonly string[];
  readonly d: readonly string[];
}

/** One text, to be cut into character-strings of at most 255 bytes where a zone file wants that. */
export function formatDomainText(record: DomainRecord): string {
  const peers = (tag: string, list: readonly PeerAddress[]): string[] =>
    list.map((peer) => `${tag}=${formatPeerAddress(peer)}`);
  return [
    'v=1',
    ...(record.key === undefined ? [] : [`k=${formatDomainKey(record.key)}`]),
    ...(record.revocations === undefined ? [] : [`x=${formatBase64Url(record.revocations)}`]),
    ...peers('r', record.relays),
    ...peers('d', record.directory),
  ].join('; ');
}

/**
 * All TXT records at the name, each with its character-strings joined. Those that do not begin with `v=1` are somebody
 * else's. Undefined: there is none of ours.
 */
export function parseDomainTexts(texts: readonly string[]): Result<DomainRecord | undefined> {
  const own = texts.map((text) => text.trim()).filter((text) => /^v=1\s*(?:;|$)/.test(text));
  if (own.length === 0) return accept(undefined);
  if (own.reduce((sum, text) => sum + text.length, 0) > domainRecordTextMax)
    return refuse('length', where, `is at most ${domainRecordTextMax} characters`);
  const fields = own.flatMap((text) => text.split(';').slice(1)).map((field) => field.trim());
  const of = (tag: string): string[] => [
    ...new Set(
      fields
        .filter((field) => field.startsWith(`${tag}=`))
        .map((field) => field.slice(tag.length + 1).trim()),
    ),
  ];
  return readTags({ k: of('k'), x: of('x'), r: of('r'), d: of('d') });
}

export function formatDomainFile(record: DomainRecord): string {
  const { key, revocations, relays, directory } = record;
  const content = {
    version: 1,
    ...(key === undefined ? {} : { key: formatDomainKey(key) }),
    ...(revocations === undefined ? {} : { revocations: formatBase64Url(revocations) }),
    ...(relays.length === 0 ? {} : { relays: relays.map(formatPeerAddress) }),
    ...(directory.length === 0 ? {} : { directory: directory.map(formatPeerAddress) }),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Members that are not known are passed over. */
export function parseDomainFile(text: string): Result<DomainRecord> {
  if (text.length > domainRecordTextMax)
    return refuse('length', where, `is at most ${domainRecordTextMax} characters`);
  const read = parseObject(text);
  if (read?.['version'] !== 1) return refuse('file', where, 'is a JSON object with "version": 1');
  const list = (name: string): readonly string[] | undefined => {
    const value = read[name] ?? [];
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    const texts = all.filter((entry) => typeof entry === 'string');
    return texts.length === all.length ? texts : undefined;
  };
  const [k, x, r, d] = [list('key'), list('revocations'), list('relays'), list('directory')];
  if (k === undefined || x === undefined || r === undefined || d === undefined)
    return refuse('file', where, 'has text in its members');
  return readTags({ k, x, r, d });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function readTags({ k, x, r, d }: Tags): Result<DomainRecord> {
  if (k.length > 1) return refuse('two-keys', `${where}.key`, 'names one key');
  if (x.length > 1) return refuse('two-lists', `${where}.revocations`, 'has one list of revocations');
  const key = k[0] === undefined ? undefined : parseDomainKey(k[0]);
  if (k[0] !== undefined && key === undefined)
    return refuse('key', `${where}.key`, 'is 52 characters of z-base-32');
  const revocations = x[0] === undefined ? undefined : parseBase64Url(x[0]);
  if (x[0] !== undefined && revocations === undefined)
    return refuse('text', `${where}.revocations`, 'is base64url');
  const relays = readRecordPeers('relays', r);
  if (!relays.ok) return relays;
  const directory = readRecordPeers('directory', d);
  if (!directory.ok) return directory;
  return accept({ key, revocations, relays: relays.value, directory: directory.value });
}

function readRecordPeers(field: string, texts: readonly string[]): Result<readonly PeerAddress[]> {
  if (texts.length > domainRecordPeersMax)
    return refuse('length', `${where}.${field}`, `names at most ${domainRecordPeersMax}`);
  const peers: PeerAddress[] = [];
  for (const text of texts) {
    const peer = parsePeerAddress(text);
    if (!peer.ok) return peer;
    if (peer.value.endpoint === undefined)
      return refuse('endpoint', `${where}.${field}`, 'says KEY@HOST:PORT of each');
    if (!peers.some((other) => isSamePeer(other, peer.value))) peers.push(peer.value);
  }
  return accept(peers);
}
