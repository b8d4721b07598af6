/** Records of domains: DNS first, then the domain's web server where that may be asked (spec/domain.md, "Looking up"). */
import { domainRecordLabel, isOutsideDns, parseDomainTexts } from '@mycelium/protocol';
import type { DomainAnswer, DomainRecords, DomainWish } from '@mycelium/runtime';
import { ResolverError, type Names } from './names.ts';
import type { WebFiles } from './web-file.ts';

export interface DomainRecordsWish {
  /** Undefined: nothing is looked up at all. */
  readonly names: Names | undefined;
  /** Undefined: web servers are never asked. */
  readonly web: WebFiles | undefined;
}

export function createDomainRecords({ names, web }: DomainRecordsWish): DomainRecords {
  return {
    async lookUp(domain, wish) {
      if (names === undefined) return { kind: 'failed', reason: 'looking up domains is switched off' };
      if (isOutsideDns(domain)) return { kind: 'none', ttlMs: undefined, from: 'its own name' };
      const answer = await explained(names.called, () => fromDns(names, domain, wish));
      if (answer.kind !== 'none' || web === undefined || !wish.web) return answer;
      return explained(`the web server of ${domain}`, () => fromWeb(web, domain, wish));
    },
  };
}

async function fromDns(names: Names, domain: string, { cancellation }: DomainWish): Promise<DomainAnswer> {
  const { texts, ttlMs } = await names.texts(`${domainRecordLabel}.${domain}`, cancellation);
  const read = parseDomainTexts(texts);
  const none = read.ok && read.value === undefined;
  return none
    ? { kind: 'none', ttlMs, from: names.called }
    : { kind: 'texts', texts, ttlMs, from: names.called };
}

async function fromWeb(web: WebFiles, domain: string, { cancellation }: DomainWish): Promise<DomainAnswer> {
  const from = `the web server of ${domain}`;
  const file = await web.read(domain, cancellation);
  return file === undefined ? { kind: 'none', ttlMs: undefined, from } : { kind: 'file', ...file, from };
}

async function explained(who: string, ask: () => Promise<DomainAnswer>): Promise<DomainAnswer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ResolverError) return { kind: 'failed', reason: `${who}: ${error.message}` };
    throw error;
  }
}
