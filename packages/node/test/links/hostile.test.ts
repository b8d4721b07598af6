// Strangers and hostile peers at a listening transport.
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PeerAddress } from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';
import { NoiseSecretStream } from '../../src/declarations/secret-stream.ts';
import type { NodeTransport } from '../../src/index.ts';
import { halfOpenMax } from '../../src/links/bounds.ts';
import { initiate } from '../../src/links/handshake.ts';
import { freePort, NodeTransports } from './subject.ts';

let subject: NodeTransports;
let listener: NodeTransport;
let address: PeerAddress;
let port: number;
const accepted: Link[] = [];

beforeEach(async () => {
  accepted.length = 0;
  subject = new NodeTransports('tcp', await freePort());
  listener = subject.create();
  await listener.listen((link) => {
    accepted.push(link);
    link.onBytes((bytes) => link.write(Uint8Array.from(bytes)));
  });
  const [first] = listener.addresses;
  if (first?.endpoint === undefined) throw new Error('an address');
  address = first;
  port = first.endpoint.port;
});

afterEach(async () => {
  await subject.close();
});

async function stranger(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function expectBobGetsThrough(): Promise<void> {
  const link = await subject.create().dial(address, new AbortController().signal);
  const echoed = new Promise((resolve) => link.onBytes(resolve));
  link.write(Uint8Array.of(1));
  await echoed;
}

test.for([
  ['nothing, and hangs up', []],
  ['a length of 16 MiB', [0xff, 0xff, 0xff]],
  ['a length of nothing', [0, 0, 0]],
  ['a message of the right length that is noise', [48, 0, 0, ...randomBytes(48)]],
  ['an HTTP request', [...Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')]],
  ['half a message, and hangs up', [48, 0, 0, 1, 2, 3]],
] as const)('a stranger who says %s is closed without a link', async ([, bytes]) => {
  const socket = await stranger();
  socket.end(Uint8Array.from(bytes));
  await closed(socket);
  expect(accepted).toHaveLength(0);
  await expectBobGetsThrough();
});

test('random bytes at every step end nothing but their own connection', async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    const socket = await stranger();
    const bytes = randomBytes(randomInt(1, 300));
    if (turn % 2 === 0) bytes.set([48, 0, 0].slice(0, bytes.length));
    socket.end(bytes);
    await closed(socket);
  }
  expect(accepted).toHaveLength(0);
  await expectBobGetsThrough();
});

test('strangers who hold connections open do not keep Bob out: the oldest is dropped', async () => {
  const oldest = await stranger();
  const others = await Promise.all(Array.from({ length: halfOpenMax }, () => stranger()));
  await closed(oldest);
  await expectBobGetsThrough();
  for (const socket of others) socket.destroy();
});

/** A peer with a key of its own and the library's stream, but none of our bounds. */
async function unboundedPeer(): Promise<{ socket: Socket; stream: NoiseSecretStream }> {
  const socket = await stranger();
  const handshake = await initiate(socket, NoiseSecretStream.keyPair(), listener.key);
  return { socket, stream: new NoiseSecretStream(true, socket, { handshake }) };
}

test('a peer that announces a record of 16 MiB is closed before it is sent', async () => {
  const { socket, stream } = await unboundedPeer();
  await expect.poll(() => accepted.length).toBe(1);
  const reason = new Promise((resolve) => accepted[0]?.onClose(resolve));
  stream.on('error', () => undefined);
  // Past the stream: its own header has left, what follows is our length.
  socket.write(Uint8Array.of(0xff, 0xff, 0xff));
  expect(await reason).toBe('the peer sent a record that is too long');
});

test('a peer that sends what does not decrypt is closed, and hears nothing about why', async () => {
  const { socket, stream } = await unboundedPeer();
  await expect.poll(() => accepted.length).toBe(1);
  const reason = new Promise((resolve) => accepted[0]?.onClose(resolve));
  stream.on('error', () => undefined);
  socket.write(Uint8Array.from([40, 0, 0, ...randomBytes(40)]));
  expect(await reason).toBe('the peer sent something that does not decrypt');
});

test('a handshake that is played again gets no link', async () => {
  const sent: Buffer[] = [];
  const socket = await stranger();
  const write = socket.write.bind(socket);
  socket.write = (chunk: Uint8Array) => {
    sent.push(Buffer.from(chunk));
    return write(chunk);
  };
  await initiate(socket, NoiseSecretStream.keyPair(), listener.key);
  await expect.poll(() => accepted.length).toBe(1);
  const again = await stranger();
  again.write(Buffer.concat(sent));
  await closed(again);
  expect(accepted).toHaveLength(1);
});

test('a listener that answers a dial with noise has the wrong key', async () => {
  const { createServer } = await import('node:net');
  const impostor = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(Uint8Array.from([48, 0, 0, ...randomBytes(48)]));
  });
  await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  const bound = impostor.address();
  const endpoint = { host: '127.0.0.1', port: typeof bound === 'object' && bound !== null ? bound.port : 0 };
  const dial = subject.create().dial({ key: listener.key, endpoint }, new AbortController().signal);
  await expect(dial).rejects.toMatchObject({ code: 'wrong-key' });
  await new Promise((resolve) => impostor.close(resolve));
});

test('hostile datagrams at the UDP port of a node end nothing', async () => {
  const udp = new NodeTransports('udp', 0);
  const node = udp.create();
  await node.listen(() => undefined);
  const [at] = node.addresses;
  const socket = createSocket('udp4');
  for (let turn = 0; turn < 2_000; turn += 1) {
    const bytes = randomBytes(randomInt(1, 200));
    bytes[0] = turn % 3 === 0 ? 0x13 : 0x03;
    socket.send(bytes, at?.endpoint?.port ?? 0, '127.0.0.1');
    if (turn % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const link = await udp.create().dial(udp.addressOf(node), new AbortController().signal);
  expect(link.path).toBe('udp');
  socket.close();
  await udp.close();
});
