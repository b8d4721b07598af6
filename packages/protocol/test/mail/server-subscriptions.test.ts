// What readers are pushed, and how little a slow one costs.
import { encodeFetch, encodeSubscribe, encodeUnsubscribe, type ServerRead } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { mailFrame, opened, queueOf, requestIdOf, serve, type Served, type Turn } from './members.ts';

const queue = queueOf(1);
const { route } = queue;
const requestId = requestIdOf(5);
const framesFrom = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, at) => mailFrame(route, from + at));

/** Bob follows from an index a queue that stands at `first` to `next`. */
function follow(relay: Served, from: number, bounds: { first: number; next: number }): Turn {
  opened(relay, queue, 'reader', bounds);
  const { subscribe } = relay.send(encodeSubscribe({ route, requestId, from })).find('watch');
  return relay.give({ kind: 'watched', subscribe, bounds });
}

const grow = (relay: Served, from: number, to: number, first = 0): Turn =>
  relay.give({
    kind: 'grown',
    queues: [{ route, bounds: { first, next: to }, frames: framesFrom(from, to) }],
  });

function answerRead(relay: Served, read: ServerRead, to: number, next: number): Turn {
  const frames = framesFrom(read.from, to).map((frame, at) => ({ index: read.from + at, frame }));
  return relay.give({ kind: 'read', read, bounds: { first: 0, next }, frames });
}

test('Bob at the end of the queue is pushed what comes, without a read', () => {
  const relay = serve();
  expect(follow(relay, 4, { first: 0, next: 4 }).said).toBe('done 0-4');
  const turn = grow(relay, 4, 6);
  expect(`${turn.said}; ${turn.asked}`).toBe('push 4+2; ');
  expect(grow(relay, 6, 7).said).toBe('push 6+1');
});

test('Bob behind is caught up by reads, in order, until he is at the end', () => {
  const relay = serve();
  const first = follow(relay, 1, { first: 0, next: 5 }).find('read').read;
  expect([first.from, first.bytesMax]).toEqual([1, 1024]);
  expect(grow(relay, 5, 6).said, 'while a read is under way').toBe('');
  const turn = answerRead(relay, first, 4, 5);
  expect(turn.said).toBe('push 1+3');
  const second = turn.find('read').read;
  expect(second.from).toBe(4);
  expect(answerRead(relay, second, 6, 6).said).toBe('push 4+2');
  expect(grow(relay, 6, 7).said).toBe('push 6+1');
});

test('frames that expired, and holes in the store, are left out and can be seen', () => {
  const relay = serve();
  const follows = follow(relay, 0, { first: 3, next: 9 });
  expect(follows.said).toBe('done 3-9');
  const { read } = follows.find('read');
  expect(read.from).toBe(3);
  const frames = [3, 4, 7].map((index) => ({ index, frame: mailFrame(route, index) }));
  const turn = relay.give({ kind: 'read', read, bounds: { first: 3, next: 9 }, frames });
  expect(turn.said).toBe('push 3+2, push 7+1');
  const empty = turn.find('read').read;
  expect(empty.from).toBe(8);
  const after = relay.give({ kind: 'read', read: empty, bounds: { first: 3, next: 9 }, frames: [] });
  expect(`${after.said}; ${after.asked}`, 'no read without end').toBe('; ');
  expect(grow(relay, 9, 10, 3).said).toBe('push 9+1');
});

test('a reader that knows more than the relay is pushed nothing that it has', () => {
  const relay = serve();
  expect(follow(relay, 8, { first: 0, next: 5 }).asked).toBe('');
  expect(grow(relay, 5, 7).said).toBe('');
  expect(grow(relay, 7, 10).said).toBe('push 8+2');
});

test('while the link is full nothing is pushed, read or kept; afterwards the store is read', () => {
  const relay = serve();
  follow(relay, 0, { first: 0, next: 0 });
  relay.give({ kind: 'blocked' });
  const before = JSON.stringify([...relay.state.subscriptions]).length;
  for (let index = 0; index < 200; index += 1) {
    const turn = grow(relay, index, index + 1);
    expect(`${turn.said}; ${turn.asked}`).toBe('; ');
  }
  expect(JSON.stringify([...relay.state.subscriptions]).length).toBeLessThan(before + 10);
  const { read } = relay.give({ kind: 'drained' }).find('read');
  expect([read.from, read.bytesMax]).toEqual([0, 1024]);
});

test('a few reads at once, however many queues are behind, and each has its turn', () => {
  const relay = serve({ limits: { readsMax: 2, opensMax: 50 } });
  const queues = Array.from({ length: 10 }, (_, at) => queueOf(10 + at));
  const asked: ServerRead[] = [];
  for (const one of queues) {
    opened(relay, one, 'reader', { first: 0, next: 3 });
    const { subscribe } = relay.send(encodeSubscribe({ route: one.route, requestId, from: 0 })).find('watch');
    const turn = relay.give({ kind: 'watched', subscribe, bounds: { first: 0, next: 3 } });
    for (const effect of turn.effects) if (effect.kind === 'read') asked.push(effect.read);
  }
  expect(asked).toHaveLength(2);
  for (let at = 0; at < asked.length; at += 1) {
    const read = asked[at]!;
    const frames = [0, 1, 2].map((index) => ({ index, frame: mailFrame(read.route, index) }));
    const turn = relay.give({ kind: 'read', read, bounds: { first: 0, next: 3 }, frames });
    expect(turn.said).toBe('push 0+3');
    for (const effect of turn.effects) if (effect.kind === 'read') asked.push(effect.read);
    expect(relay.state.readsUnderWay).toBeLessThanOrEqual(2);
  }
  expect(new Set(asked.map((read) => read.route))).toEqual(new Set(queues.map((one) => one.route)));
});

test('a long growth is pushed in parts of at most 256 frames', () => {
  const relay = serve({ limits: { readBytesMax: 1 << 20 } });
  follow(relay, 0, { first: 0, next: 0 });
  expect(grow(relay, 0, 600).said).toBe('push 0+256, push 256+256, push 512+88');
});

test('news of more bytes than a read brings, in one queue or in all together, are read when there is room', () => {
  const relay = serve();
  const other = queueOf(2);
  follow(relay, 0, { first: 0, next: 0 });
  opened(relay, other, 'reader');
  const { subscribe } = relay.send(encodeSubscribe({ route: other.route, requestId, from: 0 })).find('watch');
  relay.give({ kind: 'watched', subscribe, bounds: { first: 0, next: 0 } });
  const bounds = { first: 0, next: 5 };
  const news = [route, other.route].map((one) => {
    return { route: one, bounds, frames: [0, 1, 2, 3, 4].map((at) => mailFrame(one, at)) };
  });
  const turn = relay.give({ kind: 'grown', queues: news });
  expect(turn.said, '640 of 1,024 bytes').toBe('push 0+5');
  expect(turn.find('read').read).toMatchObject({ route: other.route, from: 0 });
  const many = grow(relay, 5, 14);
  expect(many.said).toBe('');
  expect(many.find('read').read).toMatchObject({ route, from: 5 });
});

test('fetches are read one after the other, none while the link is full, and who asks for many waits', () => {
  const relay = serve();
  opened(relay, queue, 'reader');
  const fetches = Array.from({ length: 40 }, (_, at) =>
    encodeFetch({ route, requestId: requestIdOf(at), from: at, count: 256 }),
  );
  const turn = relay.send(...fetches);
  expect(turn.asked).toBe('read pause');
  relay.give({ kind: 'blocked' });
  let { read } = turn.find('read');
  expect(answerRead(relay, read, 1, 50).asked, 'blocked').toBe('');
  read = relay.give({ kind: 'drained' }).find('read').read;
  for (let from = 1; from < 39; from += 1) {
    expect(read.from).toBe(from);
    const next = answerRead(relay, read, from + 1, 50);
    expect(`${next.said}; ${next.asked}`).toBe(`push ${from}+1; read${from === 38 ? ' resume' : ''}`);
    read = next.find('read').read;
  }
  expect(answerRead(relay, read, 40, 50).asked).toBe('');
});

test('unsubscribed, or subscribed anew: what was read for the old subscription is dropped', () => {
  const relay = serve();
  const { read } = follow(relay, 0, { first: 0, next: 3 }).find('read');
  const { subscribe } = relay.send(encodeSubscribe({ route, requestId, from: 2 })).find('watch');
  const again = relay.give({ kind: 'watched', subscribe, bounds: { first: 0, next: 3 } }).find('read').read;
  expect(answerRead(relay, read, 3, 3).said).toBe('');
  expect(answerRead(relay, again, 3, 3).said).toBe('push 2+1');
  const turn = relay.send(encodeUnsubscribe({ route, requestId }));
  expect(`${turn.said}; ${turn.asked}`).toBe('done 0-3; unwatch');
  expect(grow(relay, 3, 4).said).toBe('');
});

test('a fetch is answered by one push with its request id, even by an empty one', () => {
  const relay = serve();
  opened(relay, queue, 'reader');
  const { read } = relay.send(encodeFetch({ route, requestId, from: 2, count: 10 })).find('read');
  expect([read.from, read.framesMax, read.bytesMax]).toEqual([2, 10, 1024]);
  const answer = answerRead(relay, read, 4, 9);
  expect(answer.said).toBe('push 2+2');
  expect(answer.items[0]).toMatchObject({ push: { requestId, next: 9, availableFirst: 0 } });
  expect(relay.give({ kind: 'read', read, bounds: { first: 5, next: 5 }, frames: [] }).said).toBe('push 5+0');
  if (read.reason.kind === 'fetch') {
    expect(relay.give({ kind: 'fetch-failed', fetch: read.reason.fetch }).said).toBe('error failed');
  }
});
