// The page's door: where it listens, who is let in, and what is answered to whom.
import http from 'node:http';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { createApiCaller, type ApiCaller } from '@mycelium/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Browsers } from '../src/daemon/browsers.ts';
import { PairingCodes, codeLifeMs } from '../src/daemon/pairing-code.ts';
import { Machine } from './stand-ins/machine.ts';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.end());

interface Access {
  readonly url: string;
  readonly code: string;
}
const open = async (): Promise<Access> => (await machine.json('page'))[0] as unknown as Access;

async function connect(url: string): Promise<{ readonly socket: WebSocket; readonly caller: ApiCaller }> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { origin: new URL(url).origin });
  const caller = createApiCaller((line) => socket.send(line));
  socket.on('message', (data: Buffer) => caller.received(data.toString()));
  socket.on('close', () => caller.closed('closed'));
  await once(socket, 'open');
  return { socket, caller };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

function ask(url: string, options: http.RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = http.request(url, options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('nothing listens until the page is asked for; from then on the port stays', async () => {
  const node = await machine.up();
  expect(node.websocket).toBeUndefined();
  const { url } = await open();
  expect((await open()).url).toBe(url);
  await node.stop();
  const again = await machine.up();
  expect(again.websocket).toBe(url.replace(/^http/, 'ws').replace(/\/$/, ''));
  await machine.json('page', 'off');
  await expect(ask(url)).rejects.toThrow(/ECONNREFUSED/);
  await again.stop();
  expect((await machine.up()).websocket).toBeUndefined();
});

test('a code pairs one browser; its token opens sessions until it is forgotten', async () => {
  await machine.up();
  const { url, code } = await open();
  const first = await connect(url);
  const { token } = await first.caller.call('session.pair', { code, name: 'Firefox' });
  const second = await connect(url);
  await expect(second.caller.call('session.pair', { code, name: 'again' })).rejects.toMatchObject({
    code: 'wrong-code',
  });
  const third = await connect(url);
  await third.caller.call('session.open', { token });
  const [browser] = await machine.json('page', 'browsers');
  expect(browser).toMatchObject({ name: 'Firefox' });
  const ended = Promise.all([once(first.socket, 'close'), once(third.socket, 'close')]);
  await machine.json('page', 'forget', String(browser?.['id']));
  await ended;
  const fourth = await connect(url);
  await expect(fourth.caller.call('session.open', { token })).rejects.toMatchObject({
    code: 'not-authenticated',
  });
  expect(await machine.json('page', 'browsers')).toEqual([]);
});

test('what is kept of a browser opens nothing, and is its owner’s alone', async () => {
  await machine.up();
  const { url, code } = await open();
  const { caller } = await connect(url);
  const { token } = await caller.call('session.pair', { code, name: 'Firefox' });
  const file = path.join(machine.data, 'browsers.json');
  expect(readFileSync(file, 'utf8')).not.toContain(token);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(machine.log).not.toContain(token);
  expect(machine.log).not.toContain(code);
});

test('five wrong codes end the right one', () => {
  let nowMs = 0;
  const codes = new PairingCodes(() => nowMs);
  const { text } = codes.make();
  for (let tries = 0; tries < 4; tries += 1) expect(codes.use('00000000x')).toBe(false);
  expect(codes.use(` ${text.replace('-', ' ')}`)).toBe(true);
  expect(codes.use(text)).toBe(false);
  const next = codes.make().text;
  for (let tries = 0; tries < 5; tries += 1) expect(codes.use('wrong')).toBe(false);
  expect(codes.use(next)).toBe(false);
  const late = codes.make().text;
  nowMs += codeLifeMs;
  expect(codes.use(late)).toBe(false);
});

test('of too many browsers the oldest leaves; a damaged file has paired nobody', () => {
  const file = path.join(machine.folder, 'browsers.json');
  const browsers = new Browsers(file);
  const tokens = Array.from({ length: 17 }, (_, at) => browsers.add(`browser ${at}`, at));
  expect(tokens.map((token) => new Browsers(file).isToken(token))).toEqual([
    false,
    ...Array.from({ length: 16 }, () => true),
  ]);
  expect(existsSync(file)).toBe(true);
  for (const text of ['', '{', '{"version":1,"browsers":[{}]}', '{"version":2,"browsers":[]}']) {
    const other = path.join(machine.folder, 'damaged.json');
    writeFileSync(other, text);
    expect(new Browsers(other).list()).toEqual([]);
  }
});

test('the page comes under a strict policy, to names of this machine only', async () => {
  await machine.up();
  const { url } = await open();
  const page = await ask(url);
  expect([200, 503]).toContain(page.status);
  expect(page.headers['content-security-policy']).toMatch(/default-src 'none'/);
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  if (page.status === 200) {
    expect(page.headers['content-security-policy']).toMatch(/require-trusted-types-for 'script'/);
    expect((await ask(url, { method: 'HEAD' })).body).toBe('');
  }
  expect((await ask(url, { headers: { host: 'evil.example' } })).status).toBe(403);
  expect((await ask(url, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  expect((await ask(url, { method: 'POST' })).status).toBe(405);
  for (const name of ['../package.json', '%2e%2e/package.json', 'api.token', '.stamp'])
    expect((await ask(`${url}${name}`)).status).toBe(404);
});
