/**
 * Keys of domains (spec/domain.md, "Domain keys"): Ed25519, as text in z-base-32. A domain `KEY.mycelium` is its own
 * key: nothing is looked up for it, anywhere.
 */
import { assert } from '../errors.ts';
import { formatZBase32, parseZBase32 } from './z-base-32.ts';

const keyBytes = 32;
const keyTextLength = 52;
const ownRoot = '.mycelium';

export function formatDomainKey(key: Uint8Array): string {
  assert(key.length === keyBytes, 'a domain key has 32 bytes');
  return formatZBase32(key);
}

/** Only the form that `formatDomainKey` writes. */
export function parseDomainKey(text: string): Uint8Array | undefined {
  if (text.length !== keyTextLength) return undefined;
  const key = parseZBase32(text);
  return key !== undefined && formatZBase32(key) === text ? key : undefined;
}

/** The domain that needs nobody: its name is its key. */
export function selfCertifyingDomain(key: Uint8Array): string {
  return formatDomainKey(key) + ownRoot;
}

/** The key that a canonical domain is; undefined for all that are not `KEY.mycelium`. */
export function keyInDomain(domain: string): Uint8Array | undefined {
  return domain.endsWith(ownRoot) ? parseDomainKey(domain.slice(0, -ownRoot.length)) : undefined;
}

/** Domains under `.mycelium` are in no DNS: asking for one would only tell a resolver of it. */
export function isOutsideDns(domain: string): boolean {
  return domain.endsWith(ownRoot) || `.${domain}` === ownRoot;
}
