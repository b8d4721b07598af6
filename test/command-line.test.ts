/** The program around the messenger: start and stop, a killed node's folder, the demonstration, what the log tells. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFailed, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import { alicesAddress, befriended, bobsAddress, messages } from './harness/people.ts';
import { run, World } from './harness/program.ts';

const programFile = path.resolve(import.meta.dirname, '../bin/mycelium.js');

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

test('the demonstration shows a conversation, ends well and leaves nothing behind', async () => {
  const temporary = path.join(world.folder, 'tmp');
  mkdirSync(temporary);
  const ran = await run(['demo'], { env: { TMPDIR: temporary, XDG_RUNTIME_DIR: temporary } });
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('Are you there?   ✓ stored at the relay');
  const bobSees = ran.stdout.slice(ran.stdout.indexOf('What Bob sees:')).split('\n').slice(1, 6);
  expect(bobSees.map((line) => line.trim().replace(/^\S+ /, ''))).toEqual([
    'Hello Alice! Nobody between us can read this.',
    'Hello Bob. And nobody runs a server for it.',
    'Are you there?',
    'The relay keeps this until you are back.',
    'Here I am again.',
  ]);
  expect(leftIn(temporary)).toEqual([]);
});

test.for([1, 2])('interrupted %i times, the demonstration leaves nothing behind either', async (times) => {
  const temporary = path.join(world.folder, 'tmp');
  mkdirSync(temporary);
  const demo = world.stream(['demo', '--json'], { env: { TMPDIR: temporary, XDG_RUNTIME_DIR: temporary } });
  await demo.until('a relay', () => demo.lines.length >= 2 || undefined);
  for (let sent = 0; sent < times; sent += 1) demo.child.kill('SIGINT');
  await new Promise((resolve) => demo.child.once('exit', resolve));
  expect(leftIn(temporary).filter((name) => times === 1 || !name.endsWith('.sock'))).toEqual([]);
});

/** Folders and sockets of the demonstration. */
function leftIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.startsWith('mycelium-demo') || name.endsWith('.sock'));
}

test('a node waits for its account without a terminal, and says so', async () => {
  const alice = new TestNode(world, 'alice', { roles: 'user,relay' });
  await alice.start();
  await alice.up?.until(
    'words to people',
    () => /This node waits for: .* init ADDRESS --data /.test(alice.up?.stderr ?? '') || undefined,
  );
  expect(await alice.try('invite')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"no-account"') as string,
  });
  expect(await alice.init(alicesAddress)).toMatchObject({ address: alicesAddress });
  expect(await alice.one('invite')).toMatchObject({ link: expect.stringContaining('mycelium:') as string });
});

test('the folder of a killed node opens again at once', async () => {
  const alice = new TestNode(world, 'alice');
  await alice.init(alicesAddress);
  for (let round = 0; round < 3; round += 1) {
    await alice.start();
    await alice.kill();
    expect(await alice.try('status')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"not-running"') as string,
    });
  }
  await alice.start();
  expect(await alice.one('status')).toMatchObject({ account: { address: alicesAddress } });
});

test('told to stop, a node ends with 0 and takes its socket and token with it', async () => {
  const alice = new TestNode(world, 'alice');
  await alice.start();
  expect(await alice.up?.stop('SIGTERM')).toBe(0);
  expect(readdirSync(alice.data).filter((name) => /^(api|pid)/.test(name))).toEqual([]);
});

test('a node whose wrapper is killed ends in order', async () => {
  const alice = new TestNode(world, 'alice');
  const wrapper = spawn(
    process.execPath,
    [programFile, 'up', '--json', '--data', alice.data, '--listen', '127.0.0.1:0'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // The node writes to it too, so that it ends with the node.
  const ended = once(wrapper.stdout.resume(), 'close');
  await once(wrapper.stdout, 'data');
  const pid = Number((await alice.one('status'))['pid']);
  expect(pid).not.toBe(wrapper.pid);
  onTestFailed(() => void process.kill(pid, 'SIGKILL'));
  wrapper.kill('SIGKILL');
  await ended;
  expect(readdirSync(alice.data).filter((name) => /^(api|pid)/.test(name))).toEqual([]);
});

test('a port in use is a sentence', async () => {
  const alice = new TestNode(world, 'alice');
  await alice.start();
  const port = alice.address.slice(alice.address.lastIndexOf(':') + 1);
  const ran = await run(['up', '--data', path.join(world.folder, 'second'), '--listen', `127.0.0.1:${port}`]);
  expect(ran).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^--listen: .*Choose another port, or 0 for any free one\.\n$/) as string,
  });
});

test('logs tell neither texts, names, links nor keys', async () => {
  const env = { MYCELIUM_LOG: 'debug' };
  const { alice, bob, relay } = await befriended(world);
  for (const node of [alice, bob, relay]) {
    await node.stop();
    node.options = { ...node.options, env };
    await node.start();
  }
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'the canary sings');
  await messages(toBob, 1);
  await alice.try('send', 'nobody@example.com', 'the canary sings');
  await alice.try('accept', 'mycelium:invite/nonsense');
  const logs = [alice, bob, relay].map((node) => node.up?.stderr ?? '');
  for (const log of logs) {
    expect(log).toContain('runs with the roles');
    expect(log).not.toMatch(/canary|alice@|bob@|nobody@|invite\/|[0-9a-f]{32}/);
  }
});
