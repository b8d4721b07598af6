/** Domains that publish what a test says, without a network. */
import type { DomainAnswer, DomainRecords } from '@mycelium/runtime';

export interface PublishedDomain {
  /** TXT records at `_mycelium.DOMAIN`. */
  readonly texts?: readonly string[];
  readonly ttlMs?: number;
  /** What its web server has. */
  readonly file?: string;
}

export interface MemoryDomains extends DomainRecords {
  publish(domain: string, published: PublishedDomain | undefined): void;
  /** False: nobody can be asked. */
  online: boolean;
  /** Domains that were asked for, in order. */
  readonly asked: readonly string[];
}

export function createMemoryDomains(): MemoryDomains {
  const published = new Map<string, PublishedDomain>();
  const asked: string[] = [];
  const answer = (domain: string, web: boolean): DomainAnswer => {
    const from = 'the resolver of this test';
    const found = published.get(domain);
    const ttlMs = found?.ttlMs;
    const own = (found?.texts ?? []).filter((text) => text.startsWith('v=1'));
    if (own.length > 0) return { kind: 'texts', texts: found?.texts ?? [], ttlMs, from };
    if (web && found?.file !== undefined)
      return { kind: 'file', text: found.file, ttlMs, from: `the web server of ${domain}` };
    return { kind: 'none', ttlMs, from };
  };
  const domains: MemoryDomains = {
    online: true,
    asked,
    publish(domain, what) {
      if (what === undefined) published.delete(domain);
      else published.set(domain, what);
    },
    lookUp(domain, { web, cancellation }) {
      if (domain === 'mycelium' || domain.endsWith('.mycelium'))
        return Promise.resolve({ kind: 'none', ttlMs: undefined, from: 'its own name' });
      asked.push(domain);
      const failed = !domains.online || cancellation?.aborted === true;
      return Promise.resolve(
        failed ? { kind: 'failed', reason: 'there is no network' } : answer(domain, web),
      );
    },
  };
  return domains;
}
