/** How this node asks what domains publish: as the person chose, and otherwise nobody but the machine's resolver (spec/domain.md). */
import { isIP } from 'node:net';
import {
  createDnsOverHttps,
  createDomainRecords,
  createSystemResolver,
  createWebFiles,
  type Names,
} from '@mycelium/node';
import type { DomainRecords } from '@mycelium/runtime';
import { UsageError } from '../failures.ts';
import { readEndpoint } from './endpoints.ts';

export interface DomainLookupWish {
  /** Words of `--domain-lookup`; undefined: `dns`. */
  readonly domainLookup?: string | undefined;
  /** Of `--resolver`. */
  readonly resolver?: string | undefined;
}

export interface DomainLookup {
  readonly records: DomainRecords;
  /** Undefined: switched off. */
  readonly names: Names | undefined;
  /** Calls off what is being asked. */
  end(): void;
}

const words = ['off', 'dns', 'https', 'private'] as const;

/** @throws UsageError for options that are none */
export function createDomainLookup(wish: DomainLookupWish): DomainLookup {
  const chosen = (wish.domainLookup ?? 'dns').split(',').map((word) => word.trim());
  const unknown = chosen.find((word) => !words.some((known) => known === word));
  const off = chosen.includes('off');
  if (unknown !== undefined || (off && chosen.length > 1) || (!off && !chosen.includes('dns'))) {
    throw new UsageError(
      '--domain-lookup: it is off, or dns, or dns,https (web servers of domains too), or dns,https,private (also those at private addresses).',
    );
  }
  const names = off ? undefined : namesOf(wish.resolver);
  const web =
    names !== undefined && chosen.includes('https')
      ? createWebFiles({ names, privateToo: chosen.includes('private') })
      : undefined;
  const ending = new AbortController();
  const records = createDomainRecords({ names, web, ended: ending.signal });
  return { names, records, end: () => ending.abort() };
}

function namesOf(resolver: string | undefined): Names {
  if (resolver === undefined) return createSystemResolver();
  if (resolver.startsWith('https://') && URL.canParse(resolver)) return createDnsOverHttps({ url: resolver });
  const endpoint = readEndpoint(resolver);
  if (endpoint !== undefined && isIP(endpoint.host) !== 0) return createSystemResolver([resolver]);
  if (isIP(resolver) !== 0) return createSystemResolver([resolver]);
  throw new UsageError(
    '--resolver: it is the IP address of a DNS server, perhaps with :PORT, or https://… of one over HTTPS.',
  );
}
