/** Records of domains: DNS first, then the domain's web server where that may be asked (spec/domain.md, "Looking up"). */
import { domainRecordLabel, isOutsideDns, parseDomainTexts } from '@mycelium/protocol';
import type { Cancellation, DomainAnswer, DomainRecords } from '@mycelium/runtime';
import { ResolverError, type Names } from './names.ts';
import type { WebFiles } from './web-file.ts';

export interface DomainRecordsWish {
  /** Undefined: nothing is looked up at all. */
  readonly names: Names | undefined;
  /** Undefined: web servers are never asked. */
  readonly web: WebFiles | undefined;
  /** Aborted: what is being asked is called off, and nothing is asked any more. */
  readonly ended?: AbortSignal;
}

export function createDomainRecords({ names, web, ended }: DomainRecordsWish): DomainRecords {
  return {
    async lookUp(domain, wish) {
      if (names === undefined) return { kind: 'failed', reason: 'looking up domains is switched off' };
      if (isOutsideDns(domain)) return { kind: 'none', ttlMs: undefined, from: 'its own name' };
      const limit = either(wish.cancellation, ended);
      try {
        const answer = await explained(names.called, () => fromDns(names, domain, limit.signal));
        if (answer.kind !== 'none' || web === undefined || !wish.web) return answer;
        return await explained(`the web server of ${domain}`, () => fromWeb(web, domain, limit.signal));
      } finally {
        limit.forget();
      }
    },
  };
}

/** Whichever comes first. */
function either(...all: readonly (Cancellation | undefined)[]): {
  readonly signal: AbortSignal;
  readonly forget: () => void;
} {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const one of all) {
    if (one?.aborted === true) abort();
    one?.addEventListener('abort', abort);
  }
  return {
    signal: controller.signal,
    forget: () => {
      for (const one of all) one?.removeEventListener('abort', abort);
    },
  };
}

async function fromDns(names: Names, domain: string, cancellation: AbortSignal): Promise<DomainAnswer> {
  const { texts, ttlMs } = await names.texts(`${domainRecordLabel}.${domain}`, cancellation);
  const read = parseDomainTexts(texts);
  const none = read.ok && read.value === undefined;
  return none
    ? { kind: 'none', ttlMs, from: names.called }
    : { kind: 'texts', texts, ttlMs, from: names.called };
}

async function fromWeb(web: WebFiles, domain: string, cancellation: AbortSignal): Promise<DomainAnswer> {
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
