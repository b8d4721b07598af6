import {
  createClientConnection,
  decodeStatus,
  stepClientConnection,
  type ClientConnection,
  type ClientConnectionInput,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';

const hello = {
  kind: 'hello' as const,
  versionMin: 1,
  versionMax: 1,
  features: 0,
  challenge: new Uint8Array(32).fill(7),
  appendFramesPerSecond: 0,
  retentionSeconds: 60,
  queueFramesMax: 10,
};

function connection() {
  let state: ClientConnection = createClientConnection(0);
  let pingId = new Uint8Array(12);
  const give = (input: ClientConnectionInput) => {
    const step = stepClientConnection(state, input);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.kind !== 'send') continue;
      const status = decodeStatus(effect.bytes);
      if (status.ok) pingId = status.value.requestId.slice();
    }
    return { kinds: step.effects.map((effect) => effect.kind), wakeAtMs: step.wakeAtMs };
  };
  const report = (nowMs: number) => {
    const figures = {
      version: 1,
      loadPercent: 0,
      queues: 0,
      connections: 1,
      retentionSeconds: 60,
      queueFramesMax: 10,
    };
    const answer = {
      kind: 'status-report' as const,
      route: new Uint8Array(16),
      requestId: pingId,
      ...figures,
    };
    return give({ kind: 'status-report', report: answer, nowMs });
  };
  return { give, report, state: () => state };
}

test('ready with the hello, and the round trip is measured at once', () => {
  const link = connection();
  expect(link.give({ kind: 'hello', hello, nowMs: 5 }).kinds).toEqual(['send', 'ready']);
  expect(link.report(45).kinds).toEqual(['round-trip']);
  expect(link.state().rttMs).toBe(40);
  expect(link.give({ kind: 'time', nowMs: 20_004 })).toEqual({ kinds: [], wakeAtMs: 20_005 });
  expect(link.give({ kind: 'time', nowMs: 20_005 }).kinds).toEqual(['send']);
  link.report(20_005 + 120);
  expect(link.state().rttMs).toBe(50);
});

test('who sends no hello, or answers no ping, is lost; silence while we pause is not', () => {
  const mute = connection();
  expect(mute.give({ kind: 'time', nowMs: 10_000 }).kinds).toEqual(['lost']);

  const link = connection();
  link.give({ kind: 'hello', hello, nowMs: 0 });
  expect(link.give({ kind: 'paused', nowMs: 9_000 }).kinds).toEqual([]);
  expect(link.give({ kind: 'time', nowMs: 12_000 }).kinds).toEqual([]);
  expect(link.give({ kind: 'time', nowMs: 29_000 }).kinds).toEqual(['send']);
  expect(link.give({ kind: 'heard', nowMs: 38_000 }).kinds).toEqual([]);
  expect(link.give({ kind: 'time', nowMs: 39_000 }).kinds).toEqual([]);
  expect(link.give({ kind: 'time', nowMs: 48_000 }).kinds).toEqual(['lost']);
});

test('a second hello and a version we do not speak are violations', () => {
  const link = connection();
  expect(
    link.give({ kind: 'hello', hello: { ...hello, versionMin: 2, versionMax: 3 }, nowMs: 0 }).kinds,
  ).toEqual(['violation']);
  link.give({ kind: 'hello', hello, nowMs: 0 });
  expect(link.give({ kind: 'hello', hello, nowMs: 0 }).kinds).toEqual(['violation']);
});

/** Greeted at 0, with a round trip of 20 ms. */
function watched(untilMs: number) {
  const link = connection();
  link.give({ kind: 'hello', hello, nowMs: 0 });
  link.report(20);
  expect(link.give({ kind: 'watch', untilMs, nowMs: 20 }).kinds).toEqual([]);
  return link;
}

test('a watched connection is asked every 300 ms, and every 20 s again when that is over', () => {
  const link = watched(1_000);
  expect(link.give({ kind: 'time', nowMs: 300 }).kinds).toEqual(['send']);
  link.report(320);
  expect(link.give({ kind: 'time', nowMs: 600 }).kinds).toEqual(['send']);
  link.report(620);
  expect(link.give({ kind: 'time', nowMs: 900 }).kinds).toEqual(['send']);
  link.report(920);
  expect(link.give({ kind: 'time', nowMs: 1_200 })).toEqual({ kinds: [], wakeAtMs: 20_900 });
});

test('one that is silent although it was asked is doubted within 700 ms, and trusted when it speaks', () => {
  const link = watched(60_000);
  const { wakeAtMs } = link.give({ kind: 'time', nowMs: 300 });
  expect(wakeAtMs).toBe(600);
  expect(link.give({ kind: 'time', nowMs: 600 }).kinds).toEqual(['doubted']);
  expect(link.give({ kind: 'time', nowMs: 700 }).kinds).toEqual([]);
  expect(link.give({ kind: 'heard', nowMs: 800 }).kinds).toEqual(['trusted']);
  expect(link.state().doubted).toBe(false);
});

test('a slow connection is given longer', () => {
  const link = connection();
  link.give({ kind: 'hello', hello, nowMs: 0 });
  link.report(400);
  link.give({ kind: 'watch', untilMs: 60_000, nowMs: 400 });
  expect(link.give({ kind: 'time', nowMs: 400 + 2 * 400 }).kinds).toEqual([]);
  expect(link.give({ kind: 'time', nowMs: 400 + 2 * 400 + 4 * 200 }).kinds).toEqual(['doubted']);
});

test('a machine that was late itself gives the answer time to be read', () => {
  const link = watched(60_000);
  link.give({ kind: 'time', nowMs: 300 });
  expect(link.give({ kind: 'time', nowMs: 2_000 })).toEqual({ kinds: [], wakeAtMs: 2_300 });
  expect(link.give({ kind: 'heard', nowMs: 2_001 }).kinds).toEqual([]);
  expect(link.report(2_001).kinds).toEqual(['round-trip']);
});

test('it can be asked at any time, once', () => {
  const link = watched(0);
  expect(link.give({ kind: 'ask', nowMs: 5_000 }).kinds).toEqual(['send']);
  expect(link.give({ kind: 'ask', nowMs: 5_001 }).kinds).toEqual([]);
});
