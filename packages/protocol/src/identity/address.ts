/**
 * Addresses `name@domain` and their one canonical form (spec/identity.md, "Addresses"). The domain is kept in its
 * ASCII form (A-labels), so that an id, a signature and a look-up never depend on how a domain was typed.
 */
import { toASCII, toUnicode } from 'tr46';
import { accept, refuse, type Result } from '../errors.ts';
import { addressTextMax, domainBytesMax } from '../limits.ts';
import { parseName } from './name.ts';

export interface Address {
  /** `name@domain`, canonical: equal addresses have equal texts. */
  readonly text: string;
  readonly name: string;
  /** A-labels, lower case. */
  readonly domain: string;
}

/** UTS 46, non-transitional, with every check that it has. */
const domainRules = {
  transitionalProcessing: false,
  checkBidi: true,
  checkHyphens: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
};

/** Reads an address as a person types it: surrounding white space is dropped, everything else has to fit. */
export function parseAddress(input: string): Result<Address> {
  if (input.length > addressTextMax) {
    return refuse('length', 'address', `is at most ${addressTextMax} characters as typed`);
  }
  const text = input.trim();
  const at = text.indexOf('@');
  if (at < 0) return refuse('no-at', 'address', 'has the form name@domain');
  if (text.indexOf('@', at + 1) >= 0) return refuse('two-at', 'address', 'has exactly one "@"');
  const name = parseName(text.slice(0, at));
  if (!name.ok) return name;
  // U+FE6B and U+FF20 map to "@" (width mapping): a name must not bring a second one in.
  if (name.value.includes('@')) return refuse('two-at', 'address', 'has exactly one "@"');
  const domain = parseDomain(text.slice(at + 1));
  if (!domain.ok) return domain;
  return accept({ text: `${name.value}@${domain.value}`, name: name.value, domain: domain.value });
}

/** An address from the wire: only the canonical form is taken. */
export function parseCanonicalAddress(text: string): Result<Address> {
  const address = parseAddress(text);
  if (!address.ok || address.value.text === text) return address;
  return refuse('canonical', 'address', 'is in its canonical form');
}

/** ASCII form of a domain (RFC 5890 A-labels by UTS 46), or the rule that it breaks. */
export function parseDomain(text: string): Result<string> {
  const where = 'address.domain';
  if (text === '') return refuse('empty', where, 'is not empty');
  if (!text.isWellFormed()) return refuse('surrogate', where, 'is well-formed Unicode');
  const domain = toASCII(text, domainRules);
  if (domain === null || domain.length > domainBytesMax) {
    return refuse(
      'idna',
      where,
      `is a domain name by UTS 46: labels of 1 to 63 letters, digits and hyphens, at most ${domainBytesMax} bytes in ASCII`,
    );
  }
  return accept(domain);
}

/** The address as people read it: with the domain's own letters instead of `xn--`. */
export function displayAddress(address: Address): string {
  const unicode = toUnicode(address.domain, domainRules);
  return unicode.error ? address.text : `${address.name}@${unicode.domain}`;
}
