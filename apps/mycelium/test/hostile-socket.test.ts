// Other programs of this user, or broken ones of ours, at the API's socket.
import net from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lineLengthMax } from '@mycelium/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningNode } from '../src/commands/command.ts';
import { Machine } from './stand-ins/machine.ts';

let machine: Machine;
let node: RunningNode;
beforeEach(async () => {
  machine = new Machine();
  node = await machine.up();
});
afterEach(() => machine.end());

/** Sends bytes as they are and answers everything that came back until the node hung up. */
async function exchange(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = net.connect(node.api);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.on('error', () => undefined);
  for (const piece of pieces) socket.write(piece);
  await closing(socket);
  return answer;
}

/** However it ends. */
function closing(socket: net.Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

const call = (method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`;
const token = (): string => readFileSync(path.join(machine.data, 'api.token'), 'utf8').trim();

test('a browser that is made to speak to the socket gets nothing', async () => {
  const answer = await exchange(
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n',
    call('node.stop', {}),
  );
  expect(answer).not.toContain('"result"');
  expect(await machine.json('status')).toHaveLength(1);
});

test('nothing is done without the token, nor with another', async () => {
  expect(await exchange(call('node.stop', {}))).toContain('not-authenticated');
  expect(await exchange(call('session.open', { token: `${token()}x` }), call('node.stop', {}))).toContain(
    'not-authenticated',
  );
  expect(await machine.json('status')).toHaveLength(1);
});

test('the token is another after each start', async () => {
  const before = token();
  await node.stop();
  node = await machine.up();
  expect(token()).not.toBe(before);
});

test('a line without end, and bytes that are no text, end that connection alone', async () => {
  const piece = 'x'.repeat(1 << 18);
  const pieces = Array.from({ length: lineLengthMax / piece.length + 1 }, () => piece);
  expect(await exchange(...pieces)).toContain('too-large');
  expect(
    await exchange(
      call('session.open', { token: token() }),
      Uint8Array.of(0xff, 0xfe, 0, 10),
      call('session.open', { token: 'no' }),
    ),
  ).toContain('not-json');
  expect(await machine.json('status')).toHaveLength(1);
});

test('connections that say nothing do not keep the node from stopping', async () => {
  const silent = Array.from({ length: 20 }, () => net.connect(node.api));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const closed = silent.map((socket) => closing(socket.resume()));
  await node.stop();
  await Promise.all(closed);
});

test('neither token, phrase, texts nor names are in the log', async () => {
  const [account] = await machine.json('init', 'alice@example.com');
  await machine.json('accept', 'mycelium:invite');
  await machine.json('send', 'bob@example.com', 'the canary sings');
  await machine.run('send', 'nobody@example.com', 'the canary sings');
  await machine.run('history', 'nobody@example.com');
  expect(machine.log).not.toBe('');
  for (const secret of [token(), String(account?.['phrase']), 'canary', 'alice@', 'bob@', 'nobody@'])
    expect(machine.log).not.toContain(secret);
});

test('node.stop stops the node after answering', async () => {
  const answer = await exchange(call('session.open', { token: token() }), call('node.stop', {}));
  expect(answer.trim().split('\n').at(-1)).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  await node.stopped;
  expect(await machine.run('status')).toMatchObject({ code: 1 });
});
