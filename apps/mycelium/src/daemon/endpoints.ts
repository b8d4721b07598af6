/** Addresses as options of `up`. */
import { parsePeerAddress, type PeerAddress } from '@mycelium/protocol';
import { UsageError } from '../failures.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, an IPv6 host in brackets. Undefined: it is none. */
export function readEndpoint(text: string): Endpoint | undefined {
  const found = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]@\s]+)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(found?.groups?.['port']);
  if (found === null || port > 65_535) return undefined;
  return { host: found.groups?.['six'] ?? found.groups?.['host'] ?? '', port };
}

/** @throws UsageError */
export function parseEndpoint(option: string, text: string): Endpoint {
  const endpoint = readEndpoint(text);
  if (endpoint !== undefined) return endpoint;
  throw new UsageError(
    `${option}: it is HOST:PORT, with an IPv6 address in brackets and a port from 0 to 65535.`,
  );
}

/** A directory node: its whole address as it prints it, or only `HOST:PORT`. */
export function parseBootstrap(text: string): Endpoint {
  if (!text.includes('@')) return parseEndpoint('--bootstrap', text);
  const { endpoint } = parsePeer('--bootstrap', text);
  if (endpoint === undefined)
    throw new UsageError('--bootstrap: the address needs @HOST:PORT after the key.');
  return endpoint;
}

export function parsePeer(option: string, text: string): PeerAddress {
  const parsed = parsePeerAddress(text);
  if (parsed.ok) return parsed.value;
  throw new UsageError(`${option}: an address ${parsed.refusal.rule}.`);
}
