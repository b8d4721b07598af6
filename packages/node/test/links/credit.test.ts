// A hostile peer over UDP: hyperdht's own stream, and records of its choice.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Link } from '@mycelium/runtime';
import { HyperDht } from '../../src/declarations/hyperdht.ts';
import { NoiseSecretStream } from '../../src/declarations/secret-stream.ts';
import { creditBytes } from '../../src/links/bounds.ts';
import { createSecretStream } from '../../src/links/secret-stream.ts';
import { NodeTransports } from './subject.ts';

const confirm = Uint8Array.of(1);
let subject: NodeTransports;
let dht: HyperDht;
let mallory: NoiseSecretStream;
let received = 0;
let accepted: Promise<Link>;

beforeEach(async () => {
  subject = new NodeTransports('udp', 0);
  received = 0;
  const bob = subject.create();
  let accept: (link: Link) => void = () => undefined;
  accepted = new Promise((resolve) => (accept = resolve));
  await bob.listen((link) => {
    link.onBytes((bytes) => (received += bytes.length));
    accept(link);
  });
  const keyPair = NoiseSecretStream.keyPair();
  const options = { host: '127.0.0.1', port: [0, 0], anyPort: true, bootstrap: [], nodes: [] } as const;
  dht = new HyperDht({ ...options, keyPair, ephemeral: true });
  const { endpoint } = subject.addressOf(bob);
  if (endpoint === undefined) throw new Error('an address');
  mallory = dht.connect(bob.key, { keyPair, createSecretStream, relayAddresses: [endpoint] });
  mallory.on('error', () => undefined);
  await new Promise((resolve) => mallory.once('open', () => resolve(undefined)));
});

afterEach(async () => {
  mallory.destroy();
  await subject.close();
  await dht.destroy({ force: true });
});

async function closed(): Promise<void> {
  mallory.on('data', () => undefined);
  if (!mallory.destroyed) await new Promise((resolve) => mallory.once('close', () => resolve(undefined)));
}

test('no link is handed over before the dialler has confirmed', async () => {
  let handedOver = false;
  void accepted.then(() => (handedOver = true));
  mallory.write(Uint8Array.of(0, 1, 2, 3));
  await closed();
  expect(handedOver).toBe(false);
});

test.for([
  ['an unknown kind', Uint8Array.of(9)],
  ['a second confirm', confirm],
  ['bytes without bytes', Uint8Array.of(0)],
  ['a grant beyond the limit', Uint8Array.of(2, 1, 0, 0, 0)],
  ['a grant of the wrong size', Uint8Array.of(2, 1)],
] as const)('%s ends the link', async ([, record]) => {
  mallory.write(confirm);
  const link = await accepted;
  const reason = new Promise((resolve) => link.onClose(resolve));
  mallory.write(record);
  expect(await reason).toBe('the peer broke the rules of links over UDP');
});

test('more than the credit while the receiver does not read ends the link', async () => {
  mallory.write(confirm);
  const link = await accepted;
  link.pause();
  const reason = new Promise((resolve) => link.onClose(resolve));
  for (let sent = 0; sent <= creditBytes; sent += 60_000) {
    const record = randomBytes(60_001);
    record[0] = 0;
    mallory.write(record);
  }
  expect(await reason).toBe('the peer broke the rules of links over UDP');
  expect(received).toBeLessThanOrEqual(creditBytes);
});
