/**
 * How a relay has been, from one look a minute (spec/mail-clients.md, "Choice of relays"). A relay counts as away only in looks in
 * which others answered: else it is we who are cut off. Both the clock and a number of looks have to say it, so that neither
 * a machine that slept nor a clock that jumped makes a relay look gone.
 */
import type { PeerReport } from '@mycelium/runtime';

export interface RelayHealth {
  /** Looks at which it was there or away, up to the most that matter. */
  readonly looks: number;
  /** Of the newest looks, how many in a row it was there, and since when; 0 when it was away at the last one. */
  readonly steadyLooks: number;
  readonly steadySinceMs: number;
  /** Likewise how many in a row it was away. */
  readonly awayLooks: number;
  readonly awaySinceMs: number;
  /** Part of the looks at which it was away, the newest ones counting most. */
  readonly failures: number;
  readonly rttMs: number;
  readonly loadPercent: number;
  readonly queues: number;
  /** It keeps mail for others, as it says. */
  readonly keepsMail: boolean;
  /** It is there and has taken none of our queues since; 0: it takes them. */
  readonly refusesSinceMs: number;
}

export type Look =
  | { readonly kind: 'there'; readonly report: PeerReport; readonly refuses: boolean }
  | { readonly kind: 'away' };

export const neverMet: RelayHealth = {
  looks: 0,
  steadyLooks: 0,
  steadySinceMs: 0,
  awayLooks: 0,
  awaySinceMs: 0,
  failures: 0,
  rttMs: 0,
  loadPercent: 0,
  queues: 0,
  keepsMail: false,
  refusesSinceMs: 0,
};

/** What a look adds to a smoothed figure: the last hour or so counts. */
const newPart = 1 / 32;
const looksMax = 10_000;

export function observe(health: RelayHealth, look: Look, nowMs: number): RelayHealth {
  const looks = Math.min(looksMax, health.looks + 1);
  if (look.kind === 'away') {
    return {
      ...health,
      looks,
      steadyLooks: 0,
      steadySinceMs: 0,
      awayLooks: Math.min(looksMax, health.awayLooks + 1),
      awaySinceMs: health.awayLooks === 0 ? nowMs : health.awaySinceMs,
      failures: health.failures + (1 - health.failures) * newPart,
    };
  }
  const { rttMs, loadPercent, queues, keepsMail } = look.report;
  return {
    looks,
    steadyLooks: Math.min(looksMax, health.steadyLooks + 1),
    steadySinceMs: health.steadyLooks === 0 ? nowMs : health.steadySinceMs,
    awayLooks: 0,
    awaySinceMs: 0,
    failures: health.failures * (1 - newPart),
    rttMs: health.rttMs === 0 ? rttMs : health.rttMs + (rttMs - health.rttMs) / 8,
    loadPercent,
    queues,
    keepsMail,
    refusesSinceMs: look.refuses ? health.refusesSinceMs || nowMs : 0,
  };
}

/** A day has such relays, and so has a person's machine that is shut every night: they stay. */
const goneAfterMs = 3 * 86_400_000;
/** So often it was missed while others were there: an hour of looks. */
const goneLooks = 60;
/** Whoever is there and refuses will not change its mind by waiting. */
const refusedAfterMs = 3_600_000;

/** It has stayed away for so long that another one should do its work. */
export function isGone(health: RelayHealth, nowMs: number): boolean {
  const { awayLooks, awaySinceMs, refusesSinceMs } = health;
  if (refusesSinceMs > 0 && nowMs - refusesSinceMs >= refusedAfterMs) return true;
  return awayLooks >= goneLooks && nowMs - awaySinceMs >= goneAfterMs;
}

/** Two looks: it does not only restart. Until it is back others stand in for it. */
const awayLooksMin = 2;

export function isAway(health: RelayHealth): boolean {
  return health.awayLooks >= awayLooksMin;
}

/** So long that its owner may have noticed too. */
export function isMissed(health: RelayHealth): boolean {
  return health.awayLooks >= goneLooks;
}

/** Ten minutes without a break: good enough to be taken in where there are too few. */
const provenLooks = 10;

export function isProven(health: RelayHealth): boolean {
  return health.keepsMail && health.refusesSinceMs === 0 && health.steadyLooks >= provenLooks;
}

/** Nearer is no better: what a person notices begins above. */
const rttFreeMs = 100;
const weightMin = 1 / 4_096;
/** So few queues more or less say nothing. */
const queuesFree = 20;
/** A relay that is new, or says that it has nothing, gets four times its share and not everything. */
const lighterMax = 2;
const heavierMax = 16;

/**
 * Shares of new queues that relays should get beside each other: more for those that are less full and have fewer queues than the
 * others here, are near and always there. Of what nobody has met yet the best is thought. A relay that is away now gets queues
 * only when there is no other.
 */
export function sharesOf(healths: readonly RelayHealth[]): readonly number[] {
  const met = healths.filter(({ looks }) => looks > 0);
  const usual = met.reduce((sum, { queues }) => sum + queues, 0) / Math.max(1, met.length);
  return healths.map((health) => {
    if (health.looks === 0) return 1;
    if (health.awayLooks > 0 || health.refusesSinceMs > 0) return weightMin / 1_000;
    const free = (100 - health.loadPercent) / 100;
    const near = rttFreeMs / Math.max(rttFreeMs, health.rttMs);
    const lighter = (usual + queuesFree) / (health.queues + queuesFree);
    const light = Math.min(lighterMax, Math.max(1 / heavierMax, lighter));
    return Math.max(weightMin, (free * light * (1 - health.failures)) ** 2 * near);
  });
}
