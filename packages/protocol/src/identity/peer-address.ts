/**
 * Peer addresses: text `KEY@HOST:PORT`, `KEY@wss://HOST:PORT` or `KEY` (spec/identity.md, "Peer addresses"), and their form
 * inside structures. KEY is a transport key in z-base-32; an IPv6 host stands in brackets in text and bare elsewhere.
 */
import type { ByteReader } from '../bytes/reader.ts';
import { decodeUtf8 } from '../bytes/reader.ts';
import { encodeUtf8, type ByteWriter } from '../bytes/writer.ts';
import type { PeerAddress, PeerEndpoint, TransportKey, WebSocketScheme } from '../brands.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { domainBytesMax } from '../limits.ts';
import { formatZBase32, parseZBase32 } from './z-base-32.ts';

const where = 'peer-address';
const hostBytesMax = domainBytesMax + 'wss://'.length;

export function parsePeerAddress(input: string): Result<PeerAddress> {
  const text = input.trim();
  const at = text.indexOf('@');
  const keyText = at < 0 ? text : text.slice(0, at);
  const key = keyText.length === 52 ? parseZBase32(keyText) : undefined;
  if (key === undefined)
    return refuse('key', `${where}.key`, 'begins with a transport key: 52 characters of z-base-32');
  if (at < 0) return accept({ key: key as TransportKey });
  const endpoint = parsePeerEndpoint(text.slice(at + 1));
  return endpoint.ok ? accept({ key: key as TransportKey, endpoint: endpoint.value }) : endpoint;
}

const endpointForm = /^(?:(?<over>wss?):\/\/)?(?:\[(?<six>[^\]]+)\]|(?<host>[^:[\]/]+)):(?<port>[0-9]{1,5})$/;

/** `HOST:PORT`, with `ws://` or `wss://` before it for a WebSocket. */
function parsePeerEndpoint(text: string): Result<PeerEndpoint> {
  const found = endpointForm.exec(text);
  if (found?.groups === undefined) {
    return refuse(
      'endpoint',
      `${where}.endpoint`,
      'has HOST:PORT or wss://HOST:PORT after "@", an IPv6 host in brackets',
    );
  }
  const host = (found.groups['six'] ?? found.groups['host'] ?? '').toLowerCase();
  if (host.includes(':') !== (found.groups['six'] !== undefined) || !isHost(host)) {
    return refuse('host', `${where}.host`, 'has an IPv4 or IPv6 address or a domain name as host');
  }
  const port = Number(found.groups['port']);
  if (port < 1 || port > 65_535) return refuse('port', `${where}.port`, 'has a port from 1 to 65535');
  const over = found.groups['over'] as WebSocketScheme | undefined;
  return accept({ host, port, ...(over && { over }) });
}

export function formatPeerAddress(peer: PeerAddress): string {
  const key = formatZBase32(peer.key);
  return peer.endpoint === undefined ? key : `${key}@${formatPeerEndpoint(peer.endpoint)}`;
}

export function formatPeerEndpoint({ host, port, over }: PeerEndpoint): string {
  return `${prefixOf(over)}${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The same key at the same place. */
export function isSamePeer(left: PeerAddress, right: PeerAddress): boolean {
  return formatPeerAddress(left) === formatPeerAddress(right);
}

function prefixOf(over: WebSocketScheme | undefined): string {
  return over === undefined ? '' : `${over}://`;
}

/**
 * Peer addresses inside structures: u8 count; each key 32, host u8-vector, port u16. No endpoint: empty host,
 * port 0. A WebSocket: `ws://` or `wss://` before the host.
 */
export function writePeers(writer: ByteWriter, peers: readonly PeerAddress[]): void {
  writer.u8(peers.length);
  for (const peer of peers) {
    const { host = '', port = 0, over } = peer.endpoint ?? {};
    writer
      .bytes(peer.key, 32)
      .vector8(encodeUtf8(`${prefixOf(over)}${host}`))
      .u16(port);
  }
}

/** At most `max` peers, no two the same; one key may have several endpoints. */
export function readPeers(reader: ByteReader, field: string, max: number): PeerAddress[] {
  const count = reader.u8(field);
  if (count > max) reader.refuse(field, 'length', `has at most ${max} elements and says ${count}`);
  const peers: PeerAddress[] = [];
  for (let at = 0; at < count; at += 1) {
    const peer = readPeer(reader, field);
    const text = formatPeerAddress(peer);
    if (peers.some((other) => formatPeerAddress(other) === text)) {
      reader.refuse(field, 'duplicate', 'names each address once');
    }
    peers.push(peer);
  }
  return peers;
}

/** One peer. */
export function readPeer(reader: ByteReader, field: string): PeerAddress {
  const key = reader.bytes(`${field}.key`, 32) as TransportKey;
  const text = decodeUtf8(reader.vector8(`${field}.host`, hostBytesMax));
  const over = (['wss', 'ws'] as const).find((scheme) => text?.startsWith(prefixOf(scheme)));
  const host = text?.slice(prefixOf(over).length);
  const port = reader.u16(`${field}.port`);
  if (text === '' && port === 0) return { key };
  if (host === undefined || !isHost(host)) {
    return reader.refuse(
      `${field}.host`,
      'host',
      'is an IPv4 or IPv6 address or a domain name, in lower case, perhaps with "ws://" or "wss://" before it',
    );
  }
  if (port === 0) reader.refuse(`${field}.port`, 'port', 'is from 1 to 65535');
  return { key, endpoint: { host, port, ...(over && { over }) } };
}

/** Bounds what a resolver or a socket is handed: lower-case host names, dotted quads, and IPv6 without a zone. */
function isHost(host: string): boolean {
  if (host.includes(':')) return isIpv6(host);
  if (host.length > domainBytesMax) return false;
  if (/^[0-9.]+$/.test(host)) return isIpv4(host);
  return host.split('.').every((label) => /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/.test(label));
}

function isIpv4(host: string): boolean {
  const parts = host.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
  );
}

function isIpv6(host: string): boolean {
  const halves = host.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const embedded = last.includes('.') && isIpv4(last);
  const count = groups.length + (embedded ? 1 : 0);
  const plain = embedded ? groups.slice(0, -1) : groups;
  const countFits = halves.length === 2 ? count <= 7 : count === 8;
  return countFits && plain.every((group) => /^[0-9a-f]{1,4}$/.test(group));
}
