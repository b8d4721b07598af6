// Devices that meet by mDNS: over loopback and a port of their own, so that nothing leaves this machine.
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { bytesToHex, type TransportKey } from '@mycelium/protocol';
import createMdns, { type MulticastDNS } from 'multicast-dns';
import { Nearby } from '../../src/links/nearby.ts';

const port = 20_000 + (process.pid % 20_000);
const interfaces = (): readonly string[] => ['127.0.0.1'];
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

interface Device {
  readonly key: TransportKey;
  readonly nearby: Nearby;
  /** Resolves when somebody was heard at a new place. */
  heard(): Promise<void>;
}

function device(tcpPort: number): Device {
  const key = randomBytes(32) as Uint8Array as TransportKey;
  let times = 0;
  let told: () => void = () => undefined;
  const heard = (): void => {
    times += 1;
    told();
  };
  const nearby = new Nearby({
    key,
    listening: [{ host: '0.0.0.0', port: tcpPort }],
    heard,
    port,
    interfaces,
  });
  open.push(nearby);
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      told = resolve;
      if (times > 0) resolve();
    });
  return { key, nearby, heard: wait };
}

async function listener(): Promise<{ readonly socket: MulticastDNS; readonly packets: string[] }> {
  const socket = createMdns({ port, interface: '127.0.0.1', bind: '0.0.0.0' });
  open.push({ close: () => new Promise((resolve) => socket.destroy(() => resolve())) });
  const packets: string[] = [];
  socket.on('response', (packet) => packets.push(JSON.stringify(packet)));
  await new Promise<void>((resolve) => socket.once('ready', () => resolve()));
  return { socket, packets };
}

test('two who know each other find each other; who does not know the key learns nothing but a tag and a port', async () => {
  const eve = await listener();
  const alice = device(4_001);
  const bob = device(4_002);
  expect(alice.nearby.endpoints(bob.key)).toEqual([]);
  bob.nearby.endpoints(alice.key);
  await Promise.all([alice.heard(), bob.heard()]);
  expect(alice.nearby.endpoints(bob.key)).toEqual([{ host: '127.0.0.1', port: 4_002 }]);
  expect(bob.nearby.endpoints(alice.key)).toEqual([{ host: '127.0.0.1', port: 4_001 }]);
  await expect.poll(() => eve.packets.length).toBeGreaterThan(0);
  const said = eve.packets.join();
  for (const { key } of [alice, bob]) expect(said).not.toContain(bytesToHex(key).slice(0, 16));
  expect(said).not.toContain(process.env['HOSTNAME'] ?? 'no host name');
  for (const packet of eve.packets) {
    const { answers, additionals } = JSON.parse(packet) as {
      answers: { type: string; name: string }[];
      additionals: unknown[];
    };
    expect(answers.map(({ type }) => type)).toEqual(['PTR', 'SRV']);
    expect(answers[1]?.name).toMatch(/^[0-9a-f]{32}\._mycelium\._tcp\.local$/);
    expect(additionals).toEqual([]);
  }
});

test('somebody who was heard before is found when somebody looks for them', async () => {
  const eve = await listener();
  const alice = device(4_001);
  const bob = device(4_002);
  await expect.poll(() => eve.packets.filter((text) => text.includes('4001')).length).toBeGreaterThan(0);
  await expect.poll(() => bob.nearby.endpoints(alice.key)).toEqual([{ host: '127.0.0.1', port: 4_001 }]);
});

test('tags of others, odd names and impossible ports are passed over', async () => {
  const eve = await listener();
  const alice = device(4_001);
  const bob = device(4_002);
  bob.nearby.endpoints(alice.key);
  await bob.heard();
  const service = '_mycelium._tcp.local';
  const srv = (name: string, at: number): void =>
    eve.socket.respond({ answers: [{ name, type: 'SRV', data: { port: at, target: 'x.local' } }] });
  srv(`${'0'.repeat(32)}.${service}`, 9_999);
  srv(`.${service}`, 9_999);
  srv(service, 9_999);
  const [{ name } = { name: '' }] = eve.packets.flatMap((text) =>
    (JSON.parse(text) as { answers: { type: string; name: string }[] }).answers.filter(
      ({ type }) => type === 'SRV',
    ),
  );
  srv(name, 0);
  eve.socket.respond({ answers: [{ name: service, type: 'PTR', data: 'nobody' }] });
  // The last word is a sound one: once it is heard, all of the above have been looked at.
  const last = device(4_003);
  bob.nearby.endpoints(last.key);
  await expect.poll(() => bob.nearby.endpoints(last.key)).toEqual([{ host: '127.0.0.1', port: 4_003 }]);
  expect(bob.nearby.endpoints(alice.key)).toEqual([{ host: '127.0.0.1', port: 4_001 }]);
});
