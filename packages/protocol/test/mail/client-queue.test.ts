import { createPrimitives } from '@mycelium/node';
import {
  appendRoom,
  createClientQueue,
  decodeControlFrame,
  decodeOpen,
  openIsAuthentic,
  routeOf,
  stepClientQueue,
  type ClientQueue,
  type ClientQueueEffect,
  type ClientQueueInput,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';

const primitives = createPrimitives();
const [readerSeed, ownerSeed] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const readerPublicKey = primitives.ed25519PublicKey(readerSeed);
const ownerPublicKey = primitives.ed25519PublicKey(ownerSeed);
const route = routeOf(primitives, readerPublicKey, ownerPublicKey);
const server = { challenge: new Uint8Array(32).fill(3), transportKey: new Uint8Array(32).fill(4) };

/** Alice's side of a queue, with what it did so far. */
function aliceQueue() {
  let state: ClientQueue = createClientQueue(route);
  const give = (input: ClientQueueInput): readonly ClientQueueEffect[] => {
    const step = stepClientQueue(state, input);
    state = step.state;
    return step.effects;
  };
  const requestOf = (effects: readonly ClientQueueEffect[]): Uint8Array => {
    const send = effects[0];
    if (send?.kind !== 'send') throw new Error('something is sent');
    return send.bytes.slice(20, 32);
  };
  const open = (role: 'reader' | 'owner', first: number, next: number): readonly ClientQueueEffect[] => {
    const seed = role === 'owner' ? ownerSeed : readerSeed;
    const wish = {
      server,
      primitives,
      readerPublicKey,
      ownerPublicKey,
      base: 0,
      intakeDifficulty: undefined,
    };
    const requestId = requestOf(give({ kind: 'open', role, seed, ...wish }));
    return give({
      kind: 'opened',
      answer: { kind: 'opened', route, requestId, first, next, lastTag: undefined },
    });
  };
  return { give, open, requestOf, state: () => state };
}

function frame(generation: number): Uint8Array {
  const bytes = new Uint8Array(128);
  bytes.set([1, 1, 124, 0]);
  bytes.set(route, 4);
  bytes[20] = generation;
  return bytes;
}

const stored = (of: Uint8Array, index: number): ClientQueueInput => ({
  kind: 'stored',
  answer: { kind: 'stored', route, requestId: of.slice(20, 32), index, expiresMs: 1_000 },
});

const refused = (of: Uint8Array, name: 'out-of-order' | 'rate', retryAfterMs = 0): ClientQueueInput => ({
  kind: 'error',
  answer: { kind: 'error', route, requestId: of.slice(20, 32), name, retryAfterMs, difficulty: 0 },
});

const push = (
  requestId: Uint8Array,
  firstIndex: number,
  frames: readonly Uint8Array[],
  next: number,
): ClientQueueInput => ({
  kind: 'push',
  push: { kind: 'push', route, requestId, firstIndex, availableFirst: 0, next, count: frames.length },
  frames,
});

const noRequest = new Uint8Array(12);

test('an open is signed for this server and no other', () => {
  const alice = aliceQueue();
  const wish = { server, primitives, readerPublicKey, ownerPublicKey, base: 7, intakeDifficulty: undefined };
  const effects = alice.give({ kind: 'open', role: 'owner', seed: ownerSeed, ...wish });
  const sent = effects[0];
  if (sent?.kind !== 'send') throw new Error('open is sent');
  const open = decodeOpen(sent.bytes);
  if (!open.ok) throw new Error(open.refusal.rule);
  expect(open.value.base).toBe(7);
  expect(openIsAuthentic(primitives, server, open.value)).toBe(true);
  const other = { ...server, transportKey: new Uint8Array(32).fill(9) };
  expect(openIsAuthentic(primitives, other, open.value)).toBe(false);
});

test('frames are appended from where the server is, and acknowledged one by one', () => {
  const alice = aliceQueue();
  expect(alice.open('owner', 3, 5)).toEqual([
    { kind: 'opened', role: 'owner', first: 3, next: 5, lastTag: undefined },
  ]);
  expect(appendRoom(alice.state())).toEqual({ from: 5, framesMax: 256 });
  const frames = [frame(1), frame(2), frame(3)];
  const sent = alice.give({ kind: 'append', frames });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.kind === 'send' && sent[0].bytes.length).toBe(384);
  expect(appendRoom(alice.state())).toEqual({ from: 8, framesMax: 253 });
  for (const [at, one] of frames.entries()) {
    expect(alice.give(stored(one, 5 + at))).toEqual([
      { kind: 'acknowledged', next: 6 + at, expiresMs: 1_000 },
    ]);
  }
});

test('stored out of order or for another index is a violation; one for nothing is unknown', () => {
  for (const [input, kind] of [
    [stored(frame(2), 1), 'violation'],
    [stored(frame(1), 1), 'violation'],
    [stored(frame(9), 0), 'unknown-answer'],
  ] as const) {
    const alice = aliceQueue();
    alice.open('owner', 0, 0);
    alice.give({ kind: 'append', frames: [frame(1), frame(2)] });
    expect(alice.give(input)[0]?.kind).toBe(kind);
  }
});

test('after a refused frame it stops when all are answered, and the frames before it still count', () => {
  const alice = aliceQueue();
  alice.open('owner', 0, 0);
  const frames = [frame(1), frame(2), frame(3), frame(4)];
  alice.give({ kind: 'append', frames });
  expect(alice.give(refused(frames[1]!, 'rate', 700))).toEqual([]);
  expect(appendRoom(alice.state()).framesMax).toBe(0);
  expect(alice.give(refused(frames[2]!, 'out-of-order'))).toEqual([]);
  expect(alice.give(stored(frames[0]!, 0))).toEqual([{ kind: 'acknowledged', next: 1, expiresMs: 1_000 }]);
  expect(alice.give(refused(frames[3]!, 'out-of-order'))).toEqual([
    { kind: 'stopped', name: 'rate', retryAfterMs: 700 },
  ]);
  expect(alice.open('owner', 0, 1)).toHaveLength(1);
  expect(appendRoom(alice.state())).toEqual({ from: 1, framesMax: 256 });
});

test('a subscription takes pushes after done, cuts what it had, and tells where a server has a hole', () => {
  const bob = aliceQueue();
  bob.open('reader', 0, 4);
  const requestId = bob.requestOf(bob.give({ kind: 'subscribe', from: 2 }));
  expect(bob.give(push(noRequest, 0, [frame(1)], 4))).toEqual([]);
  expect(bob.give({ kind: 'done', answer: { kind: 'done', route, requestId, first: 0, next: 4 } })).toEqual([
    { kind: 'subscribed', first: 0, next: 4 },
  ]);
  const frames = [frame(1), frame(2), frame(3)];
  expect(bob.give(push(noRequest, 1, frames, 4))).toEqual([
    { kind: 'pushed', served: { firstIndex: 2, frames: frames.slice(1), availableFirst: 0, next: 4 } },
  ]);
  const later = [frame(9)];
  expect(bob.give(push(noRequest, 7, later, 8))).toEqual([
    { kind: 'pushed', served: { firstIndex: 7, frames: later, availableFirst: 0, next: 8 } },
  ]);
  bob.give({ kind: 'unsubscribe' });
  expect(bob.give(push(noRequest, 8, later, 9))).toEqual([]);
});

test('a fetch is answered once, with no more than was asked for and nothing before it', () => {
  const answers = [
    [push(noRequest, 3, [frame(1), frame(2)], 9), 'fetched'],
    [push(noRequest, 3, [frame(1), frame(2), frame(3)], 9), 'violation'],
    [push(noRequest, 2, [frame(1)], 9), 'violation'],
  ] as const;
  for (const [answer, kind] of answers) {
    const bob = aliceQueue();
    bob.open('reader', 0, 9);
    const requestId = bob.requestOf(bob.give({ kind: 'fetch', from: 3, count: 2, tag: 5 }));
    if (answer.kind !== 'push') throw new Error('a push');
    const asked: ClientQueueInput = { ...answer, push: { ...answer.push, requestId } };
    expect(bob.give(asked)[0]?.kind).toBe(kind);
    expect(bob.give(asked)[0]?.kind).toBe('unknown-answer');
  }
});

test('a refused request is handed back with its reason, and an unknown number counts as failed', () => {
  const bob = aliceQueue();
  bob.open('reader', 0, 9);
  const requestId = bob.requestOf(bob.give({ kind: 'subscribe', from: 3 }));
  const answer = {
    kind: 'error' as const,
    route,
    requestId,
    name: undefined,
    retryAfterMs: 30,
    difficulty: 0,
  };
  expect(bob.give({ kind: 'error', answer })).toEqual([
    { kind: 'refused', request: { kind: 'subscribe', from: 3 }, name: 'failed', retryAfterMs: 30 },
  ]);
});

test('every request the client makes decodes', () => {
  const alice = aliceQueue();
  alice.open('owner', 0, 0);
  alice.open('reader', 0, 0);
  const inputs: readonly ClientQueueInput[] = [
    { kind: 'trim', upTo: 4 },
    { kind: 'subscribe', from: 1 },
    { kind: 'fetch', from: 1, count: 256, tag: 0 },
    { kind: 'unsubscribe' },
  ];
  for (const input of inputs) {
    const send = alice.give(input)[0];
    expect(send?.kind === 'send' && decodeControlFrame(send.bytes).ok).toBe(true);
  }
});
