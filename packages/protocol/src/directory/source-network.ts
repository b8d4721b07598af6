/** Networks that quotas count by: IPv4 /24, IPv6 /48 (spec/directory.md, "What a node keeps"). */

/** Text of the network that an IP address is in. What is no IP address is a network of its own. */
export function sourceNetwork(host: string): string {
  const mapped = /^::ffff:(?<four>[0-9.]+)$/i.exec(host)?.groups?.['four'] ?? host;
  const four = /^(?<net>[0-9]+\.[0-9]+\.[0-9]+)\.[0-9]+$/.exec(mapped)?.groups?.['net'];
  if (four !== undefined) return `${four}.0/24`;
  if (!host.includes(':')) return host;
  return `${firstGroups(host).join(':')}::/48`;
}

/** The first three of the eight groups. */
function firstGroups(host: string): readonly string[] {
  const [left = '', right] = host.toLowerCase().split('::');
  const groups = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  while (right !== undefined && groups.length + after.length < 8) groups.push('0');
  return [...groups, ...after].slice(0, 3).map((group) => group.replace(/^0+(?=.)/, ''));
}
