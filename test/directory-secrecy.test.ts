// What a directory node holds, logs and measures (issue 5): the tester knows ten thousand addresses, the node none of them.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPrimitives, createTransport, startDirectory, systemClock } from '@mycelium/node';
import {
  bytesToHex,
  claimLocator,
  claimPeriod,
  parseAddress,
  sealClaim,
  unwrap,
  userIdOf,
  type ClaimWish,
} from '@mycelium/protocol';
import { wishOf } from '../packages/protocol/test/directory/claims.ts';
import { alice as somebody } from '../packages/protocol/test/identity/accounts.ts';
import { TestNode } from './harness/node.ts';
import { alicesAddress, bobsAddress, startPerson } from './harness/people.ts';
import { World } from './harness/program.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const primitives = createPrimitives();
let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

const addressCount = 10_000;
/** Of these claims are published: each takes 10 ms of work. All are looked up or published. */
const publishedCount = 150;
const lookedUpCount = 150;
const addresses = Array.from({ length: addressCount }, (_, number) =>
  unwrap(parseAddress(`person-${number}-of-many@example-${number % 97}.org`)),
);

/** Every form in which somebody could be told, of eight bytes or more, by the first eight. */
class Needles {
  readonly #byHead = new Map<bigint, Uint8Array[]>();

  add(bytes: Uint8Array): void {
    const head = Buffer.from(bytes).readBigUInt64LE(0);
    this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), bytes]);
  }

  addText(text: string): void {
    for (const encoding of ['utf8', 'utf16le'] as const) this.add(Buffer.from(text, encoding));
    this.add(Buffer.from(Buffer.from(text).toString('hex')));
    this.add(Buffer.from(Buffer.from(text).toString('base64').slice(0, -4)));
  }

  addBytes(bytes: Uint8Array): void {
    this.add(bytes);
    this.add(Buffer.from(bytesToHex(bytes)));
    this.add(Buffer.from(Buffer.from(bytes).toString('base64').slice(0, -4)));
  }

  foundIn(haystack: Uint8Array): readonly string[] {
    const bytes = Buffer.from(haystack);
    const found: string[] = [];
    for (let at = 0; at + 8 <= bytes.length; at += 1) {
      for (const needle of this.#byHead.get(bytes.readBigUInt64LE(at)) ?? []) {
        if (bytes.subarray(at, at + needle.length).equals(needle)) found.push(bytesToHex(needle));
      }
    }
    return found;
  }
}

test('ten thousand addresses: none is in any byte of a node’s store or traffic', async () => {
  const nowMs = systemClock.nowMs();
  const period = claimPeriod(nowMs);
  const needles = new Needles();
  for (const address of addresses) {
    needles.addText(address.text);
    needles.addBytes(userIdOf(primitives, address));
  }
  const at = { host: '127.0.0.1', port: 0 };
  const file = path.join(world.folder, 'node.claims');
  const folders = { runtimeFolder: world.folder, listen: [at] };
  const transport = createTransport({
    ...folders,
    keySeed: new Uint8Array(32).fill(1),
    dht: { role: 'directory', bootstrap: [] },
  });
  await transport.listen((link) => link.close());
  if (transport.dht === undefined) throw new Error('a node');
  const node = await startDirectory({ dht: transport.dht, primitives, clock: systemClock, file });
  const traffic = tap(transport.dht);
  const endpoint = transport.addresses[0]?.endpoint ?? at;
  const asking = createTransport({
    ...folders,
    keySeed: new Uint8Array(32).fill(2),
    dht: { role: 'client', bootstrap: [endpoint] },
  });
  await asking.listen((link) => link.close());
  if (asking.dht === undefined) throw new Error('a client');
  const client = await startDirectory({ dht: asking.dht, primitives, clock: systemClock });
  for (const [number, address] of addresses.entries()) {
    const userId = userIdOf(primitives, address);
    const locator = claimLocator(primitives, userId, period);
    if (number < publishedCount) {
      const claim: Partial<ClaimWish> = { userId, period, sequence: nowMs, expiresMs: nowMs + 3_600_000 };
      const record = unwrap(sealClaim(primitives, wishOf(somebody, claim)));
      expect((await client.publish(locator, record)).accepted).toBe(1);
    } else if (number < publishedCount + lookedUpCount) await client.lookUp(locator);
    else needles.add(claimLocator(primitives, userId, period + 1));
  }
  await client.stop();
  await node.stop();
  await asking.close();
  await transport.close();
  const store = readFileSync(file);
  expect(store.length).toBeGreaterThan(publishedCount * 1_000);
  const packets = Buffer.concat(traffic);
  expect(packets.length).toBeGreaterThan(publishedCount * 1_000);
  // What is looked for is found where it is.
  expect(needles.foundIn(Buffer.from(`x${addresses[7_777]?.text}y`)).length).toBeGreaterThan(0);
  expect(needles.foundIn(store)).toEqual([]);
  expect(needles.foundIn(packets)).toEqual([]);
});

/** Everything that comes in, and everything that goes out. */
function tap(dht: object): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  const { io } = dht as { io: { serverSocket: TappedSocket; clientSocket: TappedSocket } };
  for (const socket of new Set([io.serverSocket, io.clientSocket])) {
    socket.on('message', (bytes) => packets.push(Buffer.from(bytes)));
    for (const name of ['send', 'trySend'] as const) {
      const sends = socket[name].bind(socket);
      socket[name] = (bytes, ...rest) => {
        packets.push(Buffer.from(bytes));
        return sends(bytes, ...rest);
      };
    }
  }
  return packets;
}

interface TappedSocket {
  on(event: 'message', heard: (bytes: Uint8Array) => void): void;
  send(bytes: Uint8Array, ...rest: unknown[]): unknown;
  trySend(bytes: Uint8Array, ...rest: unknown[]): unknown;
}

test('at debug level a node’s log, and its metrics, name nobody and nothing that leads to anybody', async () => {
  const config = path.join(world.folder, 'relay.toml');
  writeFileSync(config, '[metrics]\nport = 0\n[log]\nlevel = "debug"\n');
  const node = await new TestNode(world, 'node', { roles: 'relay,directory', config }).start();
  const shared = { bootstrap: [node.address], relays: [node.address] };
  const alice = await startPerson(world, alicesAddress, shared);
  const bob = await startPerson(world, bobsAddress, shared);
  const toBob = bob.listen(0);
  await alice.one('contact', 'add', bobsAddress);
  await toBob.until('a request', (lines) => lines.find((line) => line['event'] === 'request'));
  const metrics = await (await fetch(node.metrics ?? '')).text();
  const { up } = node;
  await node.stop();
  const log = up?.stderr ?? '';
  const needles = new Needles();
  const today = claimPeriod(systemClock.nowMs());
  for (const [person, text] of [
    [alice, alicesAddress],
    [bob, bobsAddress],
  ] as const) {
    const userId = userIdOf(primitives, unwrap(parseAddress(text)));
    needles.addText(text);
    needles.addBytes(userId);
    for (const period of [today - 1, today, today + 1])
      needles.addBytes(claimLocator(primitives, userId, period));
    const [key] = person.address.split('@');
    needles.add(Buffer.from(key ?? ''));
  }
  // The node holds their claims: what it could have said of them it had.
  const records = readFileSync(path.join(node.data, 'directory.claims'));
  expect(records.length).toBeGreaterThan(2_000);
  expect(log.length).toBeGreaterThan(0);
  expect(metrics).toContain('mycelium_');
  expect(needles.foundIn(Buffer.from(log))).toEqual([]);
  expect(needles.foundIn(Buffer.from(metrics))).toEqual([]);
  expect(log).not.toMatch(/[0-9a-f]{32}/);
});
