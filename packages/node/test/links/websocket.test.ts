// What the conformance suite cannot know of WebSockets: TLS, HTTP, and strangers.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PeerAddress } from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';
import { WebSocket } from 'ws';
import { createTransport, type NodeTransport, type TransportOptions } from '../../src/index.ts';
import { halfOpenMax, webSocketMessageBytesMax } from '../../src/links/bounds.ts';
import { NodeTransports } from './subject.ts';

const pem = (name: string): string => readFileSync(path.join(import.meta.dirname, 'tls', name), 'utf8');
const certificate = { chain: pem('certificate.pem'), key: pem('key.pem') };
const never = new AbortController().signal;

let folders: NodeTransports;
const open: NodeTransport[] = [];
const accepted: Link[] = [];

beforeEach(() => {
  folders = new NodeTransports('unix', 1);
  accepted.length = 0;
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
  await folders.close();
});

function transport(options: Partial<TransportOptions> = {}): NodeTransport {
  const made = createTransport({
    keySeed: randomBytes(32),
    listen: [],
    runtimeFolder: folders.folder(),
    ...options,
  });
  open.push(made);
  return made;
}

interface Listener {
  readonly address: PeerAddress;
  readonly port: number;
}

/** Echoes. */
async function listener(inTls: boolean): Promise<Listener> {
  const where = { host: '127.0.0.1', port: 0, ...(inTls && { certificate }) };
  const bob = transport({ websocket: [where] });
  await bob.listen((link) => {
    accepted.push(link);
    link.onBytes((bytes) => link.write(Uint8Array.from(bytes)));
  });
  const [address] = bob.addresses;
  if (address?.endpoint === undefined) throw new Error('an address');
  return { address, port: address.endpoint.port };
}

async function expectEcho(address: PeerAddress): Promise<Link> {
  const link = await transport().dial(address, never);
  const echoed = new Promise<Uint8Array>((resolve) => link.onBytes(resolve));
  link.write(Uint8Array.of(1, 2, 3));
  expect([...(await echoed)]).toEqual([1, 2, 3]);
  return link;
}

async function stranger(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function closed(socket: Socket): Promise<unknown> {
  socket.resume();
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve));
}

test('a renewed certificate is shown to who connects from then on, and links go on', async () => {
  const { address, port } = await listener(true);
  const before = await expectEcho(address);
  expect(await nameShown(port)).toBe('relay.example.net');
  const bob = open.find(({ addresses }) => addresses[0]?.endpoint?.port === port);
  bob?.renewCertificate({ chain: pem('renewed-certificate.pem'), key: pem('renewed-key.pem') });
  expect(await nameShown(port)).toBe('renewed.test');
  before.write(Uint8Array.of(4));
  await expectEcho(address);
});

function nameShown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('a link goes through TLS 1.3 with a given certificate, whatever name is on it', async () => {
  const { address, port } = await listener(true);
  expect(address.endpoint?.over).toBe('wss');
  expect((await expectEcho(address)).path).toBe('websocket');
  const outer = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await new Promise((resolve) => outer.once('secureConnect', resolve));
  expect(outer.getProtocol()).toBe('TLSv1.3');
  outer.destroy();
});

test('TLS 1.2 is refused', async () => {
  const { port } = await listener(true);
  const old = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  const error = await new Promise<Error>((resolve) => old.once('error', resolve));
  expect(error.message).toMatch(/protocol version|alert/i);
});

test('who comes without an upgrade is told so', async () => {
  const { port } = await listener(false);
  const status = await new Promise((resolve) =>
    get({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }),
  );
  expect(status).toBe(426);
});

test.for([
  ['texts', (socket: WebSocket) => socket.send('hello')],
  [
    'a message that is too large',
    (socket: WebSocket) => socket.send(new Uint8Array(webSocketMessageBytesMax + 1)),
  ],
  ['bytes that are no handshake', (socket: WebSocket) => socket.send(randomBytes(200))],
] as const)('a stranger who sends %s is closed and hears of no link', async ([, send]) => {
  const { address, port } = await listener(false);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve));
  const gone = new Promise((resolve) => socket.once('close', resolve));
  send(socket);
  await gone;
  expect(accepted).toEqual([]);
  await expectEcho(address);
});

test.for([false, true])('connections that say nothing do not keep others out (TLS: %s)', async (inTls) => {
  const { address, port } = await listener(inTls);
  const first = await stranger(port);
  const others = await Promise.all(Array.from({ length: halfOpenMax }, () => stranger(port)));
  await closed(first);
  await expectEcho(address);
  for (const socket of others) socket.destroy();
});

test('a peer with another key is refused', async () => {
  const { address } = await listener(true);
  const { key } = transport();
  await expect(transport().dial({ ...address, key }, never)).rejects.toMatchObject({ code: 'wrong-key' });
  expect(accepted).toEqual([]);
});
