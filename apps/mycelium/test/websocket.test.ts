// The API over WebSocket, and everybody else on this machine who finds its port.
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApiCaller, lineLengthMax, type ApiCaller, type ApiHost } from '@mycelium/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { RunningNode } from '../src/commands/command.ts';
import { openApiWebSocket } from '../src/daemon/api-websocket.ts';
import { Machine } from './stand-ins/machine.ts';

let machine: Machine;
let node: RunningNode;
let port: number;
beforeEach(async () => {
  machine = new Machine();
  node = await machine.up({ apiPort: 0 });
  port = Number(new URL(node.websocket ?? '').port);
});
afterEach(() => machine.end());

const token = (): string => readFileSync(path.join(machine.data, 'api.token'), 'utf8').trim();
const request = (method: string, params: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

interface Opened {
  readonly socket: WebSocket;
  readonly caller: ApiCaller;
}

async function open(at: string | undefined = node.websocket, options: ClientOptions = {}): Promise<Opened> {
  const socket = new WebSocket(at ?? '', options);
  const caller = createApiCaller((line) => socket.send(line));
  socket.on('message', (data: Buffer) => caller.received(data.toString()));
  socket.on('close', () => caller.closed('closed'));
  await once(socket, 'open');
  return { socket, caller };
}

/** The status that an upgrade is refused with, or 101. */
function upgrade(headers: http.OutgoingHttpHeaders, target = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = http.request({
      host: '127.0.0.1',
      port,
      path: target,
      setHost: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Version': '13',
        ...headers,
      },
    });
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.on('response', (answer) => resolve(answer.resume().statusCode));
    asked.on('error', reject);
    asked.end();
  });
}

/** Bytes as they are, and all that comes back. */
async function raw(text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

/** The code that a connection ends with when this is sent over it. */
async function closeCode(send: (socket: WebSocket) => void): Promise<unknown> {
  const { socket } = await open();
  const closed = once(socket, 'close');
  send(socket);
  const [code] = await closed;
  return code;
}

const stillRuns = async (): Promise<void> => {
  expect(await machine.json('status')).toMatchObject([{ websocket: node.websocket }]);
};

test('it is the same contract: calls, refusals, events', async () => {
  const { caller, socket } = await open();
  expect(await caller.call('session.open', { token: token() })).toEqual({ version: '0.1.0' });
  await caller.call('account.create', { address: 'alice@example.com' });
  await caller.call('contacts.add', { address: 'bob@example.com' });
  const event = new Promise((resolve) => {
    caller.onEvent(resolve);
  });
  await caller.call('events.subscribe', {});
  const sent = await caller.call('messages.send', { to: 'bob@example.com', text: 'grüß dich\n' });
  expect(await event).toMatchObject({ event: 'receipt', id: sent.id });
  const { messages } = await caller.call('messages.history', { to: 'bob@example.com' });
  expect(messages).toMatchObject([{ text: 'grüß dich\n' }]);
  await expect(caller.call('messages.history', { to: 'nobody' })).rejects.toMatchObject({
    code: 'unknown-contact',
  });
  expect(await caller.call('node.status', {})).toMatchObject({ websocket: `ws://127.0.0.1:${port}` });
  socket.close();
});

test('without the option nothing listens, and up and status say nothing of it', async () => {
  await node.stop();
  node = await machine.up();
  expect(node.websocket).toBeUndefined();
  const [status] = await machine.json('status');
  expect(status).not.toHaveProperty('websocket');
  const socket = net.connect(port, '127.0.0.1');
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('it listens on 127.0.0.1 and on no other address', async (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux has all of 127/8');
  const socket = net.connect(port, '127.0.0.2');
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a port that is taken is said in a sentence, and nothing is left behind', async () => {
  const other = new Machine();
  await expect(other.up({ apiPort: port })).rejects.toMatchObject({ code: 'address-in-use' });
  expect((await other.run('status')).code).toBe(1);
  await other.end();
});

test.for(['-1', '80', '1023', '65536', '1e4', 'any', ''])('--api-port %s is wrong use', async (text) => {
  expect(await machine.run('up', `--api-port=${text}`)).toMatchObject({ code: 2 });
});

test('Host has to be this very server', async () => {
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
    expect([host, await upgrade({ Host: host })]).toEqual([host, 101]);
  const others = [
    'attacker.example',
    `attacker.example:${port}`,
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${port === 65_535 ? 1 : port + 1}`,
    `127.0.0.1:0${port}`,
    `127.0.0.1.attacker.example:${port}`,
    `localhost.:${port}`,
    `LOCALHOST:${port}`,
    `0.0.0.0:${port}`,
    `[::1]:${port}`,
    `2130706433:${port}`,
    `user@127.0.0.1:${port}`,
    '',
  ];
  for (const host of others) expect([host, await upgrade({ Host: host })]).toEqual([host, 403]);
  const twice = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: attacker.example\r\n\r\n`;
  expect(await raw(twice)).toMatch(/^HTTP\/1\.1 403 /);
  expect(await upgrade({})).toBe(403);
  await stillRuns();
});

test('Origin is left out or of the same host', async () => {
  const host = `127.0.0.1:${port}`;
  expect(await upgrade({ Host: host, Origin: `http://${host}` })).toBe(101);
  const others = [
    'null',
    '',
    'https://attacker.example',
    'http://127.0.0.1',
    `http://localhost:${port}`,
    `https://${host}`,
    `http://${host}/`,
    `http://${host}.attacker.example`,
    `http://attacker.example http://${host}`,
    'chrome-extension://abcdefghijklmnop',
    'file://',
  ];
  for (const origin of others)
    expect([origin, await upgrade({ Host: host, Origin: origin })]).toEqual([origin, 403]);
  expect(await upgrade({ Host: host, Origin: [`http://${host}`, `http://${host}`] })).toBe(403);
  await stillRuns();
});

test('plain HTTP gets nothing but the page (page.test.ts), under strict headers', async () => {
  const own = await raw(`GET /api.token HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  expect(own).toMatch(/^HTTP\/1\.1 404 /);
  const body = request('session.open', { token: token() });
  const foreign = await raw(
    `POST / HTTP/1.1\r\nHost: attacker.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(foreign).toMatch(/^HTTP\/1\.1 403 /);
  const rebound = await raw(
    'GET / HTTP/1.1\r\nHost: attacker.example\r\nUpgrade: websocket\r\n' + 'Connection: Upgrade\r\n\r\n',
  );
  expect(rebound).toMatch(/^HTTP\/1\.1 403 /);
  for (const answer of [own, foreign, rebound]) {
    expect(answer).toContain("Content-Security-Policy: default-src 'none'");
    expect(answer).toContain('X-Content-Type-Options: nosniff');
    expect(answer).toContain('Cache-Control: no-store');
    expect(answer).not.toMatch(/access-control-allow|x-powered-by|^server:/im);
  }
  expect(await raw('\u0000\u0001 no HTTP\r\n\r\n')).not.toContain('101');
  await stillRuns();
});

test('a token in the URL is of no use', async () => {
  const host = `127.0.0.1:${port}`;
  expect(await upgrade({ Host: host }, `/?token=${token()}`)).toBe(404);
  expect(await upgrade({ Host: host }, `http://${host}/`)).toBe(404);
});

test('nothing is done before the token, nor with another', async () => {
  expect(await closeCode((socket) => socket.send(request('node.stop', {})))).toBe(1008);
  const guess = request('session.open', { token: `${token().slice(0, -1)}_` });
  expect(
    await closeCode((socket) => {
      socket.send(guess);
      socket.send(request('node.stop', {}));
    }),
  ).toBe(1008);
  await stillRuns();
});

test('what is too large, or no text, ends that connection alone', async () => {
  expect(await closeCode((socket) => socket.send('x'.repeat(lineLengthMax + 1)))).toBe(1009);
  expect(await closeCode((socket) => socket.send(Buffer.from('{}')))).toBe(1003);
  expect(await closeCode((socket) => socket.send(Uint8Array.of(0xff), { binary: false }))).toBe(1007);
  const fragments = await closeCode((socket) => {
    for (let sent = 0; sent <= 16_384; sent += 1) socket.send('x', { fin: false });
  });
  expect(fragments).toBe(1008);
  await stillRuns();
});

test('a reader that is slow gets every event, in order', async () => {
  const { socket, caller } = await open();
  await caller.call('session.open', { token: token() });
  const text = 'x'.repeat(60_000);
  const count = 200;
  for (let sent = 0; sent < count; sent += 1)
    machine.client?.happen({ event: 'request', from: 'b', fingerprint: '', text });
  const seen: number[] = [];
  const all = new Promise<void>((resolve) => {
    caller.onEvent(({ eventId }) => {
      seen.push(eventId);
      // Stops reading now and then, so that what the node writes piles up.
      if (eventId % 20 === 0) {
        socket.pause();
        setImmediate(() => socket.resume());
      }
      if (eventId === count) resolve();
    });
  });
  await caller.call('events.subscribe', { since: 0 });
  await all;
  expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('a flood of connections without the token keeps nobody out', async () => {
  const silent = Array.from({ length: 200 }, () =>
    net.connect(port, '127.0.0.1').on('error', () => undefined),
  );
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const { caller } = await open();
  await caller.call('session.open', { token: token() });
  const waiting = await Promise.all(Array.from({ length: 40 }, () => open()));
  expect(await caller.call('node.status', {})).toMatchObject({ pid: process.pid });
  // The first of them had to make room.
  for (const socket of silent.slice(0, 150)) {
    if (!socket.closed) await once(socket.resume(), 'close');
  }
  for (const socket of silent) socket.destroy();
  for (const { socket } of waiting) socket.terminate();
});

const trusting: ApiHost = {
  version: '1',
  handlers: {} as never,
  isToken: () => true,
  pair: () => 'x',
  subscribe: () => () => undefined,
  explain: (error) => {
    throw error;
  },
};

test('who does not bring the token in time is let go, and nobody else', async () => {
  const door = await openApiWebSocket(0, trusting, { unprovenMs: 2_000, unprovenMax: 4, provenMax: 2 });
  try {
    const first = await open(door.url);
    await first.caller.call('session.open', { token: 'x' });
    const idle = new WebSocket(door.url).on('error', () => undefined);
    await once(idle, 'close');
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
  } finally {
    await door.close();
  }
});

test('places are bounded', async () => {
  const door = await openApiWebSocket(0, trusting, { unprovenMs: 600_000, unprovenMax: 4, provenMax: 2 });
  try {
    const first = await open(door.url);
    await first.caller.call('session.open', { token: 'x' });
    const second = await open(door.url);
    await second.caller.call('session.open', { token: 'x' });
    await expect(open(door.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
    first.socket.close();
    await once(first.socket, 'close');
    const third = await open(door.url);
    await third.caller.call('session.open', { token: 'x' });
  } finally {
    await door.close();
  }
});

test('connections open and half open do not keep the node from stopping', async () => {
  const { caller, socket } = await open();
  await caller.call('session.open', { token: token() });
  const deaf = await open();
  await deaf.caller.call('session.open', { token: token() });
  deaf.socket.pause();
  const half = net.connect(port, '127.0.0.1').on('error', () => undefined);
  half.write('GET / HTTP/1.1\r\nHost:');
  const [code] = await Promise.all([once(socket, 'close'), node.stop()]).then(([closed]) => closed);
  expect(code).toBe(1001);
  deaf.socket.terminate();
});

test('a remembered node that is no address is left aside, and said', async () => {
  await node.stop();
  for (const text of ['', '{}', '["example.com:1"]', '["127.0.0.1:0"]', 'x'.repeat(5_000), '[5]']) {
    writeFileSync(path.join(machine.data, 'nodes.json'), text);
    machine.log = '';
    node = await machine.up({ offline: false });
    expect(machine.log).toContain('nodes.json');
    await node.stop();
  }
});
