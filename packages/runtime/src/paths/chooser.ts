/**
 * Which of the paths to a peer are dialled, kept and used (spec/links.md, "Choosing a path"). Pure: time and chance are
 * inputs. A peer that somebody wants is dialled over its paths in order of nearness, the next 150 ms after the last; the
 * first that answers is used at once. From then on measured round trips decide; a nearer path is still tried, and while a
 * conversation is going on a second one is kept open, so that the death of one costs a moment and no frame.
 *
 * `way.ts` has what is known of one path, `rounds.ts` who is dialled when, `judgement.ts` which of those that are open is used.
 */
import type { Path } from '../ports/transport.ts';
import type { PathChooser, PathEffect, PathInput, PathMoment } from './chooser-types.ts';
import { chooseUsed, isHealthy, leaveSilent, surplus } from './judgement.ts';
import { pathName } from './nearness.ts';
import { pathLimits } from './limits.ts';
import { endRound, startDials } from './rounds.ts';
import { createWay, type Way } from './way.ts';

export interface PathStep {
  readonly state: PathChooser;
  readonly effects: readonly PathEffect[];
  /** Give `time` then. Undefined: nothing is waited for. */
  readonly wakeAtMs: number | undefined;
}

export function createPathChooser(): PathChooser {
  return {
    ways: [],
    used: undefined,
    usedSinceMs: 0,
    reason: '',
    wanted: false,
    livelyUntilMs: Number.NEGATIVE_INFINITY,
    dialledAtMs: Number.NEGATIVE_INFINITY,
    movedAtMs: Number.NEGATIVE_INFINITY,
    failedRounds: 0,
    roundAtMs: Number.NEGATIVE_INFINITY,
  };
}

export function stepPaths(before: PathChooser, input: PathInput, moment: PathMoment): PathStep {
  const { nowMs } = moment;
  const heard = take(before, input, moment);
  if (!heard.wanted) return retire(heard);
  const left = leaveSilent(heard, nowMs);
  const chosen = chooseUsed(left.state, nowMs);
  const ended = endRound(chosen, input, moment);
  const cleared = surplus(ended.state, nowMs);
  const started = startDials(cleared.state, nowMs);
  const use: readonly PathEffect[] =
    before.used === started.state.used ? [] : [{ kind: 'use', name: started.state.used }];
  return {
    state: started.state,
    effects: [...use, ...left.effects, ...ended.effects, ...cleared.effects, ...started.effects],
    wakeAtMs: earliest([left.wakeAtMs, started.wakeAtMs, cleared.wakeAtMs], nowMs),
  };
}

function take(state: PathChooser, input: PathInput, { nowMs, chance }: PathMoment): PathChooser {
  switch (input.kind) {
    case 'paths':
      return { ...state, ways: merged(state.ways, input.paths, nowMs) };
    case 'wanted':
      return { ...state, wanted: input.wanted };
    case 'opened':
      return change(state, input.name, { phase: 'open', sinceMs: nowMs, failures: 0, note: '' });
    case 'failed':
      return rest(state, input, { nowMs, chance });
    case 'closed': {
      const way = state.ways.find(({ name }) => name === input.name);
      const held = way?.phase === 'open' && nowMs - way.sinceMs >= pathLimits.steadyMs;
      return rest(held ? { ...state, failedRounds: 0 } : state, input, { nowMs, chance });
    }
    case 'measured': {
      const way = state.ways.find(({ name }) => name === input.name);
      return change(state, input.name, { rttMs: input.rttMs, samples: (way?.samples ?? 0) + 1 });
    }
    case 'doubted':
      return alarmed(change(state, input.name, { doubted: true, doubtedAtMs: nowMs }), nowMs);
    case 'trusted':
      return change(state, input.name, { doubted: false });
    case 'traffic':
      return { ...state, livelyUntilMs: nowMs + pathLimits.livelyMs };
    case 'hurry':
      return hurried(state, nowMs);
    case 'moved':
      return {
        ...hurried(state, nowMs),
        movedAtMs: nowMs,
        ways: state.ways.map((way) => ({ ...way, restUntilMs: nowMs })),
      };
    case 'time':
      return state;
  }
}

/** When nothing is left that answers, every other path is tried at once, however it did before. */
function alarmed(state: PathChooser, nowMs: number): PathChooser {
  if (state.ways.some((way) => isHealthy(way))) return state;
  const ways = state.ways.map((way) => (way.phase === 'idle' ? { ...way, restUntilMs: nowMs } : way));
  return { ...state, ways };
}

/** A round begins sooner, but not sooner than a moment after the last dial. */
function hurried(state: PathChooser, nowMs: number): PathChooser {
  const soonestMs = Math.max(nowMs, state.dialledAtMs + pathLimits.hurryMinMs);
  return { ...state, roundAtMs: Math.min(state.roundAtMs, soonestMs) };
}

function rest(
  state: PathChooser,
  { name, reason }: { readonly name: string; readonly reason: string },
  { nowMs, chance }: PathMoment,
): PathChooser {
  const failures = (state.ways.find((way) => way.name === name)?.failures ?? 0) + 1;
  const wholeMs = Math.min(pathLimits.extraRestMaxMs, pathLimits.extraRestMinMs * 2 ** (failures - 1));
  return change(state, name, {
    phase: 'idle',
    sinceMs: nowMs,
    rttMs: undefined,
    samples: 0,
    doubted: false,
    failures,
    restUntilMs: nowMs + wholeMs * (1 - chance / 2),
    note: reason,
  });
}

function change(state: PathChooser, name: string, changes: Partial<Way>): PathChooser {
  return { ...state, ways: state.ways.map((way) => (way.name === name ? { ...way, ...changes } : way)) };
}

/** What is not listed any more and not in use is forgotten; what is new may be tried at once. */
function merged(ways: readonly Way[], paths: readonly Path[], nowMs: number): readonly Way[] {
  const listed = paths.map((path) => {
    const name = pathName(path);
    const known = ways.find((way) => way.name === name);
    return known === undefined ? createWay(name, path, nowMs) : { ...known, path };
  });
  const names = new Set(listed.map(({ name }) => name));
  return [...listed, ...ways.filter(({ name, phase }) => !names.has(name) && phase !== 'idle')];
}

/** Nobody wants the peer any more. */
function retire(state: PathChooser): PathStep {
  const effects = state.ways.flatMap(({ name, phase }): readonly PathEffect[] => {
    if (phase === 'dialling') return [{ kind: 'give-up', name }];
    return phase === 'open' ? [{ kind: 'close', name }] : [];
  });
  const ways = state.ways.map((way) => ({ ...createWay(way.name, way.path, way.sinceMs), note: way.note }));
  const use: readonly PathEffect[] = state.used === undefined ? [] : [{ kind: 'use', name: undefined }];
  return { state: { ...state, ways, used: undefined }, effects: [...use, ...effects], wakeAtMs: undefined };
}

function earliest(times: readonly (number | undefined)[], nowMs: number): number | undefined {
  const ahead = times.filter((time) => time !== undefined && time > nowMs) as readonly number[];
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
