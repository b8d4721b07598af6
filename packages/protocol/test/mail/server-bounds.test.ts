// Order of frames, hostile bytes, and how much one connection may cause.
import {
  beginStamp,
  concatBytes,
  createServer,
  encodeDone,
  encodeHello,
  encodeIntake,
  encodePush,
  encodeStatus,
  encodeTrim,
  noRequest,
  searchStamp,
  stepServer,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  clientHello,
  limits,
  mailFrame,
  openBytes,
  opened,
  primitives,
  queueOf,
  requestIdOf,
  serve,
  server,
} from './members.ts';
import { controlSamples } from './control-samples.ts';

const queue = queueOf(1);
const { route } = queue;
const requestId = requestIdOf(5);
const timeMs = 1_800_000_000_000;

test('the relay says hello first, with its challenge and its bounds', () => {
  const { effects } = createServer(server, limits, 0);
  expect(effects).toHaveLength(1);
  const [hello] = effects[0]?.kind === 'send' ? effects[0].parts : [];
  expect(hello).toEqual(
    encodeHello({
      versionMin: 1,
      versionMax: 1,
      features: 0,
      challenge: server.challenge,
      appendFramesPerSecond: 1000,
      retentionSeconds: 2_592_000,
      queueFramesMax: 1000,
    }),
  );
});

test.for([
  ['anything before a hello', false, encodeStatus({ route, requestId })],
  ['a second hello', true, clientHello],
  ['an answer', true, encodeDone({ route, requestId, first: 0, next: 0 })],
  [
    'a push',
    true,
    encodePush({ route, requestId: noRequest, firstIndex: 0, availableFirst: 0, next: 0, count: 0 }),
  ],
  ['a frame type that is none', true, new Uint8Array(128).fill(77)],
  ['another wire version', true, Uint8Array.of(29, 2, 124, 0)],
] as const)('%s is an error, and the end', ([, greeted, frame]) => {
  const relay = serve({ greeted });
  const turn = relay.send(frame, encodeStatus({ route, requestId }));
  expect(`${turn.said}; ${turn.asked}`).toBe('error unexpected; close');
  expect(relay.send(encodeStatus({ route, requestId })).effects).toEqual([]);
  expect(relay.give({ kind: 'stop' }).effects).toEqual([]);
});

test('a peer of other versions is told so', () => {
  const frame = clientHello.slice();
  frame.set([2, 9], 32);
  expect(serve({ greeted: false }).send(frame).said).toBe('error unexpected');
});

test.for([
  ['a wrong length', [2, 0]],
  ['padding that is not zero', [127, 1]],
] as const)('%s is malformed, and the end', ([, [at, byte]]) => {
  const frame = encodeStatus({ route, requestId });
  frame[at] = byte;
  const relay = serve();
  const turn = relay.send(encodeStatus({ route, requestId }), frame, encodeStatus({ route, requestId }));
  expect(`${turn.said}; ${turn.asked}`).toBe('error malformed; report close');
});

test('anybody may ask for the status', () => {
  const relay = serve();
  const { status } = relay.send(encodeStatus({ route, requestId })).find('report');
  const report = { loadPercent: 3, queues: 4, connections: 5, retentionSeconds: 6, queueFramesMax: 7 };
  const [item] = relay.give({ kind: 'reported', status, report }).items;
  expect(item).toMatchObject({ control: { kind: 'status-report', version: 1, requestId, ...report } });
});

function stampedIntake(difficulty: number): Uint8Array {
  const frame = encodeIntake({
    route,
    requestId,
    stampTimeMs: timeMs,
    stampNonce: 0n,
    sealed: new Uint8Array(9).fill(1),
  });
  return searchStamp(primitives, beginStamp(frame, difficulty), 1 << 16).frame;
}

test('a stamped intake frame of a stranger is appended, whole, and answered with its request id', () => {
  const relay = serve();
  const frame = stampedIntake(6);
  const asked = relay.sendAt({ nowMs: timeMs }, frame).find('look-up');
  const turn = relay.give({ ...asked, kind: 'difficulty', difficulty: 6, nowMs: timeMs });
  const { appends } = turn.find('append');
  expect(appends.map((append) => [append.index, append.frame])).toEqual([[undefined, frame]]);
  const outcome = { kind: 'stored', index: 12, expiresMs: 3 } as const;
  const answer = relay.give({ kind: 'appended', results: appends.map((append) => ({ append, outcome })) });
  expect(answer.items).toMatchObject([{ control: { kind: 'stored', index: 12, requestId } }]);
  expect(relay.state.pendingBytes).toBe(0);
});

test('an intake frame for no such queue, with too weak a stamp, or an old one, is refused', () => {
  const relay = serve();
  const frame = stampedIntake(2);
  const asked = relay.sendAt({ nowMs: timeMs }, frame).find('look-up');
  const answer = (difficulty: number | undefined): string =>
    relay.give({ ...asked, kind: 'difficulty', difficulty, nowMs: timeMs }).said;
  expect(answer(undefined)).toBe('error no-queue');
  expect(answer(24)).toBe('error stamp');
  const late = relay.sendAt({ nowMs: timeMs + 49 * 3_600_000 }, frame);
  expect(`${late.said}; ${late.asked}`).toBe('error stamp; ');
});

test('one connection opens so many queues and no more', () => {
  const relay = serve({ limits: { opensMax: 3 } });
  for (let number = 1; number <= 3; number += 1) opened(relay, queueOf(number), 'reader');
  expect(relay.send(openBytes(queueOf(4), 'reader')).said).toBe('error limit');
  expect(relay.send(openBytes(queueOf(2), 'reader')).asked, 'a second time').toBe('open');
});

test('who has too much waiting for the disk is not read from until half of it is there', () => {
  const relay = serve({ limits: { pendingBytesMax: 1024 } });
  opened(relay, queue, 'owner');
  const turn = relay.send(...Array.from({ length: 9 }, (_, at) => mailFrame(route, at)));
  expect(turn.asked).toBe('append pause');
  const outcome = { kind: 'stored', index: 0, expiresMs: 0 } as const;
  const results = turn.find('append').appends.map((append) => ({ append, outcome }));
  expect(relay.give({ kind: 'appended', results: results.slice(0, 4) }).asked).toBe('');
  expect(relay.give({ kind: 'appended', results: results.slice(4) }).asked).toBe('resume');
});

test('opens and trims that wait for the disk count as what they weigh', () => {
  const relay = serve({ limits: { pendingBytesMax: 8192 } });
  opened(relay, queue, 'owner');
  const turn = relay.send(...[2, 3, 4].map((number) => openBytes(queueOf(number), 'owner')));
  expect(turn.asked).toBe('open open open pause');
  const answers = turn.effects.flatMap((effect) => (effect.kind === 'open' ? [effect.open] : []));
  const outcome = { kind: 'ok', first: 0, next: 0 } as const;
  const asked = answers.map((open) => relay.give({ kind: 'opened', open, outcome }).asked);
  expect(asked).toEqual(['', 'resume', '']);
  const trims = relay.send(...Array.from({ length: 65 }, () => encodeTrim({ route, requestId, upTo: 0 })));
  expect(trims.asked).toMatch(/trim pause$/);
});

test('who does not read our answers is not read from either', () => {
  const relay = serve();
  expect(relay.give({ kind: 'blocked' }).asked).toBe('pause');
  expect(relay.give({ kind: 'blocked' }).asked).toBe('');
  expect(relay.give({ kind: 'drained' }).asked).toBe('resume');
});

test('who is faster than its rate waits until its debt is paid', () => {
  const relay = serve({ limits: { rate: { perSecond: 100, burst: 40 }, pendingBytesMax: 1 << 20 } });
  opened(relay, queue, 'owner'); // takes 32, the hello nothing
  const turn = relay.send(...Array.from({ length: 28 }, (_, at) => mailFrame(route, at)));
  expect(turn.asked).toBe('append pause wake');
  expect(turn.find('wake').monotonicMs).toBe(200);
  expect(relay.give({ kind: 'woken', monotonicMs: 190 }).asked).toBe('wake');
  expect(relay.give({ kind: 'woken', monotonicMs: 200 }).asked).toBe('resume');
  expect(relay.sendAt({ monotonicMs: 100 }, mailFrame(route, 1)).asked, 'a clock that goes back').toMatch(
    /append/,
  );
});

test('when the relay stops it says so and closes', () => {
  const turn = serve().give({ kind: 'stop' });
  expect(`${turn.said}; ${turn.asked}`).toBe('error stopping; close');
});

test('no bytes make the machine throw, answer without end, or ask for what was not earned', () => {
  const pieces = fc.oneof(
    fc.constantFrom(...controlSamples.map(({ frame }) => frame)),
    fc.constantFrom(mailFrame(route, 1), openBytes(queue, 'owner'), openBytes(queue, 'reader')),
    fc.uint8Array({ maxLength: 200 }),
  );
  const cuts = fc.array(fc.nat(9000), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 10 }), cuts, fc.nat(), (list, at, noise) => {
      const bytes = concatBytes(clientHello, ...list);
      if (noise % 3 === 0) bytes[noise % bytes.length] = noise & 0xff;
      let { state } = createServer(server, limits, 0);
      const ends = [
        0,
        ...at.map((cut) => cut % bytes.length).toSorted((one, other) => one - other),
        bytes.length,
      ];
      for (let piece = 1; piece < ends.length; piece += 1) {
        const part = bytes.subarray(ends[piece - 1], ends[piece]);
        const step = stepServer(state, { kind: 'bytes', bytes: part, nowMs: 0, monotonicMs: 0 }, primitives);
        state = step.state;
        for (const effect of step.effects) {
          expect(['append', 'watch', 'trim'], 'without an opened queue').not.toContain(effect.kind);
        }
      }
    }),
    { numRuns: 200 },
  );
});
