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
