import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../src/program.ts';
import { Machine, Screen } from './stand-ins/machine.ts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.end());

const alice = 'alice@example.com';
const bob = 'bob@example.com';

test('init without a node opens the data folder for that moment', async () => {
  const [account, ...more] = await machine.json('init', alice);
  expect(Object.keys(account ?? {})).toEqual(['address', 'userId', 'phrase', 'fingerprint']);
  expect(account?.['address']).toBe(alice);
  expect(more).toEqual([]);
  const node = await machine.up();
  expect(node.hasAccount).toBe(true);
});

test('init with a node that waits goes through it', async () => {
  const node = await machine.up();
  expect(node.hasAccount).toBe(false);
  expect(await machine.json('init', alice)).toHaveLength(1);
  const again = await machine.run('init', alice);
  expect(again).toMatchObject({ code: 1, stderr: 'There is an account here already.\n' });
});

test('init prints the phrase once, for people', async () => {
  const ran = await machine.run('init', alice);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('12 about');
  expect(ran.stdout).toContain('It is shown this once');
});

test('init --recover reads the words from standard input', async () => {
  expect(await machine.runWith('', 'init', alice, '--recover')).toMatchObject({ code: 2 });
  expect(await machine.runWith('no such words\n', 'init', alice, '--recover', '--json')).toMatchObject({
    code: 2,
    stdout: '{"error":{"code":"bad-phrase","message":"phrase: its check word is wrong."}}\n',
  });
  const ran = await machine.runWith(
    `  ${'abandon '.repeat(11)}\n about\n`,
    'init',
    alice,
    '--recover',
    '--json',
  );
  expect(ran.code).toBe(0);
});

test('global options may stand before or after the command, and MYCELIUM_DATA is the default', async () => {
  await machine.json('init', alice);
  await machine.up();
  for (const args of [
    ['--json', '--data', machine.data, 'contact', 'list'],
    ['contact', '--json', 'list', `--data=${machine.data}`],
    ['contact', 'list', '--json'],
  ]) {
    expect(await machine.run(...args)).toMatchObject({ code: 0, stdout: '' });
  }
  expect(await machine.run('status', '--data', path.join(machine.folder, 'other'))).toMatchObject({
    code: 1,
  });
});

test('contacts: the whole life of one', async () => {
  await machine.json('init', alice);
  await machine.up();
  const [invite] = await machine.json('invite', '--uses', '1', '--expires', '7d', '--label', 'Bob');
  expect(invite).toEqual({
    id: '01',
    link: 'mycelium:invite',
    label: 'Bob',
    usesLeft: 1,
    expires: 1_700_000_000_000 + 7 * 86_400_000,
    made: 1_700_000_000_000,
    state: 'open',
    used: 0,
    guests: [],
  });
  expect(await machine.json('accept', 'mycelium:invite')).toMatchObject([
    { address: bob, state: 'accepted' },
  ]);
  const [shown] = await machine.json('contact', 'show', bob);
  expect(shown).toMatchObject({
    address: bob,
    trust: 'pinned',
    safetyNumber: '12345 67890',
    fingerprint: 'four five six',
    state: 'accepted',
  });
  expect(await machine.run('contact', 'verify', bob, '--number', '1', '--json')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"number-differs"') as string,
  });
  expect(await machine.json('contact', 'verify', bob, '--number', '12345 67890')).toMatchObject([
    { trust: 'verified' },
  ]);
  expect(await machine.json('contact', 'policy', bob, 'relays-only')).toMatchObject([
    { policy: 'relays-only' },
  ]);
  expect(await machine.run('contact', 'policy', bob, 'sometimes')).toMatchObject({ code: 2 });
  expect(await machine.json('contact', 'block', bob)).toMatchObject([{ state: 'blocked' }]);
  expect(await machine.json('contact', 'accept', bob)).toMatchObject([{ state: 'accepted' }]);
  expect(await machine.json('contact', 'add', 'carol@example.com', '--message', 'It is me')).toMatchObject([
    { state: 'pending' },
  ]);
  expect((await machine.json('contact', 'list')).map(({ address }) => address)).toEqual([
    bob,
    'carol@example.com',
  ]);
  expect(await machine.json('contact', 'remove', bob)).toEqual([{ address: bob, removed: true }]);
  expect(await machine.run('contact', 'show', bob)).toMatchObject({
    code: 1,
    stderr: `${bob} is not among your contacts.\n`,
  });
  expect(await machine.run('contact', 'add', 'nobody@example.com')).toMatchObject({ code: 1 });
});

test('send ends once the message is here, stored or delivered, as asked', async () => {
  await machine.json('init', alice);
  await machine.up();
  await machine.json('accept', 'mycelium:invite');
  expect(await machine.json('send', bob, 'one')).toMatchObject([{ state: 'queued' }]);
  expect(await machine.json('send', bob, 'two', '--wait', 'stored')).toMatchObject([{ state: 'stored' }]);
  const waiting = machine.json('send', bob, 'three', '--wait', 'delivered');
  const client = machine.client!;
  client.subscribe(undefined, (event) => {
    if (event.event === 'receipt' && event.state === 'stored')
      setImmediate(() =>
        client.happen({
          event: 'receipt',
          id: event.id,
          conversation: event.conversation,
          state: 'delivered',
        }),
      );
  });
  expect(await waiting).toMatchObject([{ state: 'delivered' }]);
  expect(await machine.runWith('four\nlines\n', 'send', bob, '-')).toMatchObject({ code: 0 });
  expect(await machine.run('send', bob, '--', '--five')).toMatchObject({ code: 0 });
  expect(client.sent).toEqual(['one', 'two', 'three', 'four\nlines', '--five']);
});

test('send gives up waiting and says how far the message is', async () => {
  await machine.json('init', alice);
  await machine.up();
  await machine.json('accept', 'mycelium:invite');
  const ran = await machine.run('send', bob, 'hello', '--wait', 'delivered', '--timeout', '0.2', '--json');
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    error: {
      code: 'timeout',
      message: expect.stringMatching(/^It is not delivered after 0\.2 s, only stored\./) as string,
    },
  });
});

test('history is oldest first, and --limit takes the newest', async () => {
  await machine.json('init', alice);
  await machine.up();
  await machine.json('accept', 'mycelium:invite');
  for (let count = 0; count < 1201; count += 1) machine.client?.receive(bob, `number ${count}`);
  const texts = async (...args: string[]): Promise<unknown[]> =>
    (await machine.json('history', bob, ...args)).map(({ text }) => text);
  expect(await texts('--limit', '2')).toEqual(['number 1199', 'number 1200']);
  expect(await texts()).toHaveLength(100);
  const all = await texts('--limit', '5000');
  expect(all).toHaveLength(1201);
  expect([all[0], all.at(-1)]).toEqual(['number 0', 'number 1200']);
  const [first] = await machine.json('history', bob, '--limit', '1');
  expect(first).toMatchObject({ from: bob, text: 'number 1200', state: 'received' });
});

test('listen prints what was missed, then what comes, until the node stops', async () => {
  await machine.json('init', alice);
  const node = await machine.up();
  await machine.json('accept', 'mycelium:invite');
  const { client } = machine;
  client?.receive(bob, 'missed');
  client?.addRequest('carol@example.com', 'please');
  const screen = new Screen(machine.data, false);
  const listening = runProgram(['listen', '--since', '1', '--json'], screen, () =>
    Promise.resolve(machine.daemon),
  );
  await screen.shows('please');
  client?.receive(bob, 'live');
  await screen.shows('live');
  await node.stop();
  expect(await listening).toBe(1);
  const lines = screen.printed
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual([
    {
      eventId: 2,
      time: 1_700_000_000_000,
      event: 'request',
      from: 'carol@example.com',
      fingerprint: 'f',
      text: 'please',
    },
    expect.objectContaining({ eventId: 3, event: 'message', from: bob, text: 'live', kind: 'text' }),
    { error: { code: 'node-stopped', message: 'Nothing more comes: the node has stopped.' } },
  ]);
});

test('relays are named, listed with how they do, and taken away', async () => {
  const [first, second] = ['a'.repeat(52), 'b'.repeat(52)].map((key) => `${key}@127.0.0.1:4000`);
  if (first === undefined || second === undefined) throw new Error('two addresses');
  await machine.json('init', alice);
  await machine.up();
  await machine.json('relay', 'add', first);
  await machine.json('relay', 'add', second);
  expect(machine.client?.relays).toEqual([first, second]);
  expect(await machine.json('relay', 'list')).toMatchObject([
    { address: first, use: 'account', named: true, state: 'there', rttMs: 12, loadPercent: 3 },
    { address: second },
  ]);
  const { stdout } = await machine.run('relay', 'list');
  expect(stdout).toContain(`mail kept at  ${first}`);
  expect(stdout).toContain('12.0 ms, 3 % full; named by you');
  await machine.json('relay', 'remove', 'a'.repeat(52));
  expect(machine.client?.relays).toEqual([second]);
  expect(await machine.run('relay', 'remove', first)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is none of your relays') as string,
  });
});

test('status tells what the node does', async () => {
  await machine.json('init', alice);
  await machine.up();
  const [status] = await machine.json('status');
  expect(status).toMatchObject({
    version: '0.1.0',
    pid: process.pid,
    roles: ['user'],
    data: machine.data,
    account: { address: alice },
  });
  expect((await machine.run('status')).stdout).toContain(`account       ${alice}`);
});

const wrong: readonly (readonly [string, readonly string[], string])[] = [
  ['an unknown command', ['sned'], "unknown command 'sned'"],
  ['an unknown option', ['status', '--wat'], "unknown option '--wat'"],
  ['a missing argument', ['send', bob], "missing required argument 'text'"],
  ['an argument too many', ['status', 'more'], 'too many arguments'],
  ['an empty text', ['send', bob, ''], 'TEXT: there is nothing to send.'],
  ['a state that is none', ['send', bob, 'x', '--wait', 'read'], 'Allowed choices are stored, delivered'],
  ['a timeout of nothing', ['send', bob, 'x', '--timeout', '0'], '--timeout'],
  ['a limit of nothing', ['history', bob, '--limit', '0'], '--limit'],
  ['an id with letters', ['listen', '--since', 'x'], '--since'],
  ['a duration without unit', ['invite', '--expires', '7'], '90s, 30m, 12h, 7d or 2w'],
  ['a duration without end', ['invite', '--expires', '99999999w'], 'params'],
  ['no uses', ['invite', '--uses', '0'], '--uses'],
  ['a role that is none', ['up', '--roles', 'user,king'], '--roles'],
  ['a store of another kind', ['up', '--store', 'postgres://x'], '--store'],
  ['an address that is none', ['init', 'alice'], 'address'],
  ['a link that is none', ['accept', 'https://example.com'], 'link'],
  ['no number', ['contact', 'verify', bob, '--number'], '--number'],
];

test.for(wrong)('%s is wrong use: exit 2 and a sentence', async ([, args, words]) => {
  await machine.up();
  const ran = await machine.run(...args, ...(args.includes('--json') ? [] : ['--json']));
  expect(ran.code).toBe(2);
  const { error } = JSON.parse(ran.stdout) as { error: { code: string; message: string } };
  expect(words === 'params' ? 'params' : error.message).toContain(words);
  expect(ran.stderr).toBe(`${error.message}\n`);
});

test('without a node, commands say how to start one', async () => {
  const ran = await machine.run('send', bob, 'hi', '--json');
  expect(ran).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"not-running"') as string,
    stderr: `No node runs on the data folder ${machine.data}. Start one with: node bin/mycelium.js up --data ${machine.data}\n`,
  });
});

test('a data folder where none can be made is a sentence', async () => {
  if (process.platform !== 'linux') return;
  machine.data = '/proc/mycelium/data';
  const ran = await machine.run('init', 'alice@example.com', '--json');
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('"data-folder"');
  expect(ran.stderr).toBe(
    '/proc/mycelium/data could not be made there. Choose another data folder with --data.\n',
  );
});

test.for([
  ['an address of another machine', '192.0.2.254:0', 'this machine does not have that address'],
  ['a host that is none', 'nowhere.invalid:0', 'host'],
] as const)('to listen at %s is refused in a sentence', async ([, address, words]) => {
  const ran = await machine.run('up', '--roles', 'relay', '--listen', address);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/^--listen: .*\. Choose another HOST:PORT\.\n$/);
  expect(ran.stderr).toContain(words);
});

test('help tells defaults in the units that are typed, and the options of every command', async () => {
  const send = await machine.run('send', '--help');
  expect(send.stdout).toContain('default: 60)');
  expect(send.stdout).toContain('--data <dir>');
  const up = await machine.run('up', '--help');
  expect(up.stdout.replaceAll(/\s+/g, ' ')).toContain('(default: user,relay,directory)');
});

test('a node without the role user says so', async () => {
  await machine.up({ roles: ['relay'] });
  expect(await machine.run('invite')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('without the role user') as string,
  });
});

test('everything in the data folder is its owner’s alone', async () => {
  if (process.platform === 'win32') return;
  mkdirSync(machine.data, { mode: 0o755 });
  await machine.up();
  expect(statSync(machine.data).mode & 0o777).toBe(0o700);
  for (const name of ['api.sock', 'api.token', 'store.key', 'store.db', 'lock']) {
    expect.soft(statSync(path.join(machine.data, name)).mode & 0o077, name).toBe(0);
  }
});

test('a data folder in use is a sentence with the process that has it', async () => {
  await machine.up();
  await expect(machine.up()).rejects.toMatchObject({
    code: 'in-use',
    message: expect.stringContaining(`in use by process ${process.pid}`) as string,
  });
});

test('a data folder with a long path has its socket elsewhere', async () => {
  machine.data = path.join(machine.folder, 'long'.repeat(30));
  const node = await machine.up();
  expect(node.api.startsWith(machine.data)).toBe(false);
  expect(readFileSync(path.join(machine.data, 'api.path'), 'utf8').trim()).toBe(node.api);
  expect(await machine.json('status')).toHaveLength(1);
});

test('a file in place of the folder is a sentence', async () => {
  writeFileSync(machine.data, 'a file');
  expect(await machine.run('init', alice)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(machine.data) as string,
  });
});

test('what a contact writes cannot drive the terminal', async () => {
  await machine.json('init', alice);
  await machine.up();
  await machine.json('accept', 'mycelium:invite');
  machine.client?.receive(bob, 'red\u001b[31m \u009b2J \u202egnp.exe\r\nalice@example.com: forged');
  // oxlint-disable-next-line no-control-regex
  const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
  const text = (await machine.run('history', bob)).stdout;
  expect(text).not.toMatch(harmful);
  expect(text).toContain('red␛[31m <U+009B>2J <U+202E>gnp.exe\n    alice@example.com: forged');
  const json = (await machine.run('history', bob, '--json')).stdout;
  expect(json).not.toMatch(harmful);
  expect(JSON.parse(json)).toMatchObject({
    text: 'red\u001b[31m \u009b2J \u202egnp.exe\r\nalice@example.com: forged',
  });
});

test('a store without its key is not begun again', async () => {
  await machine.json('init', alice);
  rmSync(path.join(machine.data, 'store.key'));
  expect(await machine.run('init', alice)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /store\.key is missing, and without it .*store\.db cannot be opened\. Put back a copy\./,
    ) as string,
  });
});
