import { expect, test } from 'vitest';
import {
  ApiClosedError,
  lineLengthMax,
  methods,
  pendingLengthMax,
  requestsPendingMax,
  textLengthMax,
} from '@mycelium/api';
import { join, token, type Joined, TestHost } from './host.ts';

async function opened(host = new TestHost()): Promise<Joined> {
  const joined = join(host);
  await joined.caller.call('session.open', { token });
  joined.lines.length = 0;
  return joined;
}

/** Sends a line as it is and answers the error in the one line that comes back. */
async function refusalOf(joined: Joined, line: string): Promise<unknown> {
  const before = joined.lines.length;
  joined.connection.received(`${line}\n`);
  for (let turn = 0; turn < 10 && joined.lines.length === before; turn += 1) await Promise.resolve();
  expect(joined.lines).toHaveLength(before + 1);
  const { id, error } = JSON.parse(joined.lines.at(-1) ?? '') as {
    id: unknown;
    error: { code: number; message: string; data: object };
  };
  return { id, number: error.code, message: error.message, ...error.data };
}

const request = (method: string, params: unknown, id: unknown = 7): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

test('a call is answered with a checked result', async () => {
  const { caller } = await opened();
  const sent = await caller.call('messages.send', { to: 'bob@example.com', text: 'grüß dich\n\u0000' });
  expect(sent).toMatchObject({ text: 'grüß dich\n\u0000', state: 'queued' });
  expect((await caller.call('contacts.list', {})).contacts).toHaveLength(1);
});

test('without the token nothing is done, and the connection ends', async () => {
  for (const line of [request('node.stop', {}), request('session.open', { token: 'guess' })]) {
    const joined = join();
    expect(await refusalOf(joined, line)).toMatchObject({ id: 7, code: 'not-authenticated' });
    expect(joined.closed).toBe(true);
    joined.connection.received(`${request('session.open', { token })}\n`);
    expect(joined.lines).toHaveLength(1);
  }
});

test('refusals by the daemon keep their code and sentence', async () => {
  const { caller } = await opened();
  await expect(caller.call('node.status', {})).rejects.toMatchObject({
    code: 'no-account',
    message: 'There is no account here yet.',
  });
});

test('a bug is told as internal, without its text', async () => {
  const { caller, host } = await opened();
  await expect(caller.call('messages.history', { to: 'bob' })).rejects.toMatchObject({
    code: 'internal',
    message: expect.not.stringContaining('secret') as string,
  });
  expect(host.explained).toHaveLength(1);
});

const badLines: readonly (readonly [string, string, string, string])[] = [
  ['no JSON', '{"jsonrpc"', 'not-json', 'not JSON'],
  ['a batch', '[]', 'bad-request', 'Batches'],
  ['a number', '5', 'bad-request', 'must be an object'],
  ['another version', '{"jsonrpc":"1.0","id":1,"method":"x"}', 'bad-request', 'jsonrpc: must be "2.0"'],
  ['no method', '{"jsonrpc":"2.0","id":1}', 'bad-request', 'method: is missing'],
  [
    'parameters by position',
    '{"jsonrpc":"2.0","id":1,"method":"node.status","params":[1]}',
    'bad-request',
    'params: must be an object',
  ],
  [
    'a fractional id',
    '{"jsonrpc":"2.0","id":1.5,"method":"node.status"}',
    'bad-request',
    'id: must be a whole number',
  ],
  [
    'a field too many',
    '{"jsonrpc":"2.0","id":1,"method":"node.status","extra":1}',
    'bad-request',
    'extra: is not a known field',
  ],
  ['an unknown method', request('toString', {}), 'no-such-method', 'method:'],
  ['__proto__ as a method', request('__proto__', {}), 'no-such-method', 'method:'],
  ['a missing field', request('messages.send', { to: 'bob' }), 'bad-params', 'text: is missing'],
  [
    'a field of another type',
    request('messages.send', { to: 'bob', text: 5 }),
    'bad-params',
    'text: must be text',
  ],
  [
    'an empty text',
    request('messages.send', { to: 'bob', text: '' }),
    'bad-params',
    'text: must not be empty',
  ],
  [
    'a long text',
    request('messages.send', { to: 'bob', text: 'x'.repeat(textLengthMax + 1) }),
    'bad-params',
    `text: must have at most ${textLengthMax} characters`,
  ],
  [
    'a number out of range',
    request('messages.history', { to: 'bob', limit: 0 }),
    'bad-params',
    'limit: must be a whole number from 1 to 1000',
  ],
  ['a fraction', request('events.subscribe', { since: 1.5 }), 'bad-params', 'since: must be a whole number'],
  [
    'an id with other letters',
    request('messages.show', { id: '../../etc' }),
    'bad-params',
    'id: must be an id in lower-case hexadecimal',
  ],
  [
    'something in a list',
    request('account.relays', { relays: ['a', 5] }),
    'bad-params',
    'relays.1: must be text',
  ],
];

test.for(badLines)('%s is refused by name of field and rule', async ([, line, code, words]) => {
  const joined = await opened();
  const refusal = (await refusalOf(joined, line)) as { message: string };
  expect(refusal).toMatchObject({ code });
  expect(refusal.message).toContain(words);
  expect(joined.closed).toBe(false);
  expect(await refusalOf(joined, request('node.status', {}))).toMatchObject({ code: 'no-account' });
});

test('__proto__ as a field is nothing but a name', async () => {
  const joined = await opened();
  const line =
    '{"jsonrpc":"2.0","id":1,"method":"contacts.show","params":{"address":"bob","__proto__":{"address":5}}}';
  joined.connection.received(`${line}\n`);
  await new Promise((resolve) => setImmediate(resolve));
  expect(joined.lines).toHaveLength(1);
  expect(Object.hasOwn(Object.prototype, 'address')).toBe(false);
});

test('requests may come in pieces, and several in one', async () => {
  const joined = await opened();
  const text = `${request('contacts.list', {}, 'a')}\n\n${request('contacts.list', {}, 'b')}\n`;
  for (const letter of text) joined.connection.received(letter);
  await new Promise((resolve) => setImmediate(resolve));
  expect(joined.lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['a', 'b']);
});

test('a line without an end is cut off at the bound', async () => {
  const joined = await opened();
  const piece = 'x'.repeat(65_536);
  for (let sent = 0; sent <= lineLengthMax; sent += piece.length) joined.connection.received(piece);
  expect(joined.closed).toBe(true);
  expect(joined.lines.join('')).toContain('too-large');
  joined.connection.received(piece);
});

test('over a channel that keeps messages apart, one message is one request', async () => {
  const joined = await opened();
  const pretty = JSON.stringify(JSON.parse(request('contacts.list', {}, 'a')), undefined, 2);
  joined.connection.receivedMessage(pretty);
  joined.connection.receivedMessage(
    `${request('contacts.list', {}, 'b')}\n${request('contacts.list', {}, 'c')}`,
  );
  await new Promise((resolve) => setImmediate(resolve));
  const answers = joined.lines.map((line) => JSON.parse(line) as { id: unknown; error?: { data: object } });
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(['a', null]));
  expect(answers.find(({ id }) => id === null)?.error?.data).toEqual({ code: 'not-json' });
  joined.connection.receivedMessage('x'.repeat(lineLengthMax + 1));
  expect(joined.closed).toBe(true);
  expect(joined.lines.at(-1)).toContain('too-large');
});

/** A host whose answers to messages.send wait until they are let go. */
function slowHost(): { host: TestHost; begun: number[]; letGo: (count: number) => void } {
  const host = new TestHost();
  const begun: number[] = [];
  const waiting: (() => void)[] = [];
  const { 'messages.send': send } = host.handlers;
  Object.assign(host.handlers, {
    'messages.send': async (wish: Parameters<typeof send>[0]) => {
      begun.push(Number(wish.text));
      await new Promise<void>((resolve) => waiting.push(resolve));
      return send(wish);
    },
  });
  return { host, begun, letGo: (count) => waiting.splice(0, count).forEach((go) => go()) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('whoever asks faster than is answered is read no further: 100,000 requests are answered once each, and few are open', async () => {
  const { host, begun, letGo } = slowHost();
  const joined = await opened(host);
  const [all, perPiece] = [100_000, 500];
  let [sent, answered, openMax] = [0, 0, 0];
  joined.lines.length = 0;
  while (answered < all) {
    // What a socket does: nothing is handed over while it is paused.
    while (!joined.paused && sent < all) {
      const piece = Array.from({ length: perPiece }, (_, at) =>
        request('messages.send', { to: 'bob', text: String(sent + at) }, sent + at),
      );
      sent += perPiece;
      joined.connection.received(`${piece.join('\n')}\n`);
    }
    openMax = Math.max(openMax, begun.length - answered);
    expect(sent - answered).toBeLessThanOrEqual(requestsPendingMax + perPiece);
    letGo(300);
    await turn();
    answered += joined.lines.splice(0).length;
  }
  expect(openMax).toBe(requestsPendingMax);
  expect(begun).toEqual(Array.from({ length: all }, (_, text) => text));
  expect(joined.paused).toBe(false);
});

test('few long requests are as many as many short ones', async () => {
  const { host, begun, letGo } = slowHost();
  const joined = await opened(host);
  const long = JSON.stringify({
    jsonrpc: '2.0',
    method: 'messages.send',
    params: { to: 'bob', text: '1' },
    id: 1,
  }).padEnd(lineLengthMax - 1, ' ');
  joined.connection.received(`${long}\n${long}\n${long}\n${long}\n${long}\n${long}\n`);
  await turn();
  expect(begun.length * long.length).toBeLessThan(pendingLengthMax + long.length);
  expect([begun.length, joined.paused]).toEqual([5, true]);
  letGo(1);
  await turn();
  expect([begun.length, joined.paused]).toEqual([6, false]);
});

test('events come from an id on, then live, and stop when asked', async () => {
  const { host, caller } = await opened();
  const seen: number[] = [];
  caller.onEvent(({ eventId }) => seen.push(eventId));
  for (const text of ['one', 'two', 'three']) host.emit(text);
  const { subscription } = await caller.call('events.subscribe', { since: 1 });
  host.emit('four');
  await caller.call('events.unsubscribe', { subscription });
  host.emit('five');
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([2, 3, 4]);
});

test('a slow reader gets every event once, and nothing is kept for it meanwhile', async () => {
  const joined = await opened();
  const { host, caller } = joined;
  const seen: number[] = [];
  caller.onEvent(({ eventId }) => seen.push(eventId));
  for (let count = 0; count < 5; count += 1) host.emit('old');
  joined.open = false;
  await caller.call('events.subscribe', { since: 0 });
  host.emit('new');
  for (let count = 0; count < 10; count += 1) {
    joined.open = count % 2 === 0;
    joined.connection.drained();
  }
  host.emit('last');
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('when the node goes away, waiting calls and later ones fail', async () => {
  const joined = join();
  const waiting = joined.caller.call('session.open', { token });
  joined.caller.closed('killed');
  await expect(waiting).rejects.toBeInstanceOf(ApiClosedError);
  await expect(joined.caller.call('node.status', {})).rejects.toThrow('killed');
});

test('every method has a summary', () => {
  for (const { summary } of Object.values(methods)) expect(summary).toMatch(/\.$/);
});

test('nesting as deep as a line allows is refused like anything else', async () => {
  const joined = await opened();
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const line = `{"jsonrpc":"2.0","id":1,"method":"contacts.show","params":{"address":${deep}}}`;
  expect(await refusalOf(joined, line)).toMatchObject({
    code: expect.stringMatching(/^(not-json|bad-params)$/) as string,
  });
  expect(await refusalOf(joined, request('node.status', {}))).toMatchObject({ code: 'no-account' });
});
