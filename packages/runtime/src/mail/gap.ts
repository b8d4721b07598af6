/**
 * A hole in a followed queue: the peer that we follow has nothing between what we want and `to`. Everybody else listed
 * is asked before it counts as missing. A peer that has simply not got so far yet may still get it from the owner, so
 * while there is one the hole is not believed; otherwise one lying relay could make us skip what honest ones will have.
 * Neither that nor peers that cannot be asked at the moment are waited for for ever.
 */
import type { Source } from './source.ts';

export interface Gap {
  readonly reporter: Source;
  readonly sinceMs: number;
  /** The lowest index above the hole that anybody has. */
  to: number;
  readonly asked: Set<Source>;
}

export type GapMove =
  | { readonly kind: 'ask'; readonly source: Source }
  | { readonly kind: 'wait' }
  | { readonly kind: 'disbelieve' }
  | { readonly kind: 'missing'; readonly first: number };

export interface GapView {
  readonly sources: readonly Source[];
  readonly wanted: number;
  readonly nowMs: number;
  readonly patienceMs: number;
}

export function openGap(reporter: Source, to: number, nowMs: number): Gap {
  return { reporter, to, sinceMs: nowMs, asked: new Set() };
}

export function nextGapMove(gap: Gap, view: GapView): GapMove {
  const { sources, wanted, nowMs, patienceMs } = view;
  if (sources.some((source) => source.fetching)) return { kind: 'wait' };
  const source = sources.find((one) => one.usable && !gap.asked.has(one));
  if (source !== undefined) return { kind: 'ask', source };
  const patient = nowMs - gap.sinceMs < patienceMs;
  if (patient && sources.some((one) => one !== gap.reporter && gap.asked.has(one) && one.next <= wanted)) {
    return { kind: 'disbelieve' };
  }
  const allAsked = sources.every((one) => gap.asked.has(one));
  if (!allAsked && patient) return { kind: 'wait' };
  return { kind: 'missing', first: gap.to };
}
