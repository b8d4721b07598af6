/** Values of a configuration file: what each kind looks like, and the sentence that says so to who got it wrong. */
import { BlockList, isIP } from 'node:net';
import { formatZBase32, parsePeerAddress } from '@mycelium/protocol';
import { readEndpoint, type Endpoint } from '../daemon/endpoints.ts';

export interface ValueKind<T> {
  /** Ends the sentence "It is …". */
  readonly allowed: string;
  /** Undefined: it is none. */
  read(value: unknown): T | undefined;
  /** Of a list, the member that is wrong. */
  wrongMember?(value: unknown): unknown;
}

export function whole(least: number, most: number): ValueKind<number> {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    read: (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
        ? value
        : undefined,
  };
}

export function oneOf<Word extends string>(...words: readonly Word[]): ValueKind<Word> {
  return {
    allowed: words.map((word) => `"${word}"`).join(' or '),
    read: (value) => words.find((word) => word === value),
  };
}

export const filePath: ValueKind<string> = {
  allowed: 'the path of a file, from the root: "/etc/mycelium/relay.pem"',
  read: (value) =>
    typeof value === 'string' && (value.startsWith('/') || /^[A-Za-z]:[\\/]/.test(value)) ? value : undefined,
};

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function duration(leastMs: number, mostMs: number, range: string): ValueKind<number> {
  return {
    allowed: `a duration ${range}, as text: "12h", "30d" or "4w"`,
    read: (value) => {
      const found = typeof value === 'string' ? /^(\d{1,6})([mhdw])$/.exec(value) : null;
      const ms = Number(found?.[1]) * (unitsMs[found?.[2] ?? ''] ?? Number.NaN);
      return ms >= leastMs && ms <= mostMs ? ms : undefined;
    },
  };
}

const unitsBytes: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

export function byteSize(least: number): ValueKind<number> {
  return {
    allowed: `an amount of bytes from ${byteSizeText(least)} on, as text: "500 MiB", "20 GiB" or "1 TiB"`,
    read: (value) => {
      const found = typeof value === 'string' ? /^(\d{1,6}) ?([KMGT]iB)$/.exec(value) : null;
      const bytes = Number(found?.[1]) * (unitsBytes[found?.[2] ?? ''] ?? Number.NaN);
      return bytes >= least ? bytes : undefined;
    },
  };
}

export function byteSizeText(bytes: number): string {
  const [unit, size] = Object.entries(unitsBytes).findLast(([, at]) => bytes >= at) ?? ['KiB', 2 ** 10];
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`;
}

export const endpoint: ValueKind<Endpoint> = {
  allowed: '"HOST:PORT", with an IPv6 address in brackets',
  read: (value) => (typeof value === 'string' ? readEndpoint(value) : undefined),
};

/** A transport key: the part before the `@` in the addresses that `mycelium status` prints. */
export const transportKey: ValueKind<string> = {
  allowed: 'a transport key, the part before the @ in the addresses that `mycelium status` prints',
  read: (value) => {
    const peer = typeof value === 'string' ? parsePeerAddress(value) : undefined;
    return peer?.ok === true ? formatZBase32(peer.value.key) : undefined;
  },
};

export interface NetworkRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

export const networkRange: ValueKind<NetworkRange> = {
  allowed: 'a network or an address: "192.0.2.0/24", "2001:db8::/32" or "192.0.2.7"',
  read: (value) => {
    const found = typeof value === 'string' ? /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(value) : null;
    const address = found?.[1] ?? '';
    const version = isIP(address);
    if (version === 0) return undefined;
    const most = version === 4 ? 32 : 128;
    const prefix = Number(found?.[2] ?? most);
    return prefix > most ? undefined : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
  },
};

export function blockListOf(ranges: readonly NetworkRange[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of ranges) list.addSubnet(address, prefix, family);
  return list;
}

/** A list, each of its members one of `kind`. */
export function listOf<T>(kind: ValueKind<T>, most: number): ValueKind<readonly T[]> {
  const isMember = (value: unknown): boolean => kind.read(value) !== undefined;
  return {
    allowed: `a list of at most ${most}, each ${kind.allowed}`,
    read: (value) =>
      Array.isArray(value) && value.length <= most && value.every(isMember)
        ? value.map((member) => kind.read(member)).filter((member) => member !== undefined)
        : undefined,
    wrongMember: (value) => (Array.isArray(value) ? value.find((member) => !isMember(member)) : undefined),
  };
}
