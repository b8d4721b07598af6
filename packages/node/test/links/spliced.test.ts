// Two devices that reach nothing but a relay, which joins their links: real sockets, end to end.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createPrimitives,
  createTransport,
  systemClock,
  systemRandomness,
  type NodeTransport,
} from '@mycelium/node';
import { encodeSplice, type PeerAddress } from '@mycelium/protocol';
import {
  serveLink,
  Splices,
  usualServerLimits,
  type Link,
  type ServingBackend,
  type SpliceLimits,
} from '@mycelium/runtime';
import { NodeTransports } from './subject.ts';

const never = new AbortController().signal;
const backend: ServingBackend = { begin: () => ({ perform: () => undefined, end: () => undefined }) };
const primitives = createPrimitives();

let folders: NodeTransports;
const open: NodeTransport[] = [];
/** Everything that goes through the relay. */
let seen: Buffer[] = [];

beforeEach(() => {
  folders = new NodeTransports('unix', 1);
  seen = [];
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
  await folders.close();
});

function transport(listen: boolean): NodeTransport {
  const made = createTransport({
    keySeed: randomBytes(32),
    listen: listen ? [{ host: '127.0.0.1', port: 0 }] : [],
    runtimeFolder: folders.folder(),
  });
  open.push(made);
  return made;
}

async function relay(limits?: Partial<SpliceLimits>): Promise<PeerAddress> {
  const made = transport(true);
  const usual = { most: 512, perKey: 8, answerMs: 60_000, idleMs: 60_000 };
  const surroundings = { clock: systemClock, randomness: systemRandomness };
  const splices = new Splices({ ...surroundings, limits: { ...usual, ...limits } });
  const serving = { ...surroundings, transport: made, primitives, backend, splices };
  await made.listen((link) => {
    const onBytes = link.onBytes.bind(link);
    link.onBytes = (receive) =>
      onBytes((bytes) => {
        seen.push(Buffer.from(bytes));
        receive(bytes);
      });
    serveLink({ ...serving, limits: { ...usualServerLimits, splices: true } }, link, () => undefined);
  });
  return made.addresses[0] ?? { key: made.key };
}

interface Callee {
  readonly transport: NodeTransport;
  readonly links: Link[];
}

/** Says hello at the relay as a client does, and answers when it is called. Echoes. */
async function waitingAt(at: PeerAddress): Promise<Callee> {
  const { createMailAgent } = await import('@mycelium/runtime');
  const made = transport(false);
  const links: Link[] = [];
  await made.listen((link) => {
    links.push(link);
    link.onBytes((bytes) => link.write(Uint8Array.from(bytes)));
  });
  const agent = createMailAgent({
    transport: made,
    clock: systemClock,
    randomness: systemRandomness,
    primitives,
  });
  const nothing = async (): Promise<void> => undefined;
  agent.start({
    framesToSend: () => [],
    lastTaken: () => undefined,
    acknowledged: nothing,
    ahead: nothing,
    received: (_, first) => Promise.resolve(first),
    missing: (_, first) => Promise.resolve(first),
    intake: nothing,
    refused: () => undefined,
    peersChanged: () => undefined,
  });
  const seed = new Uint8Array(32).fill(1);
  const route = new Uint8Array(16).fill(9) as Parameters<typeof agent.follow>[0]['route'];
  agent.follow({
    route,
    readerSeed: seed,
    ownerPublicKey: primitives.ed25519PublicKey(seed),
    peers: [at],
    from: 0,
  });
  await expect.poll(() => agent.peers()[0]?.state).toBe('connected');
  agents.push(agent);
  return { transport: made, links };
}

const agents: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
});

function call(caller: NodeTransport, callee: NodeTransport, via: PeerAddress): Promise<Link> {
  return caller.dialPath({ kind: 'relayed', key: callee.key, endpoints: [], via }, never);
}

test('two devices that only reach a relay have a link, each proved to the other, and the relay sees nothing of it', async () => {
  const at = await relay();
  const bob = await waitingAt(at);
  const alice = transport(false);
  const [path] = alice.paths([{ key: bob.transport.key }], [at]).filter(({ kind }) => kind === 'relayed');
  expect(path).toMatchObject({ via: at });
  const link = await call(alice, bob.transport, at);
  expect(link.path).toBe('relayed');
  const secret = Buffer.from('a secret that the relay must not see');
  const echoed: Buffer[] = [];
  link.onBytes((bytes) => echoed.push(Buffer.from(bytes)));
  link.write(secret);
  await expect.poll(() => Buffer.concat(echoed).toString()).toBe(secret.toString());
  expect(bob.links.map(({ remoteKey }) => Buffer.from(remoteKey))).toEqual([Buffer.from(alice.key)]);
  expect(seen.length).toBeGreaterThan(4);
  expect(Buffer.concat(seen).includes(secret)).toBe(false);
});

test('a megabyte goes through whole, and closing one end closes the other', async () => {
  const at = await relay();
  const bob = await waitingAt(at);
  const link = await call(transport(false), bob.transport, at);
  const sent = randomBytes(1_000_000);
  const echoed: Buffer[] = [];
  const closed = new Promise((resolve) => link.onClose(resolve));
  link.onBytes((bytes) => echoed.push(Buffer.from(bytes)));
  for (let from = 0; from < sent.length; from += 65_536) link.write(sent.subarray(from, from + 65_536));
  await expect.poll(() => echoed.reduce((sum, { length }) => sum + length, 0)).toBe(sent.length);
  expect(Buffer.concat(echoed).equals(sent)).toBe(true);
  bob.links[0]?.close();
  await closed;
});

test('nobody is called who does not wait, and nobody answers for another', async () => {
  const at = await relay();
  const bob = await waitingAt(at);
  const stranger = transport(true);
  await expect(call(transport(false), stranger, at)).rejects.toMatchObject({ code: 'unreachable' });
  const mallory = await transport(false).dial(at, never);
  const closed = new Promise((resolve) => mallory.onClose(resolve));
  mallory.onBytes(() => undefined);
  mallory.write(encodeSplice({ role: 'answer', whom: new Uint8Array(32) }));
  await closed;
  expect(bob.links).toEqual([]);
});

test('one key has so many splices and no more', async () => {
  const at = await relay({ perKey: 2 });
  const bob = await waitingAt(at);
  const alice = transport(false);
  const links = [await call(alice, bob.transport, at), await call(alice, bob.transport, at)];
  await expect(call(alice, bob.transport, at)).rejects.toMatchObject({ code: 'unreachable' });
  const closed = new Promise((resolve) => links[0]?.onClose(resolve));
  links[0]?.onBytes(() => undefined);
  links[0]?.close();
  await closed;
  await expect
    .poll(() =>
      call(alice, bob.transport, at).then(
        ({ path }) => path,
        () => 'none',
      ),
    )
    .toBe('relayed');
});
