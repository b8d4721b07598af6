/**
 * Which addresses are on the internet. A domain of a stranger may say that it is at 127.0.0.1 or 192.168.1.1: it must not
 * make this machine speak to its own networks (spec/domain.md, "Looking up"). Special-purpose registries of IANA
 * (RFC 6890): for IPv4 what is not global is listed, for IPv6 what is.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

const notGlobal4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  notGlobal4.addSubnet(network, prefix, 'ipv4');

const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
/** Inside of that: Teredo and its like, documentation, and IPv4 in another coat (6to4). */
const notGlobal6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  notGlobal6.addSubnet(network, prefix, 'ipv6');

/** IPv4 inside IPv6, mapped (`::ffff:…`) or translated (`64:ff9b::`), is not: nobody is reached by it who has no IPv4 address. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (isIPv4(address)) return !notGlobal4.check(address, 'ipv4');
  return global6.check(address, 'ipv6') && !notGlobal6.check(address, 'ipv6');
}
