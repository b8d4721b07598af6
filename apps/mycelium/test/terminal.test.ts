// What a person sees at a terminal: the first start, passphrases, a conversation.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect } from '../src/connection.ts';
import { runProgram } from '../src/program.ts';
import { Machine, Screen } from './stand-ins/machine.ts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.end());

const alice = 'alice@example.com';
const bob = 'bob@example.com';

function start(screen: Screen, ...args: string[]): Promise<number> {
  return runProgram(args, screen, () => Promise.resolve(machine.daemon));
}

async function stopNode(): Promise<void> {
  const node = await connect(machine.data);
  await node?.call('node.stop', {});
  node?.close();
}

test('the first start asks for an address and tells phrase, link and what to do next', async () => {
  const screen = new Screen(machine.data, true);
  const running = start(screen, 'up', '--listen', '127.0.0.1:0');
  await screen.shows('Passphrase for the messages on this disk');
  screen.type('');
  await screen.shows('Your address: ');
  screen.type('alice');
  await screen.shows('address: it is name@domain.');
  screen.type(alice);
  const shown = await screen.shows('node bin/mycelium.js chat ADDRESS --data');
  expect(shown).toContain('reached at ');
  expect(shown).toContain('12 about');
  expect(shown).toContain('mycelium:invite');
  await stopNode();
  expect(await running).toBe(0);
});

test('the second start says whose node it is', async () => {
  await machine.json('init', alice);
  const screen = new Screen(machine.data, true);
  const running = start(screen, 'up', '--listen', '127.0.0.1:0');
  await screen.shows(`You are ${alice}.`);
  await stopNode();
  expect(await running).toBe(0);
});

test('without a terminal it waits for init and says so', async () => {
  const screen = new Screen(machine.data, false);
  const running = start(screen, 'up', '--listen', '127.0.0.1:0', '--json');
  const told = await screen.shows('waits for');
  expect(told).toContain(`This node waits for: node bin/mycelium.js init ADDRESS --data ${machine.data}`);
  const [ready] = screen.printed.split('\n');
  expect(JSON.parse(ready ?? '')).toEqual({
    event: 'ready',
    addresses: [expect.stringMatching(/^[a-z0-9]{52}@127\.0\.0\.1:\d+$/)],
    api: path.join(machine.data, 'api.sock'),
  });
  await machine.json('init', alice);
  await stopNode();
  expect(await running).toBe(0);
});

test('a store under a passphrase: chosen twice, asked for, wrong, from a file', async () => {
  const first = new Screen(machine.data, true);
  const made = start(first, 'init', alice);
  await first.shows('(empty: their key');
  first.type('correct horse');
  await first.shows('The same again');
  first.type('correct horse');
  expect(await made).toBe(0);
  expect(first.printed + first.told).not.toContain('correct horse');

  expect(await machine.run('init', 'x@example.com', '--json')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"passphrase-needed"') as string,
  });
  const file = path.join(machine.folder, 'passphrase');
  writeFileSync(file, 'wrong horse\n');
  const up = ['up', '--listen', '127.0.0.1:0', '--passphrase-file', file];
  expect(await machine.run(...up)).toMatchObject({
    code: 1,
    stderr: 'The passphrase is wrong. Nothing was changed.\n',
  });
  writeFileSync(file, 'correct horse\nand another line\n');
  const screen = new Screen(machine.data, false);
  const running = start(screen, ...up, '--json');
  await screen.shows('"ready"');
  await stopNode();
  expect(await running).toBe(0);
});

test('two passphrases that differ make nothing', async () => {
  const screen = new Screen(machine.data, true);
  const made = start(screen, 'init', alice);
  await screen.shows('(empty: their key');
  screen.type('one');
  await screen.shows('The same again');
  screen.type('two');
  expect(await made).toBe(1);
  expect(machine.daemon.custody(machine.data)).toBe('none');
});

test('chat shows what was, what comes, and how far own messages are', async () => {
  await machine.json('init', alice);
  await machine.up();
  await machine.json('accept', 'mycelium:invite');
  const { client } = machine;
  client?.receive(bob, 'before');
  const screen = new Screen(machine.data, true);
  const chatting = start(screen, 'chat', bob);
  const shown = await screen.shows('Ctrl-D leaves');
  expect(shown).toContain(`${bob}: before`);
  screen.type('hello Bob');
  await screen.shows('✓ hello Bob');
  client?.receive(bob, 'hello \u001b[2JAlice');
  await screen.shows('hello ␛[2JAlice');
  screen.input.end();
  expect(await chatting).toBe(0);
  expect(client?.sent).toEqual(['hello Bob']);
});

test('chat ends when the node stops, and says why a message was not sent', async () => {
  await machine.json('init', alice);
  const node = await machine.up();
  await machine.json('accept', 'mycelium:invite');
  const screen = new Screen(machine.data, true);
  const chatting = start(screen, 'chat', bob);
  await screen.shows('Ctrl-D leaves');
  await machine.json('contact', 'remove', bob);
  screen.type('hello?');
  await screen.shows('✗ not sent: bob@example.com is not among your contacts.');
  await node.stop();
  expect(await chatting).toBe(0);
  expect(screen.printed).toContain('The conversation ends here: the node has stopped.');
});
