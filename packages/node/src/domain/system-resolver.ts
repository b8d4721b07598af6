/**
 * Names through DNS as this machine is set up to ask it, or through servers that the person chose. `node:dns` does not
 * tell how long a TXT record holds: caches of the resolver itself see to that.
 */
import { Resolver } from 'node:dns/promises';
import type { Cancellation } from '@mycelium/runtime';
import { ResolverError, type Names } from './names.ts';

const tryMs = 3_000;
const tries = 2;
/** The name or the record does not exist: an answer, and no failure. */
const nothing: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** `servers`: `HOST:PORT` of each, instead of the machine's own. */
export function createSystemResolver(servers: readonly string[] = []): Names {
  return {
    called: servers.length === 0 ? 'the resolver of this machine' : `the resolver ${servers.join(', ')}`,
    async texts(name, cancellation) {
      const records = await ask(servers, cancellation, (resolver) => resolver.resolveTxt(name));
      return { texts: records.map((strings) => strings.join('')), ttlMs: undefined };
    },
    async addresses(host, cancellation) {
      const [four, six] = await Promise.all([
        ask(servers, cancellation, (resolver) => resolver.resolve4(host)),
        ask(servers, cancellation, (resolver) => resolver.resolve6(host)),
      ]);
      return [...four, ...six];
    },
  };
}

/** With a resolver of its own for each question, so that one can be called off without the others. */
async function ask<T>(
  servers: readonly string[],
  cancellation: Cancellation | undefined,
  question: (resolver: Resolver) => Promise<T[]>,
): Promise<T[]> {
  const resolver = new Resolver({ timeout: tryMs, tries });
  if (servers.length > 0) resolver.setServers([...servers]);
  const cancel = (): void => resolver.cancel();
  if (cancellation?.aborted === true) throw new ResolverError('it was called off');
  cancellation?.addEventListener('abort', cancel);
  try {
    return await question(resolver);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    if (nothing.has(code)) return [];
    throw new ResolverError(`DNS could not be asked (${code})`, { cause: error });
  } finally {
    cancellation?.removeEventListener('abort', cancel);
  }
}
