/**
 * The file `/.well-known/mycelium.json` of a domain (spec/domain.md, "Records"). The domain is a stranger's: it is resolved
 * first, and the connection goes to that very address, so that a second answer of its DNS leads nowhere else.
 */
import { isIPv6 } from 'node:net';
import { domainRecordPath } from '@mycelium/protocol';
import type { Cancellation } from '@mycelium/runtime';
import { requestBounded, type BoundedAnswer } from './bounded-request.ts';
import { ResolverError, type Names } from './names.ts';
import { isPublicAddress } from './public-addresses.ts';

const fileBytesMax = 16_384;
const withinMs = 10_000;
const addressesMax = 2;

export interface WebFiles {
  /** Undefined: the server has no such file. */
  read(domain: string, cancellation?: Cancellation): Promise<WebFile | undefined>;
}

export interface WebFile {
  readonly text: string;
  readonly ttlMs: number | undefined;
}

export interface WebFilesWish {
  readonly names: Names;
  /** Also servers at private addresses: for organisations whose web server is inside. */
  readonly privateToo: boolean;
  /** 443, but in tests. */
  readonly port?: number;
  /** PEM, instead of the authorities that Node knows. */
  readonly ca?: string | undefined;
}

/** @throws ResolverError from `read` */
export function createWebFiles(wish: WebFilesWish): WebFiles {
  return {
    async read(domain, cancellation) {
      const addresses = await wish.names.addresses(domain, cancellation);
      const allowed = addresses.filter((address) => wish.privateToo || isPublicAddress(address));
      if (allowed.length === 0) {
        throw new ResolverError(
          addresses.length === 0
            ? 'it has no address'
            : 'its web server is at a private address, which is not asked for others',
        );
      }
      return readFrom(wish, domain, { addresses: allowed.slice(0, addressesMax), cancellation });
    },
  };
}

interface Places {
  readonly addresses: readonly string[];
  readonly cancellation: Cancellation | undefined;
}

/** The next address only where one cannot be reached: what a server says is its answer. */
async function readFrom(
  wish: WebFilesWish,
  domain: string,
  { addresses, cancellation }: Places,
): Promise<WebFile | undefined> {
  let failure = new ResolverError('it has no address');
  for (const address of addresses) {
    try {
      return fileOf(await ask(wish, domain, { address, cancellation }));
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function ask(
  { port = 443, ca }: WebFilesWish,
  domain: string,
  to: { readonly address: string; readonly cancellation: Cancellation | undefined },
): Promise<BoundedAnswer> {
  return requestBounded({
    options: {
      hostname: to.address,
      family: isIPv6(to.address) ? 6 : 4,
      port,
      path: domainRecordPath,
      servername: domain,
      headers: { host: port === 443 ? domain : `${domain}:${port}`, accept: 'application/json' },
      ...(ca === undefined ? {} : { ca }),
    },
    bytesMax: fileBytesMax,
    withinMs,
    cancellation: to.cancellation,
  });
}

function fileOf({ status, body, maxAgeMs }: BoundedAnswer): WebFile | undefined {
  if (status === 200) return { text: new TextDecoder().decode(body), ttlMs: maxAgeMs };
  if (status === 404 || status === 410) return undefined;
  if (status >= 300 && status < 400)
    throw new ResolverError('its web server answered with a redirect, which is not followed');
  throw new ResolverError(`its web server answered with status ${status}`);
}
