/**
 * Who may speak HTTP to a server on 127.0.0.1. Every page in a browser on this machine can reach it: a page whose own
 * name was pointed here (DNS rebinding) says that name in `Host`, and a page of another site says so in `Origin`.
 */
import type { IncomingMessage } from 'node:http';

/** Nothing of an answer is kept, guessed at, framed, or read by another site. */
export const strictHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Content-Type': 'text/plain; charset=utf-8',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  Connection: 'close',
};

/** `Host` is this server by address or as localhost, once; `Origin` is left out (no browser) or of that very host. */
export function isOfThisHost({ headersDistinct }: IncomingMessage, port: number): boolean {
  const [host, ...otherHosts] = headersDistinct['host'] ?? [];
  if (otherHosts.length > 0) return false;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return false;
  const origins = headersDistinct['origin'] ?? [];
  return origins.length === 0 || (origins.length === 1 && origins[0] === `http://${host}`);
}
