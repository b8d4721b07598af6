// Who may open, append, read and trim at the serving side.
import {
  concatBytes,
  decodeOpened,
  encodeFetch,
  encodeStored,
  encodeSubscribe,
  encodeTrim,
  encodeUnsubscribe,
  type ServerOutcome,
  type QueueBounds,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  mailFrame,
  openBytes,
  opened,
  queueOf,
  requestIdOf,
  serve,
  server,
  type Served,
  type Turn,
} from './members.ts';

const alices = queueOf(1);
const mallorys = queueOf(2);
const requestId = requestIdOf(5);
const { route } = alices;

/** The backend stores what it was asked to, from `index` on. */
function stored(relay: Served, turn: Turn): Turn {
  const results = turn.find('append').appends.map((append) => ({
    append,
    outcome: { kind: 'stored', index: append.index ?? 0, expiresMs: 99 } as const,
  }));
  return relay.give({ kind: 'appended', results });
}

test('Alice opens her queue as its owner and appends: each frame is answered once, with its own bytes as request id', () => {
  const relay = serve();
  expect(opened(relay, alices, 'owner', { first: 3, next: 7 }).said).toBe('opened 3-7');
  const turn = relay.send(mailFrame(route, 41), mailFrame(route, 42, 4), mailFrame(route, 43));
  expect(turn.said).toBe('');
  expect(turn.find('append').appends.map(({ index, frame }) => [index, frame.length])).toEqual([
    [7, 128],
    [8, 4096],
    [9, 128],
  ]);
  const answer = stored(relay, turn);
  expect(answer.said).toBe('stored 7, stored 8, stored 9');
  const ids = answer.items.map((item) =>
    item.kind === 'control' && 'requestId' in item.control ? item.control.requestId : undefined,
  );
  expect(ids).toEqual(
    [requestIdOf(41), requestIdOf(42).fill(42, 4), requestIdOf(43)].map((id) => (id.fill(0, 2), id)),
  );
  expect(relay.state.pendingBytes).toBe(0);
});

test('a batch is answered byte by byte as its frames would be one by one, whatever index and time', () => {
  const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(fc.array(fc.record({ index: count, expiresMs: count }), { minLength: 1 }), (outcomes) => {
      const relay = serve();
      const results = outcomes.map((outcome, at) => {
        const append = { route, index: outcome.index, frame: mailFrame(route, at) };
        return { append, outcome: { kind: 'stored', ...outcome } as const };
      });
      const { parts } = relay.give({ kind: 'appended', results }).find('send');
      const expected = results.map(({ append: { frame }, outcome }) =>
        encodeStored({ ...outcome, route, requestId: frame.subarray(20, 32) }),
      );
      expect(concatBytes(...parts)).toEqual(concatBytes(...expected));
    }),
  );
});

test('what opens a queue: nothing but the keys behind its route, on this very connection', () => {
  const elsewhere = { ...server, challenge: new Uint8Array(32).fill(9) };
  const otherRelay = { ...server, transportKey: new Uint8Array(32).fill(9) };
  const flipped = openBytes(alices, 'owner');
  flipped[150] = (flipped[150] ?? 0) ^ 1;
  const based = openBytes(alices, 'owner');
  based[100] = 1;
  const attempts: Record<string, Uint8Array> = {
    "another key's signature": openBytes(alices, 'owner', { seed: mallorys.ownerSeed }),
    "the reader's key for the owner's role": openBytes(alices, 'owner', { seed: alices.readerSeed }),
    "the owner's key for the reader's role": openBytes(alices, 'reader', { seed: alices.ownerSeed }),
    'a route that is not that of the keys': openBytes(mallorys, 'owner', { route }),
    'a queue of one own key and one of Alice': openBytes(alices, 'owner', {
      ownerPublicKey: mallorys.ownerPublicKey,
      seed: mallorys.ownerSeed,
    }),
    'an answer to the challenge of another connection': openBytes(alices, 'owner', { at: elsewhere }),
    'an answer that was made for another relay': openBytes(alices, 'owner', { at: otherRelay }),
    'one bit of the signature': flipped,
    'another base than was signed': based,
  };
  for (const [what, frame] of Object.entries(attempts)) {
    const relay = serve();
    const turn = relay.send(frame);
    expect(`${turn.said} ${turn.asked}`, what).toBe('error not-authorized ');
    expect(relay.send(mailFrame(route, 1)).said, what).toBe('error not-authorized');
  }
});

test('a reader reads, and neither appends nor trims; nor does who opened nothing', () => {
  const relay = serve();
  opened(relay, alices, 'reader');
  expect(relay.send(mailFrame(route, 1)).said).toBe('error not-authorized');
  expect(relay.send(encodeTrim({ route, requestId, upTo: 1 })).said).toBe('error not-authorized');
  expect(relay.send(encodeSubscribe({ route, requestId, from: 0 })).asked).toBe('watch');
  expect(relay.send(encodeFetch({ route, requestId, from: 0, count: 1 })).asked).toBe('read');

  const stranger = serve();
  for (const frame of [
    mailFrame(route, 1),
    encodeTrim({ route, requestId, upTo: 1 }),
    encodeSubscribe({ route, requestId, from: 0 }),
    encodeUnsubscribe({ route, requestId }),
    encodeFetch({ route, requestId, from: 0, count: 1 }),
  ]) {
    expect(stranger.send(frame).said).toBe('error not-authorized');
  }
});

test('an owner does not read without the reader key', () => {
  const relay = serve();
  opened(relay, alices, 'owner');
  expect(relay.send(encodeSubscribe({ route, requestId, from: 0 })).said).toBe('error not-authorized');
});

test('the owner trims; the answer says where the queue stands', () => {
  const relay = serve();
  opened(relay, alices, 'owner', { first: 0, next: 9 });
  const { trim } = relay.send(encodeTrim({ route, requestId, upTo: 4 })).find('trim');
  expect(relay.give({ kind: 'trimmed', trim, outcome: { kind: 'ok', first: 4, next: 9 } }).said).toBe(
    'done 4-9',
  );
  expect(relay.give({ kind: 'trimmed', trim, outcome: { kind: 'refused', name: 'failed' } }).said).toBe(
    'error failed',
  );
});

test('after a refused frame all later ones are refused until the queue is opened again', () => {
  const relay = serve();
  opened(relay, alices, 'owner', { first: 0, next: 5 });
  const turn = relay.send(mailFrame(route, 1), mailFrame(route, 2), mailFrame(route, 3));
  const reasons = ['queue-full', 'out-of-order', 'out-of-order'] as const;
  const results = turn.find('append').appends.map((append, at) => ({
    append,
    outcome: { kind: 'refused', name: reasons[at] ?? 'failed', retryAfterMs: 0 } as const,
  }));
  expect(relay.give({ kind: 'appended', results }).said).toBe(
    'error queue-full, error out-of-order, error out-of-order',
  );
  expect(relay.send(mailFrame(route, 4)).said).toBe('error out-of-order');
  opened(relay, alices, 'owner', { first: 0, next: 5 });
  expect(relay.send(mailFrame(route, 1)).find('append').appends[0]?.index).toBe(5);
});

test('a refusal that belongs to the time before the queue was opened again closes nothing', () => {
  const relay = serve();
  opened(relay, alices, 'owner', { first: 0, next: 5 });
  const early = relay.send(mailFrame(route, 1)).find('append').appends;
  opened(relay, alices, 'owner', { first: 0, next: 5 });
  const outcome = { kind: 'refused', name: 'out-of-order', retryAfterMs: 0 } as const;
  relay.give({ kind: 'appended', results: early.map((append) => ({ append, outcome })) });
  expect(relay.send(mailFrame(route, 2)).asked).toBe('append');
});

test('frames that were sent before `opened` was heard belong to nothing', () => {
  const relay = serve();
  const turn = relay.send(openBytes(alices, 'owner'), mailFrame(route, 1));
  expect(`${turn.said}; ${turn.asked}`).toBe('error not-authorized; open');
});

test('who opens the queue later is its owner', () => {
  const relay = serve();
  opened(relay, alices, 'owner');
  relay.give({ kind: 'superseded', route });
  expect(relay.send(mailFrame(route, 1)).said).toBe('error superseded');
  expect(relay.send(encodeTrim({ route, requestId, upTo: 1 })).said).toBe('error superseded');
  opened(relay, alices, 'owner');
  expect(relay.send(mailFrame(route, 1)).asked).toBe('append');
});

test('what the backend refuses is told, and leaves the queue closed', () => {
  for (const name of ['store-full', 'failed', 'not-authorized'] as const) {
    const relay = serve();
    const { open } = relay.send(openBytes(alices, 'owner')).find('open');
    const outcome: ServerOutcome<QueueBounds> = { kind: 'refused', name };
    expect(relay.give({ kind: 'opened', open, outcome }).said).toBe(`error ${name}`);
    expect(relay.send(mailFrame(route, 1)).said).toBe('error not-authorized');
  }
});

test('what opens an intake queue says so, with its difficulty', () => {
  const relay = serve();
  const { open } = relay.send(openBytes(alices, 'owner', { intakeDifficulty: 14, base: 6 })).find('open');
  expect([open.intakeDifficulty, open.base]).toEqual([14, 6]);
  const answer = relay.give({ kind: 'opened', open, outcome: { kind: 'ok', first: 6, next: 6 } });
  expect(answer.items).toHaveLength(1);
  const [item] = answer.items;
  expect(item?.kind === 'control' && decodeOpened(item.frame)).toMatchObject({
    ok: true,
    value: { first: 6, next: 6 },
  });
});
