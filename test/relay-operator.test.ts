/** A relay as its operator sees it (docs/relay.md): configuration, figures, log, reload, and an end that answers first. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFiles } from '../packages/node/src/relay-store/files.ts';
import { Segment } from '../packages/node/src/relay-store/segment.ts';
import { parseZBase32 } from '../packages/protocol/src/index.ts';
import { found, keyCanaries, type Canary } from './harness/canaries.ts';
import { MailPeer } from './harness/mail-peer.ts';
import { TestNode } from './harness/node.ts';
import { alicesAddress, befriend, bobsAddress, messages, startPerson } from './harness/people.ts';
import { run, World } from './harness/program.ts';

let world: World;
const peers: MailPeer[] = [];
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.end();
  await world.end();
});

function configure(...lines: string[]): string {
  const file = path.join(world.folder, 'relay.toml');
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** Value of the first figure whose name and labels begin so. */
async function figure(relay: TestNode, name: string): Promise<number> {
  const answer = await fetch(relay.metrics ?? '');
  const line = (await answer.text()).split('\n').find((text) => text.startsWith(name));
  return Number(line?.split(' ').at(-1));
}

function logged(relay: TestNode, pattern: RegExp): Promise<string> {
  return (
    relay.up?.until(`${pattern} in the log`, () =>
      relay.up?.stderr.split('\n').find((line) => pattern.test(line)),
    ) ?? Promise.reject(new Error('it does not run'))
  );
}

async function peer(relay: TestNode): Promise<MailPeer> {
  const made = new MailPeer(world.folder);
  peers.push(made);
  return made.connect(relay.address);
}

const log = ['[log]', 'format = "json"', 'level = "debug"'];

test('a configuration is obeyed, its figures are told, a reload changes what can change, and the log gives nobody away', async () => {
  const config = configure('[listen]', 'addresses = ["127.0.0.1:0"]', '[metrics]', 'port = 0', ...log);
  const relay = await new TestNode(world, 'relay', { roles: 'relay', listen: [], config }).start();
  const shared = { relays: [relay.address] };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  await befriend(alice, bob);
  const events = bob.listen(0);
  await alice.one('send', bobsAddress, 'Hello Bob', '--wait', 'stored');
  await messages(events, 1);
  expect(await figure(relay, 'mycelium_relay_append_frames_total{kind="mail",outcome="ok"}')).toBeGreaterThan(
    0,
  );
  expect(await figure(relay, 'mycelium_relay_store_seconds_count')).toBeGreaterThan(0);
  expect(await figure(relay, 'mycelium_relay_connections ')).toBeGreaterThanOrEqual(2);
  expect(await figure(relay, 'mycelium_relay_store_queues ')).toBeGreaterThan(0);
  expect(await figure(relay, 'mycelium_relay_store_bytes_max ')).toBe(20 * 2 ** 30);

  configure('[store]', 'bytes = "20 GB"', '[metrics]', 'port = 0', ...log);
  relay.up?.child.kill('SIGHUP');
  expect(await logged(relay, /not reloaded/)).toContain('line 2, store.bytes: \\"20 GB\\" is not allowed.');
  expect(await figure(relay, 'mycelium_relay_store_bytes_max ')).toBe(20 * 2 ** 30);

  configure('[store]', 'bytes = "1 GiB"', '[access]', 'owners = "listed"', '[metrics]', 'port = 9', ...log);
  relay.up?.child.kill('SIGHUP');
  expect(await logged(relay, /wait for a restart/)).toContain('listen.addresses, metrics.port');
  expect(await figure(relay, 'mycelium_relay_store_bytes_max ')).toBe(2 ** 30);
  expect(await figure(relay, 'mycelium_relay_reloads_total ')).toBe(1);
  expect(await (await peer(relay)).open('owner')).toBe('error not-authorized');

  const { up } = relay;
  await relay.stop();
  const text = up?.stderr ?? '';
  for (const line of text.trim().split('\n')) {
    expect(JSON.parse(line)).toEqual({
      time: expect.any(String),
      level: expect.any(String),
      part: expect.any(String),
      message: expect.any(String),
    });
  }
  expect(text).toContain('stops: ');
  const canaries = [...namesOf([relay, alice, bob]), ...(await routesIn(path.join(relay.data, 'relay')))];
  expect(canaries.length).toBeGreaterThan(20);
  expect(found(canaries, Buffer.from(text))).toEqual([]);
});

/** Names, keys and endpoints of people and nodes. */
function namesOf(nodes: readonly TestNode[]): readonly Canary[] {
  return nodes.flatMap(({ name, addresses }) =>
    addresses.flatMap((address) => {
      const [key = '', endpoint = ''] = address.split('@');
      const hex = Buffer.from(parseZBase32(key) ?? []).toString('hex');
      return [
        ...keyCanaries(`${name}'s key`, hex),
        ...[key, endpoint, `${name}@`].map((text) => ({ name: text, bytes: Buffer.from(text) })),
      ];
    }),
  );
}

/** Every route in a relay's log. */
async function routesIn(folder: string): Promise<readonly Canary[]> {
  const routes = new Set<string>();
  for (const name of (await nodeFiles.list(folder)).filter((file) => file.endsWith('.log'))) {
    const segment = await Segment.open(nodeFiles, path.join(folder, name));
    await segment?.scan(({ route }) => void routes.add(Buffer.from(route).toString('hex')));
    await segment?.close();
  }
  return [...routes].flatMap((route) => keyCanaries(`route ${route}`, route));
}

test('a flood of connections from one address is shed, and mail goes on meanwhile', async () => {
  const config = configure(
    '[connections]',
    'loopback = "counted"',
    'handshakes-per-source-minute = 1',
    '[metrics]',
    'port = 0',
  );
  const relay = await new TestNode(world, 'relay', { roles: 'relay', config }).start();
  const owner = await peer(relay);
  expect(await owner.open('owner')).toBe('opened 0-0');
  const [, port = ''] = /:(\d+)$/.exec(relay.address) ?? [];
  const flood = Array.from({ length: 1_000 }, () => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: '127.0.0.66' });
    return {
      socket,
      closed: new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)),
    };
  });
  owner.append(0, 500);
  await owner.until('the last answer', () => owner.words.includes('stored 499') || undefined);
  // The owner's own connection and one of the flood began a handshake, nobody else.
  await expect.poll(() => figure(relay, 'mycelium_relay_connections_refused_total{reason="rate"}')).toBe(999);
  expect(await figure(relay, 'mycelium_relay_connections_begun_total')).toBe(2);
  expect(await figure(relay, 'mycelium_relay_connections_proved_total')).toBe(1);
  for (const { socket } of flood) socket.destroy();
  await Promise.all(flood.map(({ closed }) => closed));
});

test('a WebSocket inside TLS by the configuration, whose certificate a reload renews', async () => {
  const fixtures = path.join(import.meta.dirname, '../packages/node/test/links/tls');
  const [certificate, key] = [path.join(world.folder, 'chain.pem'), path.join(world.folder, 'key.pem')];
  const install = (name: string): void => {
    copyFileSync(path.join(fixtures, `${name}certificate.pem`), certificate);
    copyFileSync(path.join(fixtures, `${name}key.pem`), key);
  };
  install('');
  const config = configure(
    '[listen]',
    'websocket = ["127.0.0.1:0"]',
    `certificate = ${JSON.stringify(certificate)}`,
    `key = ${JSON.stringify(key)}`,
  );
  const relay = await new TestNode(world, 'relay', { roles: 'relay', config }).start();
  const port = Number(
    relay.addresses.map((text) => /@wss:.*:(\d+)$/.exec(text)?.[1]).find((text) => text !== undefined),
  );
  expect(await nameShown(port)).toBe('relay.example.net');
  writeFileSync(key, 'no key');
  relay.up?.child.kill('SIGHUP');
  await logged(relay, /the certificate was not renewed/);
  expect(await nameShown(port)).toBe('relay.example.net');
  install('renewed-');
  relay.up?.child.kill('SIGHUP');
  await logged(relay, /the certificate was read anew/);
  expect(await nameShown(port)).toBe('renewed.test');
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

test('a configuration with mistakes, or for no relay, is wrong use: nothing starts', async () => {
  const config = configure('[stroe]', 'bytes = "1 GiB"', '[metrics]', 'port = 70000');
  const data = ['--data', path.join(world.folder, 'relay'), '--json'];
  const wrong = await run(['up', '--roles', 'relay', '--config', config, ...data]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain(`${config}: 2 mistakes.`);
  expect(wrong.stderr).toContain('line 1, there is no table "stroe" here.');
  expect(wrong.stderr).toContain(
    'line 4, metrics.port: 70000 is not allowed. It is a whole number from 0 to 65535.',
  );
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'config' } });
  const user = await run(['up', '--roles', 'user', '--config', config, ...data]);
  expect(user).toMatchObject({ code: 2 });
  expect(user.stderr).toContain('--config: it is for the role relay, which --roles leaves out.');
});

test('a backup that is made while a relay runs stands in for it when its disk is gone', async () => {
  const relay = await new TestNode(world, 'relay', { roles: 'relay' }).start();
  const shared = { relays: [relay.address] };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  await befriend(alice, bob);
  await bob.stop();
  await alice.one('send', bobsAddress, 'kept for you', '--wait', 'stored');
  const folder = path.join(world.folder, 'backup');
  const report = await relay.one('relay', 'backup', folder);
  expect(report).toMatchObject({ queues: expect.any(Number), frames: expect.any(Number) });
  expect(await relay.try('relay', 'backup', folder)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the folder has something in it'),
  });
  expect(await alice.try('relay', 'backup', `${folder}2`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('without the role relay'),
  });
  await relay.kill();
  await alice.stop();
  rmSync(path.join(relay.data, 'relay'), { recursive: true });
  const [, port = ''] = /:(\d+)$/.exec(relay.address) ?? [];
  relay.options = { roles: 'relay', store: folder, listen: [`127.0.0.1:${port}`] };
  await relay.start();
  await bob.start();
  expect(await messages(bob.listen(0), 1)).toEqual(['kept for you']);
});

test('a store that a newer program wrote is refused, and the relay does not start', async () => {
  const store = path.join(world.folder, 'mail');
  mkdirSync(store);
  const header = Buffer.alloc(96);
  for (const at of [0, 48]) header.write('mycelium mail 7\0', at, 'latin1');
  writeFileSync(path.join(store, '0000000001.log'), header);
  const args = ['up', '--roles', 'relay', '--listen', '127.0.0.1:0', '--store', pathToFileURL(store).href];
  const ran = await run([...args, '--data', path.join(world.folder, 'relay'), '--json']);
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'store-version' } });
  expect(ran.stderr).toContain('version 7 of the store, and this program knows versions up to 2');
});

test('a relay that is stopped under load answers what it has taken, says so, and has every frame that it answered', async () => {
  const relay = await new TestNode(world, 'relay', { roles: 'relay', listen: ['127.0.0.1:0'] }).start();
  const owner = await peer(relay);
  expect(await owner.open('owner')).toBe('opened 0-0');
  for (let from = 0; from < 20_000; from += 500) owner.append(from, from + 500);
  await owner.until('the first answers', () => owner.words.includes('stored 200') || undefined);
  relay.up?.child.kill('SIGTERM');
  const code = await new Promise((resolve) => relay.up?.child.once('exit', resolve));
  expect(code).toBe(0);
  await owner.until('the end', () => owner.closed);
  expect(owner.words.at(-1)).toBe('error stopping');
  const stored = owner.words.filter((word) => word.startsWith('stored ')).length;
  const again = await new TestNode(world, 'relay', { roles: 'relay', listen: ['127.0.0.1:0'] }).start();
  await owner.connect(again.address);
  const [, next] = /^opened 0-(\d+)$/.exec(await owner.open('owner')) ?? [];
  // Not one answer is missing either: what was on disk was told before the end.
  expect(Number(next)).toBe(stored);
});
