/** Which of the open paths is used, and which are too many. */
import type { PathChooser, PathEffect } from './chooser-types.ts';
import { kindTexts, nearnessOf, needsSecond, surchargeMs } from './nearness.ts';
import { pathLimits } from './limits.ts';
import { createWay, type Way } from './way.ts';

/** Round trips that two paths need before the nearer one, or another one, can take the place of a sound one. */
const samplesMin = { nearer: 2, other: 4 } as const;
/** So much faster one of another kind has to be, as a part of the used one's figure and in ms: else paths would take turns. */
const fasterBy = 0.8;
const fasterByMs = 1;

export function isHealthy({ phase, doubted }: Way): boolean {
  return phase === 'open' && !doubted;
}

/** The used path stays unless it died, is in doubt while another is not, or one is clearly better. */
export function chooseUsed(state: PathChooser, nowMs: number): PathChooser {
  const used = state.ways.find(({ name, phase }) => name === state.used && phase === 'open');
  const others = state.ways.filter((way) => isHealthy(way) && way !== used);
  const best = others.toSorted((left, right) => figureOf(left) - figureOf(right))[0];
  // One in doubt is better than none: it may speak again before another is found.
  const doubted = state.ways.find(({ phase }) => phase === 'open');
  if (used === undefined) return replaced(state, best ?? doubted, nowMs);
  if (best === undefined) return state;
  if (used.doubted) return use(state, best, nowMs, `took over when ${textOf(used)} went silent`);
  if (nowMs - state.usedSinceMs < pathLimits.settleMs || !isBetter(best, used)) return state;
  const why = `${figureText(best)}, better than ${figureText(used)} over ${textOf(used)}`;
  return use(state, best, nowMs, why);
}

function replaced(state: PathChooser, best: Way | undefined, nowMs: number): PathChooser {
  if (best === undefined) return { ...state, used: undefined };
  const before = state.ways.find(({ name }) => name === state.used);
  const reason =
    before === undefined ? 'the first path that answered' : `took over when ${textOf(before)} ended`;
  return use(state, best, nowMs, reason);
}

function use(state: PathChooser, way: Way, nowMs: number, reason: string): PathChooser {
  return { ...state, used: way.name, usedSinceMs: nowMs, reason };
}

function isBetter(candidate: Way, used: Way): boolean {
  const [its, ours] = [figureOf(candidate), figureOf(used)];
  const isNearer = nearnessOf(candidate.path.kind) < nearnessOf(used.path.kind);
  const needed = isNearer ? samplesMin.nearer : samplesMin.other;
  if (candidate.samples < needed || used.samples < needed) return false;
  return isNearer ? its <= ours : its < ours * fasterBy - fasterByMs;
}

/** What paths are compared by, in ms: one that is not measured yet comes last. */
function figureOf({ rttMs, path }: Way): number {
  return rttMs === undefined ? Number.MAX_SAFE_INTEGER : rttMs + surchargeMs[path.kind];
}

function figureText({ rttMs }: Way): string {
  return rttMs === undefined ? 'not measured' : `${rttMs.toFixed(1)} ms`;
}

function textOf({ path }: Way): string {
  return kindTexts[path.kind];
}

interface Cleared {
  readonly state: PathChooser;
  readonly effects: readonly PathEffect[];
  readonly wakeAtMs: number | undefined;
}

/**
 * Every open path is silent while somebody talks: what carried them is gone (another address, a router that has forgotten us), and
 * the same path may well work when it is dialled anew.
 */
export function leaveSilent(state: PathChooser, nowMs: number): Cleared {
  const open = state.ways.filter(({ phase }) => phase === 'open');
  const hasMoved = nowMs - state.movedAtMs < pathLimits.movedMs;
  const isTalking = hasMoved || nowMs < state.livelyUntilMs;
  if (!isTalking || open.some((way) => isHealthy(way))) return { state, effects: [], wakeAtMs: undefined };
  const patienceMs = hasMoved ? 0 : pathLimits.silentMs;
  const left = open.filter(({ doubtedAtMs }) => nowMs - doubtedAtMs >= patienceMs);
  const wakeAtMs = Math.min(...open.map(({ doubtedAtMs }) => doubtedAtMs + patienceMs));
  if (left.length === 0) return { state, effects: [], wakeAtMs: open.length === 0 ? undefined : wakeAtMs };
  const held = left.some(({ sinceMs }) => nowMs - sinceMs >= pathLimits.steadyMs);
  const ways = state.ways.map((way) =>
    left.includes(way) ? { ...createWay(way.name, way.path, nowMs), note: 'went silent' } : way,
  );
  return {
    state: { ...state, ways, failedRounds: held ? 0 : state.failedRounds, roundAtMs: nowMs },
    effects: left.map(({ name }) => ({ kind: 'close', name }) as const),
    wakeAtMs: undefined,
  };
}

/** Beside the used path one more is kept while a conversation is going on; what was measured and lost is left alone for a while. */
export function surplus(state: PathChooser, nowMs: number): Cleared {
  const used = state.ways.find(({ name }) => name === state.used);
  if (used === undefined || !isHealthy(used)) return { state, effects: [], wakeAtMs: undefined };
  const isLively = nowMs < state.livelyUntilMs;
  const keep = isLively && needsSecond(used.path.kind) ? 1 : 0;
  const others = state.ways
    .filter((way) => way !== used && way.phase === 'open')
    .toSorted(
      (left, right) => Number(left.doubted) - Number(right.doubted) || figureOf(left) - figureOf(right),
    );
  const extra = others.slice(keep);
  const measured = extra.filter(({ sinceMs }) => nowMs - sinceMs >= pathLimits.measureMs);
  const needed = keep - others.filter((way) => isHealthy(way)).length;
  const dials = state.ways.filter(
    ({ phase, path }) =>
      phase === 'dialling' && needed <= 0 && nearnessOf(path.kind) >= nearnessOf(used.path.kind),
  );
  const ways = state.ways.map((way) => {
    if (dials.includes(way)) return { ...way, phase: 'idle' as const, sinceMs: nowMs };
    return measured.includes(way) ? laidAside(way, nowMs) : way;
  });
  const effects = [
    ...dials.map(({ name }) => ({ kind: 'give-up', name }) as const),
    ...measured.map(({ name }) => ({ kind: 'close', name }) as const),
  ];
  const due = extra.map(({ sinceMs }) => sinceMs + pathLimits.measureMs);
  const wakeAtMs = Math.min(...due, isLively && keep > 0 ? state.livelyUntilMs : Number.POSITIVE_INFINITY);
  return { state: { ...state, ways }, effects, wakeAtMs: Number.isFinite(wakeAtMs) ? wakeAtMs : undefined };
}

function laidAside(way: Way, nowMs: number): Way {
  const failures = way.failures + 1;
  const restMs = Math.min(pathLimits.extraRestMaxMs, pathLimits.extraRestMinMs * 2 ** failures);
  const measured = way.rttMs === undefined ? 'not needed' : `not needed: ${figureText(way)}`;
  const note = way.doubted ? 'went silent' : measured;
  return {
    ...way,
    phase: 'idle',
    rttMs: undefined,
    samples: 0,
    doubted: false,
    failures,
    restUntilMs: nowMs + restMs,
    note,
  };
}
