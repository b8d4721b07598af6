/**
 * Relays and directory nodes that a domain names, to begin with (spec/domain.md, "Bootstrap"): of a domain that the person named,
 * or of their own address, and of no other.
 */
import { formatPeerAddress, parseDomainFile, parseDomainTexts, type PeerAddress } from '@mycelium/protocol';
import { isIPv4 } from 'node:net';
import type { DomainLookup } from './domain-lookup.ts';
import type { Endpoint } from './endpoints.ts';
import type { Log } from './log.ts';

const scheme = 'dns:';
/** A node starts also where nobody answers. */
const withinMs = 8_000;

export interface DomainPeers {
  readonly relays: readonly string[];
  readonly directory: readonly Endpoint[];
}

const nobody: DomainPeers = { relays: [], directory: [] };

export function isDomainBootstrap(text: string): boolean {
  return text.startsWith(scheme);
}

/** What all `--bootstrap dns:DOMAIN` come to. */
export async function readDomainBootstrap(
  bootstrap: readonly string[],
  lookup: DomainLookup,
  log: Log,
): Promise<DomainPeers> {
  const domains = bootstrap.filter(isDomainBootstrap).map((text) => text.slice(scheme.length));
  const all = await Promise.all(domains.map((domain) => readDomainPeers(domain, lookup, log)));
  return {
    relays: all.flatMap(({ relays }) => relays),
    directory: all.flatMap(({ directory }) => directory),
  };
}

/** The log names no domain: it would be that of somebody's address. */
export async function readDomainPeers(domain: string, lookup: DomainLookup, log: Log): Promise<DomainPeers> {
  if (lookup.names === undefined) return nobody;
  const cancellation = AbortSignal.timeout(withinMs);
  const answer = await lookup.records.lookUp(domain, { web: true, cancellation });
  if (answer.kind === 'none') return nobody;
  if (answer.kind === 'failed') {
    log.info('network', 'a domain could not be asked for relays and directory nodes');
    return nobody;
  }
  const record = answer.kind === 'texts' ? parseDomainTexts(answer.texts) : parseDomainFile(answer.text);
  if (!record.ok) {
    log.warn('network', `the record of a domain was refused: ${record.refusal.where} ${record.refusal.rule}`);
    return nobody;
  }
  const nodes = await Promise.all((record.value?.directory ?? []).map((peer) => endpointsOf(peer, lookup)));
  return { relays: (record.value?.relays ?? []).map(formatPeerAddress), directory: nodes.flat() };
}

/** The DHT wants IPv4 addresses. A node that nobody can find is left out. */
async function endpointsOf({ endpoint }: PeerAddress, { names }: DomainLookup): Promise<readonly Endpoint[]> {
  if (endpoint === undefined || endpoint.over !== undefined) return [];
  const { host, port } = endpoint;
  if (isIPv4(host)) return [{ host, port }];
  const addresses = (await names?.addresses(host, AbortSignal.timeout(withinMs)).catch(() => [])) ?? [];
  return addresses.filter((address) => isIPv4(address)).map((address) => ({ host: address, port }));
}
