/** Peer addresses inside messages (spec/messages.md, "Peer"): key 32, host as u8 length and ASCII, port u16; an empty host has no endpoint. */
import type { PeerAddress, TransportKey } from '../brands.ts';
import type { ByteReader } from '../bytes/reader.ts';
import type { ByteWriter } from '../bytes/writer.ts';

const hostBytesMax = 253;

export function writePeers(writer: ByteWriter, peers: readonly PeerAddress[]): void {
  writer.u8(peers.length);
  for (const peer of peers) {
    const host = peer.endpoint?.host ?? '';
    writer.bytes(peer.key, 32).vector8(Uint8Array.from(host, (letter) => letter.charCodeAt(0)));
    writer.u16(peer.endpoint?.port ?? 0);
  }
}

export function readPeers(reader: ByteReader, field: string, max: number): PeerAddress[] {
  const count = reader.u8(field);
  if (count > max) reader.refuse(field, 'length', `has at most ${max} elements and says ${count}`);
  const peers: PeerAddress[] = [];
  for (let at = 0; at < count; at += 1) peers.push(readPeer(reader, field));
  return peers;
}

function readPeer(reader: ByteReader, field: string): PeerAddress {
  const key = reader.bytes(`${field}.key`, 32) as TransportKey;
  const host = String.fromCharCode(...reader.vector8(`${field}.host`, hostBytesMax));
  const port = reader.u16(`${field}.port`);
  if (host === '' && port === 0) return { key };
  if (!/^[0-9A-Za-z.:_-]+$/.test(host))
    reader.refuse(`${field}.host`, 'host', 'is a host name or an IP address');
  if (port === 0) reader.refuse(`${field}.port`, 'range', 'is not 0 where a host is named');
  return { key, endpoint: { host, port } };
}
