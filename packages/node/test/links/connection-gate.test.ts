// Who may begin a connection: decided by the address, before any work for it.
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Link } from '@mycelium/runtime';
import {
  ConnectionGate,
  sourceOf,
  usualGateLimits,
  type GateLimits,
  type GateRefusal,
} from '../../src/links/connection-gate.ts';
import { createTransport, type NodeTransport } from '../../src/index.ts';
import { freePort, NodeTransports } from './subject.ts';

test.for([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2:ffff::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::2', '0:0:0:0'],
  ['127.0.0.1', undefined],
  ['127.8.9.1', undefined],
  ['::ffff:127.0.0.1', undefined],
  ['::1', undefined],
  [undefined, undefined],
] as const)('%s is charged as %s', ([address, source]) => {
  expect(sourceOf(address)).toBe(source);
});

test('loopback is a source where the operator says so', () => {
  expect(sourceOf('127.0.0.1', true)).toBe('127.0.0.1');
  expect(sourceOf(undefined, true)).toBe(undefined);
});

const slow = { perSecond: 1e-9, burst: 3 };

/** A gate that tells why it refused. */
function gateWith(changes: Partial<GateLimits>): { gate: ConnectionGate; refused: GateRefusal[] } {
  const refused: GateRefusal[] = [];
  const meter = {
    entered: () => undefined,
    proved: () => undefined,
    refused: (reason: GateRefusal) => void refused.push(reason),
  };
  return { gate: new ConnectionGate(() => ({ ...usualGateLimits, ...changes }), meter), refused };
}

test('a source that has begun too many handshakes is refused, and no other', () => {
  const { gate, refused } = gateWith({ handshakesPerSource: slow });
  for (let at = 0; at < 3; at += 1) expect(gate.enter('192.0.2.7')?.source).toBe('192.0.2.7');
  expect(gate.enter('192.0.2.7')).toBe(undefined);
  expect(gate.enter('::ffff:192.0.2.7')).toBe(undefined);
  expect(gate.enter('192.0.2.8')).toBeDefined();
  expect(refused).toEqual(['rate', 'rate']);
});

test('all together may begin only so many; programs of this machine are not among them', () => {
  const { gate, refused } = gateWith({ handshakes: slow });
  for (let at = 0; at < 3; at += 1) expect(gate.enter(`192.0.2.${at}`)).toBeDefined();
  expect(gate.enter('192.0.2.99')).toBe(undefined);
  expect(gate.enter('127.0.0.1')).toBeDefined();
  expect(gate.enter(undefined)).toBeDefined();
  expect(refused).toEqual(['rate']);
});

test('who is refused for its own rate takes nothing from that of all', () => {
  const { gate } = gateWith({ handshakes: slow, handshakesPerSource: { perSecond: 1e-9, burst: 1 } });
  for (let at = 0; at < 50; at += 1) gate.enter('192.0.2.7');
  expect(gate.enter('192.0.2.8')).toBeDefined();
  expect(gate.enter('192.0.2.9')).toBeDefined();
});

test('connections of one source count until they leave', () => {
  const { gate, refused } = gateWith({ connectionsPerSourceMax: 2 });
  const first = gate.enter('2001:db8::1');
  expect(gate.enter('2001:db8::2')).toBeDefined();
  expect(gate.enter('2001:db8::3')).toBe(undefined);
  expect(gate.enter('2001:db9::1')).toBeDefined();
  first?.leave();
  expect(gate.enter('2001:db8::4')).toBeDefined();
  expect(refused).toEqual(['connections']);
});

test('a network that the operator shuts out is refused whatever else there is', () => {
  const { gate, refused } = gateWith({ mayEnter: (address) => !address.startsWith('127.') });
  expect(gate.enter('127.0.0.1')).toBe(undefined);
  expect(refused).toEqual(['network']);
});

// --- in front of a listening transport, on loopback that counts --------------------------------------------

let subject: NodeTransports;
let listener: NodeTransport;
let port: number;
const accepted: Link[] = [];
const counts = { entered: 0, proved: 0, refused: 0 };

beforeEach(async () => {
  accepted.length = 0;
  Object.assign(counts, { entered: 0, proved: 0, refused: 0 });
  subject = new NodeTransports('tcp', 0);
  port = await freePort();
  listener = createTransport({
    keySeed: new Uint8Array(32).fill(7),
    listen: [{ host: '0.0.0.0', port }],
    paths: ['tcp'],
    gate: () => ({
      ...usualGateLimits,
      countsLoopback: true,
      handshakesPerSource: { perSecond: 1e-9, burst: 20 },
    }),
    gateMeter: {
      entered: () => void (counts.entered += 1),
      proved: () => void (counts.proved += 1),
      refused: () => void (counts.refused += 1),
    },
  });
  await listener.listen((link) => accepted.push(link));
});

afterEach(async () => {
  await listener.close();
  await subject.close();
});

/** Resolves with what the other side did. */
function knock(localAddress: string): Promise<{ readonly socket: Socket; readonly ended: Promise<string> }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.once('close', () => resolve('closed'));
  });
  return new Promise((resolve) => {
    const done = (): void => resolve({ socket, ended });
    socket.once('connect', done);
    socket.once('close', done);
  });
}

test('a flood of connections from one address is shed before any handshake, and Bob comes through from another', async () => {
  const flood = await Promise.all(Array.from({ length: 500 }, () => knock('127.0.0.66')));
  await expect.poll(() => counts.entered + counts.refused).toBe(500);
  expect(counts).toEqual({ entered: 20, proved: 0, refused: 480 });
  const bob = await subject
    .create()
    .dial({ key: listener.key, endpoint: { host: '127.0.0.1', port } }, new AbortController().signal);
  expect(bob.path).toBe('tcp');
  await expect.poll(() => accepted.map(({ source }) => source)).toEqual(['127.0.0.1']);
  expect(counts.proved).toBe(1);
  for (const { socket } of flood) socket.destroy();
});

test('over UDP a shut gate lets no handshake begin, and an open one does', async () => {
  const open = { gate: false };
  const refused: GateRefusal[] = [];
  const udp = new NodeTransports('udp', 0);
  const relay = createTransport({
    keySeed: new Uint8Array(32).fill(8),
    listen: [{ host: '127.0.0.1', port: await freePort() }],
    paths: ['udp'],
    runtimeFolder: udp.folder(),
    dht: { role: 'client', bootstrap: [] },
    gate: () => ({ ...usualGateLimits, mayEnter: () => open.gate }),
    gateMeter: {
      entered: () => undefined,
      proved: () => undefined,
      refused: (reason) => void refused.push(reason),
    },
  });
  try {
    await relay.listen((link) => accepted.push(link));
    const [address = { key: relay.key }] = relay.addresses;
    const giveUp = new AbortController();
    const shut = udp.create().dial(address, giveUp.signal);
    const ended = shut.then(
      () => 'a link',
      (error: unknown) => (error instanceof Error ? error.name : 'something else'),
    );
    await expect.poll(() => refused.length).toBeGreaterThan(0);
    giveUp.abort();
    expect(await ended).toBe('TransportError');
    expect(new Set(refused)).toEqual(new Set(['network']));
    expect(accepted).toEqual([]);
    open.gate = true;
    const link = await udp.create().dial(address, new AbortController().signal);
    expect(link.path).toBe('udp');
    await expect.poll(() => accepted.length).toBe(1);
  } finally {
    await relay.close();
    await udp.close();
  }
});
