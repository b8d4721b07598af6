// What the conformance suite cannot know: paths, ports, folders and sockets of this machine.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { mayName, type TransportKey } from '@mycelium/protocol';
import {
  createTransport,
  defaultRuntimeFolder,
  prepareRuntimeFolder,
  type NodeTransport,
} from '../../src/index.ts';
import { firstToOpen } from '../../src/links/race.ts';
import { peerAddresses } from '../../src/links/addresses.ts';
import { socketPath } from '../../src/links/runtime-folder.ts';
import type { TransportOptions } from '../../src/index.ts';
import { NodeTransports } from './subject.ts';

let subject: NodeTransports;
const open: NodeTransport[] = [];
const never = new AbortController().signal;
const key = (byte: number): TransportKey => new Uint8Array(32).fill(byte) as TransportKey;

beforeEach(() => {
  subject = new NodeTransports('unix', 0);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
  await subject.close();
});

function transport(options: Partial<TransportOptions> = {}): NodeTransport {
  const created = createTransport({
    keySeed: randomBytes(32),
    listen: [],
    runtimeFolder: subject.folder(),
    ...options,
  });
  open.push(created);
  return created;
}

const loopback = { host: '127.0.0.1', port: 0 };
const client = { role: 'client', bootstrap: [] } as const;

describe('paths', () => {
  test('the nearest one is taken: the socket, then TCP, then UDP', async () => {
    const folder = subject.folder();
    const bob = transport({ listen: [loopback], runtimeFolder: folder, dht: client });
    await bob.listen(() => undefined);
    const [address] = bob.addresses;
    if (address === undefined) throw new Error('an address');
    const near = await transport({ runtimeFolder: folder, dht: client }).dial(address, never);
    const far = await transport({ dht: client }).dial(address, never);
    const farthest = await transport({ dht: client, paths: ['unix', 'udp'] }).dial(address, never);
    expect([near.path, far.path, farthest.path]).toEqual(['unix', 'tcp', 'udp']);
  });

  test('a key alone is found through a directory node', async () => {
    const node = transport({ listen: [loopback], dht: { role: 'directory', bootstrap: [] } });
    await node.listen(() => undefined);
    const bootstrap = node.addresses.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));
    const bob = transport({ listen: [loopback], dht: { role: 'client', bootstrap } });
    await bob.listen(() => undefined);
    await bob.dht?.fullyBootstrapped();
    const alice = transport({ dht: { role: 'client', bootstrap } });
    const link = await alice.dial({ key: node.key }, never);
    expect(link.path).toBe('udp');
    // Announcing takes a round trip or two after `listen`; a dial that is too early finds nobody.
    await expect.poll(() => alice.dial({ key: bob.key }, never).then((found) => found.path)).toBe('udp');
  });

  test('the second path starts when the first takes 150 ms, the loser is discarded', async () => {
    const discarded: string[] = [];
    let releaseFirst: (value: string) => void = () => undefined;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let begun = 0;
    const winner = firstToOpen({
      candidates: [
        { open: () => new Promise<string>((resolve) => (releaseFirst = resolve)) },
        { open: () => Promise.resolve(`second, of ${(begun += 1)}`) },
      ],
      signal: never,
      discard: (late) => discarded.push(late),
    });
    await vi.advanceTimersByTimeAsync(149);
    expect(begun).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(await winner).toBe('second, of 1');
    releaseFirst('first');
    await Promise.resolve();
    await Promise.resolve();
    expect(discarded).toEqual(['first']);
  });

  test('a path that fails makes the next one start at once, and losers are told to stop', async () => {
    // Time stands still.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let stopped = false;
    const winner = await firstToOpen({
      candidates: [
        { open: () => Promise.reject(new Error('no')) },
        {
          open: (signal) => {
            signal.addEventListener('abort', () => (stopped = true));
            return Promise.resolve('second');
          },
        },
      ],
      signal: never,
      discard: () => undefined,
    });
    expect(winner).toBe('second');
    expect(stopped).toBe(true);
  });
});

describe('listening', () => {
  test('TCP and UDP have one port number', async () => {
    const bob = transport({ listen: [loopback], dht: client });
    await bob.listen(() => undefined);
    const port = bob.addresses[0]?.endpoint?.port;
    expect(bob.dht?.localAddress()?.port).toBe(port);
  });

  test('a port that another program has is refused by name, for TCP and for UDP', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const taken = server.address();
    if (typeof taken !== 'object' || taken === null) throw new Error('a port');
    const overTcp = transport({ listen: [{ host: '127.0.0.1', port: taken.port }] }).listen(() => undefined);
    await expect(overTcp).rejects.toMatchObject({ code: 'address-in-use' });
    await new Promise((resolve) => server.close(resolve));
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(taken.port, '127.0.0.1', resolve));
    const overUdp = transport({ listen: [{ host: '127.0.0.1', port: taken.port }], dht: client }).listen(
      () => undefined,
    );
    await expect(overUdp).rejects.toMatchObject({ code: 'address-in-use' });
    await new Promise<void>((resolve) => socket.close(resolve));
  });

  test('one transport key is used by one program', async () => {
    const [keySeed, runtimeFolder] = [randomBytes(32), subject.folder()];
    await transport({ keySeed, runtimeFolder }).listen(() => undefined);
    const second = transport({ keySeed, runtimeFolder }).listen(() => undefined);
    await expect(second).rejects.toMatchObject({ code: 'address-in-use' });
  });

  test('addresses are what others can dial', () => {
    expect(peerAddresses(key(1), [{ host: '127.0.0.1', port: 5 }])).toEqual([
      { key: key(1), endpoint: { host: '127.0.0.1', port: 5 } },
    ]);
    const outward = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    const everywhere = peerAddresses(key(1), [{ host: '0.0.0.0', port: 5 }]).map(
      ({ endpoint }) => endpoint?.host,
    );
    expect(everywhere).toEqual(outward.length > 0 ? outward : ['127.0.0.1']);
  });

  test('nothing is sent by a transport that nobody is configured for', async () => {
    const bob = transport({ listen: [loopback], dht: client });
    await bob.listen(() => undefined);
    await bob.dht?.fullyBootstrapped();
    expect(bob.dht?.bootstrapNodes).toEqual([]);
    expect(bob.dht?.toArray()).toEqual([]);
    expect(bob.dht).toMatchObject({ stats: { requests: { total: 0 } } });
  });
});

describe('the runtime folder', () => {
  test('is in XDG_RUNTIME_DIR, or else one for each user', () => {
    expect(defaultRuntimeFolder({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/mycelium');
    expect(defaultRuntimeFolder({ XDG_RUNTIME_DIR: 'relative' })).toMatch(/mycelium-\d+$/);
    expect(defaultRuntimeFolder({})).toMatch(/mycelium-\d+$/);
  });

  test('is for the user alone, also when it was there and open to others', async () => {
    const folder = path.join(subject.folder(), 'runtime');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    expect(await prepareRuntimeFolder(folder)).toBe(true);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    writeFileSync(path.join(folder, 'file'), '');
    expect(await prepareRuntimeFolder(path.join(folder, 'file'))).toBe(false);
  });

  test('a socket that nobody listens on any more is replaced, and goes with its transport', async () => {
    const [keySeed, runtimeFolder] = [randomBytes(32), subject.folder()];
    const bob = transport({ keySeed, runtimeFolder });
    const socket = socketPath(runtimeFolder, bob.key);
    if (socket === undefined) throw new Error('a socket path');
    writeFileSync(socket, '');
    await bob.listen(() => undefined);
    expect((await transport({ runtimeFolder }).dial({ key: bob.key }, never)).path).toBe('unix');
    await bob.close();
    expect(existsSync(socket)).toBe(false);
  });

  test('a path too long for a socket leaves the other paths', async () => {
    const bob = transport({
      listen: [loopback],
      runtimeFolder: path.join(subject.folder(), 'x'.repeat(100)),
    });
    await bob.listen(() => undefined);
    expect(bob.addresses).toHaveLength(1);
  });
});

test.for([
  ['198.51.100.1', '192.168.1.1', false],
  ['198.51.100.1', '127.0.0.1', false],
  ['198.51.100.1', '169.254.169.254', false],
  ['198.51.100.1', '100.64.0.1', false],
  ['198.51.100.1', '224.0.0.1', false],
  ['198.51.100.1', '172.32.0.1', true],
  ['198.51.100.1', '203.0.113.9', true],
  ['192.168.1.9', '192.168.1.1', true],
  ['127.0.0.1', '127.0.0.1', true],
] as const)('a node at %s may name %s: %s', ([namer, named, allowed]) => {
  expect(mayName({ host: namer, port: 1 }, { host: named, port: 1 })).toBe(allowed);
});
