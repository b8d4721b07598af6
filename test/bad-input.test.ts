/** Bad input: a sentence that names what was wrong, an exit code, nothing lost, and the node stays up. */
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import { alicesAddress, befriended, bobsAddress, messages, startPerson } from './harness/people.ts';
import { run, World } from './harness/program.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

test('wrong use exits 2 and names the option; failures exit 1 with a sentence', async () => {
  const data = path.join(world.folder, 'none');
  const cases: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
    [['frobnicate'], 2, /frobnicate/],
    [['send', bobsAddress], 2, /text/i],
    [['up', '--roles', 'king'], 2, /king|roles/],
    [['up', '--listen', 'nowhere'], 2, /listen/],
    [['up', '--relay', 'not-an-address'], 2, /relay|address/i],
    [['send', bobsAddress, 'hello', '--wait', 'sometime'], 2, /wait/],
    [['init', 'not an address'], 2, /address|domain|@/i],
    [['send', bobsAddress, 'hello'], 1, /up|running/],
    [['history', bobsAddress], 1, /up|running/],
  ];
  for (const [args, code, says] of cases) {
    const ran = await run([...args, '--data', data]);
    expect([args, ran.code, ran.stderr]).toEqual([args, code, expect.stringMatching(says)]);
    expect(ran.stderr).not.toMatch(/\n\s+at /); // a sentence, not a stack
  }
});

test('a data folder in use is refused with the process that has it, and that one stays up', async () => {
  const alice = await startPerson(world, alicesAddress);
  const second = await run(['up', '--data', alice.data, '--listen', '127.0.0.1:0']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(String(alice.up?.pid));
  expect(await alice.one('status')).toBeTruthy();
});

test('a wrong passphrase is a sentence, and the right one opens', async () => {
  const right = path.join(world.folder, 'right');
  const wrong = path.join(world.folder, 'wrong');
  writeFileSync(right, 'correct horse battery staple\n', { mode: 0o600 });
  writeFileSync(wrong, 'incorrect horse\n', { mode: 0o600 });
  const data = path.join(world.folder, 'locked');
  const made = await run(['init', alicesAddress, '--data', data, '--passphrase-file', right]);
  expect(made.code).toBe(0);
  const up = ['up', '--data', data, '--listen', '127.0.0.1:0', '--json'];
  const refused = await run([...up, '--passphrase-file', wrong]);
  expect(refused.code).toBe(1);
  expect(`${refused.stdout}${refused.stderr}`).toMatch(/passphrase/);
  const opened = world.stream([...up, '--passphrase-file', right]);
  await opened.until('ready', (lines) => lines.find((line) => line['event'] === 'ready'));
});

test('strangers who speak garbage to every socket leave the node as it was', async () => {
  const { alice, bob, relay } = await befriended(world);
  const garbage = [
    randomBytes(10),
    randomBytes(70_000),
    Buffer.alloc(4096),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ];
  for (const node of [relay, alice, bob]) {
    const at = node.address.slice(node.address.indexOf('@') + 1);
    const [host, port] = [at.slice(0, at.lastIndexOf(':')), Number(at.slice(at.lastIndexOf(':') + 1))];
    for (const bytes of garbage) await poke(host, port, bytes);
  }
  const toBob = bob.listen(0);
  await alice.one('send', bobsAddress, 'still here');
  expect(await messages(toBob, 1)).toEqual(['still here']);
});

function poke(host: string, port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.end(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.setTimeout(3000, () => socket.destroy());
    socket.resume();
  });
}

test('a relay that cannot be reached is named in status, and the message waits', async () => {
  const alice = await startPerson(world, alicesAddress, { relays: [`${'y'.repeat(52)}@127.0.0.1:1`] });
  const status = JSON.stringify(await alice.one('status'));
  expect(status).toContain('127.0.0.1:1');
});

test('a full disk is said in a sentence and loses nothing', async (context) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return context.skip('a small disk of our own needs root on Linux');
  const mount = path.join(world.folder, 'small');
  mkdirSync(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount], { stdio: 'pipe' });
  } catch {
    return context.skip('mounting a tmpfs is not permitted here');
  }
  try {
    const { alice, bob, relay } = await befriended(world);
    const carol = new TestNode(world, 'small/carol', { relays: [relay.address] });
    await carol.init('carol@example.net');
    await carol.start();
    const invite = await alice.one('invite');
    await carol.one('accept', String(invite['link']));
    const kept: string[] = [];
    let full: string | undefined;
    for (let at = 0; full === undefined && at < 200; at += 1) {
      const text = `${at} ${'x'.repeat(30_000)}`;
      const ran = await carol.try('send', alicesAddress, text);
      if (ran.code === 0) kept.push(text);
      else full = `${ran.stdout}${ran.stderr}`;
    }
    expect(full).toMatch(/full|space/i);
    expect(await carol.one('status')).toBeTruthy();
    const history = await carol.do('history', alicesAddress, '--limit', '1000');
    expect(history.map((line) => line['text'])).toEqual(kept);
    expect(bob.up?.pid).toBeGreaterThan(0);
    await carol.kill();
  } finally {
    execFileSync('umount', ['-l', mount]);
  }
});
