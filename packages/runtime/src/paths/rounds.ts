/**
 * Who is dialled when. Without an open path: rounds, in which each path is tried once, the next one 150 ms after the last or
 * as soon as that failed; between rounds a wait that doubles, shortened at random by up to a half so that many who lost the same
 * peer do not come back at once. With an open path: only what is nearer than it, or may become the second.
 */
import type { PathChooser, PathEffect, PathInput, PathMoment } from './chooser-types.ts';
import { isHealthy } from './judgement.ts';
import { pathLimits } from './limits.ts';
import { nearnessOf, needsSecond } from './nearness.ts';
import type { Way } from './way.ts';

interface Dials {
  readonly state: PathChooser;
  readonly effects: readonly PathEffect[];
  readonly wakeAtMs?: number | undefined;
}

/** When everything has been tried and nothing is open: the next round is put off. */
export function endRound(state: PathChooser, input: PathInput, { nowMs, chance }: PathMoment): Dials {
  const nowhere = state.ways.length === 0 && nowMs >= state.roundAtMs;
  if (!nowhere && input.kind !== 'failed' && input.kind !== 'closed') return { state, effects: [] };
  const isBusy = state.ways.some(({ phase }) => phase !== 'idle');
  const untried = state.ways.some(({ tried, phase }) => !tried && phase === 'idle');
  if (isBusy || (untried && input.kind === 'failed')) return { state, effects: [] };
  const { roundMinMs, roundMaxMs } = pathLimits;
  const wholeMs = Math.min(roundMaxMs, roundMinMs * 2 ** Math.min(state.failedRounds, 20));
  const ended = {
    ...state,
    failedRounds: state.failedRounds + 1,
    dialledAtMs: nowhere ? nowMs : state.dialledAtMs,
    roundAtMs: nowMs + wholeMs * (1 - chance / 2),
    ways: state.ways.map((way) => ({ ...way, tried: false })),
  };
  return { state: ended, effects: [{ kind: 'unreachable' }] };
}

/** Starts what is due; most times nothing, and never more than one. */
export function startDials(state: PathChooser, nowMs: number): Dials {
  const open = state.ways.filter((way) => isHealthy(way));
  const due = open.length === 0 ? inRound(state, nowMs) : beside(state, open, nowMs);
  const [first] = due.ways.toSorted((left, right) => orderOf(left) - orderOf(right));
  if (first === undefined) return { state, effects: [], wakeAtMs: due.wakeAtMs };
  const last = state.ways.find(({ phase, sinceMs }) => phase === 'dialling' && sinceMs === state.dialledAtMs);
  const nextMs = last === undefined ? nowMs : state.dialledAtMs + pathLimits.nextPathMs;
  if (nowMs < nextMs) return { state, effects: [], wakeAtMs: nextMs };
  const dialled = { phase: 'dialling', sinceMs: nowMs, tried: true, note: '' } as const;
  const ways = state.ways.map((way) => (way.name === first.name ? { ...way, ...dialled } : way));
  return {
    state: { ...state, ways, dialledAtMs: nowMs },
    effects: [{ kind: 'dial', name: first.name, path: first.path }],
    wakeAtMs: nowMs + pathLimits.nextPathMs,
  };
}

function orderOf(way: Way): number {
  return nearnessOf(way.path.kind);
}

interface Due {
  readonly ways: readonly Way[];
  /** When more will be due. */
  readonly wakeAtMs?: number | undefined;
}

function inRound(state: PathChooser, nowMs: number): Due {
  const isDoubted = state.ways.some(({ phase }) => phase === 'open');
  // A path in doubt is still there: others are tried beside it at once, each as often as beside a sound one.
  if (isDoubted)
    return rested(
      state.ways.filter(({ phase }) => phase === 'idle'),
      nowMs,
    );
  if (nowMs < state.roundAtMs) return { ways: [], wakeAtMs: state.roundAtMs };
  return { ways: state.ways.filter(({ phase, tried }) => phase === 'idle' && !tried) };
}

function beside(state: PathChooser, open: readonly Way[], nowMs: number): Due {
  const used = open.find(({ name }) => name === state.used) ?? open[0];
  if (used === undefined) return { ways: [] };
  const wantsSecond = nowMs < state.livelyUntilMs && needsSecond(used.path.kind) && open.length < 2;
  const wanted = state.ways.filter(
    (way) => way.phase === 'idle' && (wantsSecond || orderOf(way) < orderOf(used)),
  );
  const isRelayed = open.every(({ path }) => path.kind === 'relayed');
  return rested(isRelayed ? wanted.map((way) => impatient(way)) : wanted, nowMs);
}

/** Nothing direct is open: what might be is tried sooner. */
function impatient(way: Way): Way {
  const { relayedRestMinMs, relayedRestMaxMs } = pathLimits;
  const restMs = Math.min(relayedRestMaxMs, relayedRestMinMs * 2 ** Math.max(0, way.failures - 1));
  return { ...way, restUntilMs: Math.min(way.restUntilMs, way.sinceMs + restMs) };
}

function rested(ways: readonly Way[], nowMs: number): Due {
  const ready = ways.filter(({ restUntilMs }) => restUntilMs <= nowMs);
  const times = ways.map(({ restUntilMs }) => restUntilMs).filter((time) => time > nowMs);
  return { ways: ready, wakeAtMs: times.length === 0 ? undefined : Math.min(...times) };
}
