import type { Path, PathKind } from '@mycelium/runtime';
import type { TransportKey } from '@mycelium/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPathChooser, stepPaths } from '../../src/paths/chooser.ts';
import type { PathChooser, PathEffect, PathInput } from '../../src/paths/chooser-types.ts';
import { viewPaths } from '../../src/paths/view.ts';

const key = new Uint8Array(32) as TransportKey;

function path(kind: PathKind, port = 1): Path {
  return { kind, key, endpoints: kind === 'udp' || kind === 'unix' ? [] : [{ host: 'bob', port }] };
}

/** A chooser and the time; the longest waits, and no luck. */
class Scene {
  state: PathChooser = createPathChooser();
  nowMs = 0;
  wakeAtMs: number | undefined;
  readonly chance = 0;

  give(...inputs: readonly PathInput[]): readonly string[] {
    return inputs.flatMap((input) => {
      const step = stepPaths(this.state, input, this);
      this.state = step.state;
      this.wakeAtMs = step.wakeAtMs;
      return step.effects.map(text);
    });
  }

  /** Lets time go on, waking the chooser when it asked for it. */
  until(nowMs: number): readonly string[] {
    const effects: string[] = [];
    while (this.wakeAtMs !== undefined && this.wakeAtMs <= nowMs) {
      this.nowMs = this.wakeAtMs;
      effects.push(...this.give({ kind: 'time' }));
    }
    this.nowMs = nowMs;
    return effects;
  }

  begin(...paths: readonly Path[]): readonly string[] {
    return this.give({ kind: 'paths', paths }, { kind: 'wanted', wanted: true });
  }

  opens(name: string, rttMs?: number): readonly string[] {
    const effects = this.give({ kind: 'opened', name });
    return rttMs === undefined ? effects : [...effects, ...this.measures(name, rttMs)];
  }

  measures(name: string, rttMs: number): readonly string[] {
    const measured = { kind: 'measured', name, rttMs } as const;
    return this.give(measured, measured, measured, measured);
  }

  get note(): string {
    return viewPaths(this.state, this.nowMs).note;
  }
}

function text(effect: PathEffect): string {
  if (effect.kind === 'unreachable') return effect.kind;
  return `${effect.kind} ${effect.name ?? 'none'}`;
}

const fails = (name: string): PathInput => ({ kind: 'failed', name, reason: 'nobody answers' });

describe('dialling', () => {
  test('goes from near to far, the next path 150 ms after the last', () => {
    const scene = new Scene();
    expect(scene.begin(path('websocket'), path('udp'), path('tcp'))).toEqual(['dial tcp bob:1']);
    expect(scene.until(149)).toEqual([]);
    expect(scene.until(150)).toEqual(['dial udp']);
    expect(scene.until(300)).toEqual(['dial bob:1']);
  });

  test('a path that fails makes the next one start at once', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'));
    scene.until(10);
    expect(scene.give(fails('tcp bob:1'))).toEqual(['dial udp']);
  });

  test('the first link is used at once; a dial to a nearer place goes on, one to a farther is given up', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'), path('websocket'));
    scene.until(320);
    expect(scene.opens('udp')).toEqual(['use udp', 'give-up bob:1']);
    expect(scene.note).toBe('the first path that answered');
  });

  test('when all have failed it waits 250 ms, doubling to a minute, and never gives up', () => {
    const scene = new Scene();
    scene.begin(path('tcp'));
    const waits: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      expect(scene.give(fails('tcp bob:1'))).toEqual(['unreachable']);
      const sinceMs = scene.nowMs;
      expect(scene.until(scene.wakeAtMs ?? 0)).toEqual(['dial tcp bob:1']);
      waits.push(scene.nowMs - sinceMs);
    }
    expect(waits).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('each wait is shortened by up to a half', () => {
    const scene = new Scene();
    scene.begin(path('tcp'));
    const { state } = stepPaths(scene.state, fails('tcp bob:1'), { nowMs: 0, chance: 0.999 });
    expect(state.roundAtMs).toBeGreaterThanOrEqual(125);
    expect(state.roundAtMs).toBeLessThan(126);
  });

  test('somebody who waits ends the wait, but for a second since the last dial', () => {
    const scene = new Scene();
    scene.begin(path('tcp'));
    for (let round = 0; round < 8; round += 1) {
      scene.give(fails('tcp bob:1'));
      scene.until(scene.wakeAtMs ?? 0);
    }
    scene.give(fails('tcp bob:1'));
    const dialledAtMs = scene.nowMs;
    expect(scene.give({ kind: 'hurry' })).toEqual([]);
    expect(scene.until(dialledAtMs + 1_000)).toEqual(['dial tcp bob:1']);
  });

  test('without any path somebody is told, and a path that turns up is dialled', () => {
    const scene = new Scene();
    expect(scene.begin()).toEqual(['unreachable']);
    scene.until(250);
    expect(scene.give({ kind: 'paths', paths: [path('tcp')] }, { kind: 'time' })).toEqual([]);
    expect(scene.until(750)).toEqual(['dial tcp bob:1']);
  });

  test('nobody wants it any more: dials are given up and links closed', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'));
    scene.until(150);
    scene.opens('udp');
    expect(scene.give({ kind: 'wanted', wanted: false })).toEqual([
      'use none',
      'give-up tcp bob:1',
      'close udp',
    ]);
    expect(scene.wakeAtMs).toBeUndefined();
  });
});

describe('choosing', () => {
  test('a nearer path that is found later takes over when it is not slower', () => {
    const scene = new Scene();
    scene.begin(path('udp'));
    scene.opens('udp', 9);
    scene.until(2_000);
    expect(scene.give({ kind: 'paths', paths: [path('tcp'), path('udp')] })).toEqual(['dial tcp bob:1']);
    expect(scene.opens('tcp bob:1', 2)).toEqual(['use tcp bob:1']);
    expect(scene.note).toBe('2.0 ms, better than 9.0 ms over UDP');
  });

  test('a nearer path that is slower does not', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'));
    scene.until(150);
    scene.opens('udp', 9);
    scene.until(2_000);
    expect(scene.opens('tcp bob:1', 30)).toEqual([]);
    expect(scene.until(6_000)).toEqual(['close tcp bob:1']);
    // It was measured and lost: it is left alone, and not dialled again at once because it is nearer.
    expect(scene.until(30_000)).toEqual([]);
    expect(scene.until(40_000)).toEqual(['dial tcp bob:1']);
  });

  test('paths of about the same speed do not take turns', () => {
    const scene = new Scene();
    scene.begin(path('udp'), path('websocket'));
    scene.until(150);
    scene.give({ kind: 'traffic' });
    scene.opens('udp', 20);
    scene.opens('bob:1', 18);
    scene.until(5_000);
    expect(scene.measures('bob:1', 17)).toEqual([]);
    expect(scene.measures('udp', 22)).toEqual([]);
    expect(scene.measures('udp', 60)).toEqual(['use bob:1']);
  });

  test('a few figures are not enough to change', () => {
    const scene = new Scene();
    scene.begin(path('udp'), path('websocket'));
    scene.until(150);
    scene.give({ kind: 'traffic' });
    scene.opens('udp', 50);
    scene.until(5_000);
    scene.opens('bob:1');
    const once = { kind: 'measured', name: 'bob:1', rttMs: 5 } as const;
    expect(scene.give(once, once, once)).toEqual([]);
    expect(scene.give(once)).toEqual(['use bob:1']);
  });
});

test('while all that is open goes through a relay, direct paths are tried again after 2 s, 4 s, 8 s', () => {
  const scene = new Scene();
  const relayed = { kind: 'relayed', key, endpoints: [], via: { key } } as const;
  scene.begin(path('udp'), relayed);
  scene.give(fails('udp'));
  const name = scene.state.ways.find(({ path: { kind } }) => kind === 'relayed')?.name ?? '';
  scene.opens(name, 40);
  for (const waitMs of [2_000, 4_000, 8_000]) {
    expect(scene.until(scene.nowMs + waitMs - 1)).toEqual([]);
    expect(scene.until(scene.nowMs + 1)).toEqual(['dial udp']);
    scene.give(fails('udp'));
  }
});

describe('two warm paths', () => {
  test('while mail goes over the peer a second path is kept, and closed a minute after', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'), path('websocket'));
    scene.opens('tcp bob:1', 2);
    expect(scene.until(500)).toEqual([]);
    expect(scene.give({ kind: 'traffic' })).toEqual(['dial udp']);
    scene.opens('udp', 3);
    expect(scene.until(60_000)).toEqual([]);
    expect(scene.until(61_000)).toEqual(['close udp']);
  });

  test('a path on this machine needs none', () => {
    const scene = new Scene();
    scene.begin(path('unix'), path('tcp'));
    scene.opens('unix', 0.1);
    expect(scene.give({ kind: 'traffic' })).toEqual([]);
    expect(scene.until(100_000)).toEqual([]);
  });

  test('the second takes over at once when the used path dies, and a third becomes the second', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'), path('websocket'));
    scene.opens('tcp bob:1', 2);
    scene.give({ kind: 'traffic' });
    scene.opens('udp', 3);
    expect(scene.give({ kind: 'closed', name: 'tcp bob:1', reason: 'the connection was reset' })).toEqual([
      'use udp',
      'dial bob:1',
    ]);
    expect(scene.note).toBe('took over when TCP ended');
  });

  test('the second takes over when the used path is silent, which is kept in case it speaks again', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'));
    scene.opens('tcp bob:1', 2);
    scene.give({ kind: 'traffic' });
    scene.opens('udp', 3);
    expect(scene.give({ kind: 'doubted', name: 'tcp bob:1' })).toEqual(['use udp']);
    expect(scene.note).toBe('took over when TCP went silent');
    expect(viewPaths(scene.state, scene.nowMs).paths).toMatchObject([{ state: 'silent' }, { state: 'used' }]);
    expect(scene.give({ kind: 'trusted', name: 'tcp bob:1' })).toEqual([]);
    scene.until(2_000);
    expect(scene.measures('tcp bob:1', 2)).toEqual(['use tcp bob:1']);
  });

  test('a silent path without a second is kept while all others are dialled at once', () => {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'));
    scene.until(100);
    scene.give(fails('tcp bob:1'));
    scene.opens('udp', 9);
    expect(scene.give({ kind: 'doubted', name: 'udp' })).toEqual(['dial tcp bob:1']);
    expect(viewPaths(scene.state, scene.nowMs)).toMatchObject({ state: 'connected', path: 'udp' });
    expect(scene.opens('tcp bob:1')).toEqual(['use tcp bob:1']);
  });

  test('both silent: nothing changes hands for a second, then both are closed and dialled anew', () => {
    const scene = bothSilent(true);
    expect(scene.state.used).toBe('tcp bob:1');
    expect(scene.until(999)).toEqual([]);
    expect(scene.until(1_000)).toEqual(['use none', 'close tcp bob:1', 'close udp', 'dial tcp bob:1']);
    expect(scene.until(1_150)).toEqual(['dial udp']);
    expect(scene.opens('udp')).toEqual(['use udp']);
  });

  test('both silent, and nobody talks: they are kept until they end', () => {
    const scene = bothSilent(false);
    expect(scene.until(9_000)).toEqual([]);
    expect(scene.state.used).toBe('tcp bob:1');
  });

  test('both silent just after a move: they are dialled anew at once', () => {
    const scene = bothSilent(false, (moved) => moved.give({ kind: 'moved' }));
    expect(scene.state.used).toBeUndefined();
  });

  function bothSilent(isTalking: boolean, before: (scene: Scene) => void = () => undefined): Scene {
    const scene = new Scene();
    scene.begin(path('tcp'), path('udp'));
    scene.opens('tcp bob:1', 2);
    scene.give({ kind: 'traffic' });
    scene.opens('udp', 3);
    if (!isTalking) scene.state = { ...scene.state, livelyUntilMs: scene.nowMs };
    before(scene);
    expect(scene.give({ kind: 'doubted', name: 'udp' })).toEqual([]);
    scene.give({ kind: 'doubted', name: 'tcp bob:1' });
    return scene;
  }
});

test('after a move, what had failed is tried again', () => {
  const scene = new Scene();
  scene.begin(path('tcp'), path('udp'));
  scene.until(100);
  scene.give(fails('tcp bob:1'));
  scene.opens('udp', 9);
  expect(scene.until(10_000)).toEqual([]);
  expect(scene.give({ kind: 'moved' })).toEqual(['dial tcp bob:1']);
});

test('whatever happens in whatever order, what is used is open, what is wanted is dialled for ever, and waits are ahead', () => {
  const kinds: readonly PathKind[] = ['unix', 'tcp', 'udp', 'websocket'];
  const event = fc.tuple(fc.nat(9), fc.nat(3), fc.integer({ min: 0, max: 5_000 }));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      const scene = new Scene();
      scene.begin(...kinds.map((kind) => path(kind)));
      for (const [deed, at, laterMs] of events) {
        scene.until(scene.nowMs + laterMs);
        const way = scene.state.ways[at % scene.state.ways.length];
        if (way === undefined) continue;
        const { name, phase } = way;
        if (deed <= 1 && phase === 'dialling') scene.opens(name, laterMs / 10);
        if (deed === 2 && phase === 'dialling') scene.give(fails(name));
        if (deed === 3 && phase === 'open') scene.give({ kind: 'closed', name, reason: 'gone' });
        if (deed === 4 && phase === 'open') scene.give({ kind: way.doubted ? 'trusted' : 'doubted', name });
        if (deed === 5) scene.give({ kind: 'traffic' });
        if (deed === 6 && phase === 'open') scene.measures(name, laterMs / 10);
        if (deed === 7) scene.give({ kind: 'hurry' });
        if (deed === 8) scene.give({ kind: 'moved' });
        check(scene);
      }
    }),
    { numRuns: 2_000 },
  );
});

function check({ state, nowMs, wakeAtMs }: Scene): void {
  const open = state.ways.filter(({ phase }) => phase === 'open');
  const healthy = open.filter(({ doubted }) => !doubted);
  const used = state.ways.find(({ name }) => name === state.used);
  expect(used === undefined).toBe(open.length === 0);
  if (used !== undefined) expect(used.phase).toBe('open');
  if (used?.doubted === true) expect(healthy).toEqual([]);
  const isDialling = state.ways.some(({ phase }) => phase === 'dialling');
  if (open.length === 0 && !isDialling) expect(wakeAtMs ?? 0).toBeGreaterThan(nowMs);
  if (wakeAtMs !== undefined) expect(wakeAtMs).toBeGreaterThan(nowMs);
}
