/**
 * A connection as its client side sees it (spec/mail-clients.md, "Connections"): greeting, round trips, and whether the
 * other side is still there. Time is an input. `status` is the ping: every server answers it at once, whatever else
 * it is busy with. A peer from which nothing comes although it was asked is doubted first, after a time that follows the
 * round trip, so that another path can take over; and then gone.
 */
import { refuse, type Refusal } from '../errors.ts';
import { wireVersion } from '../codes.ts';
import { answerTimeoutMs, doubtMsMax, doubtMsMin, keepAliveMs, watchedPingMs } from '../limits.ts';
import { noRoute, requestIdBytes } from './control-header.ts';
import type { Hello } from './hello.ts';
import type { StatusReport } from './status.ts';
import { encodeStatus } from './status.ts';

export interface ClientConnection {
  readonly hello: Hello | undefined;
  /** Falls at once to the best round trip, rises slowly: the first ones wait behind our own start. Undefined: none yet. */
  readonly rttMs: number | undefined;
  /** How far round trips stray from that. */
  readonly rttStrayMs: number;
  /** Until then it is asked often: somebody talks over it. */
  readonly watchedUntilMs: number;
  readonly doubted: boolean;
  /** No doubt before: this machine was late itself, and what came meanwhile has not been read. */
  readonly graceUntilMs: number;
  readonly heardAtMs: number;
  readonly pingedAtMs: number;
  /** Under way. */
  readonly ping: { readonly number: number; readonly sentAtMs: number } | undefined;
  readonly pingCount: number;
}

export type ClientConnectionInput =
  | { readonly kind: 'hello'; readonly hello: Hello; readonly nowMs: number }
  | { readonly kind: 'status-report'; readonly report: StatusReport; readonly nowMs: number }
  /** Anything came. */
  | { readonly kind: 'heard'; readonly nowMs: number }
  /** We read nothing at the moment, so that silence means nothing. */
  | { readonly kind: 'paused'; readonly nowMs: number }
  /** Something goes over it: its death is to be noticed soon. */
  | { readonly kind: 'watch'; readonly untilMs: number; readonly nowMs: number }
  /** Ask now: the network under it has changed. */
  | { readonly kind: 'ask'; readonly nowMs: number }
  | { readonly kind: 'time'; readonly nowMs: number };

export type ClientConnectionEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'ready' }
  | { readonly kind: 'round-trip' }
  /** Nothing came although it was asked; `trusted` follows when something does. */
  | { readonly kind: 'doubted' }
  | { readonly kind: 'trusted' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'violation'; readonly refusal: Refusal };

export interface ClientConnectionStep {
  readonly state: ClientConnection;
  readonly effects: readonly ClientConnectionEffect[];
  /** Give `time` then, or earlier. */
  readonly wakeAtMs: number;
}

export function createClientConnection(nowMs: number): ClientConnection {
  return {
    hello: undefined,
    rttMs: undefined,
    rttStrayMs: 0,
    watchedUntilMs: nowMs,
    doubted: false,
    graceUntilMs: nowMs,
    heardAtMs: nowMs,
    pingedAtMs: nowMs,
    ping: undefined,
    pingCount: 0,
  };
}

export function stepClientConnection(
  state: ClientConnection,
  input: ClientConnectionInput,
): ClientConnectionStep {
  switch (input.kind) {
    case 'hello':
      return takeHello(state, input.hello, input.nowMs);
    case 'status-report':
      return takeReport(state, input.report, input.nowMs);
    case 'heard':
      return trust({ ...state, heardAtMs: input.nowMs });
    case 'paused':
      return trust({ ...state, heardAtMs: input.nowMs, ping: undefined });
    case 'watch':
      return passTime(
        { ...state, watchedUntilMs: Math.max(state.watchedUntilMs, input.untilMs) },
        input.nowMs,
      );
    case 'ask': {
      if (state.hello === undefined || state.ping !== undefined) return rest(state, []);
      const { state: pinging, bytes } = ping(state, input.nowMs);
      return rest(pinging, [{ kind: 'send', bytes }]);
    }
    case 'time':
      return passTime(state, input.nowMs);
  }
}

function trust(state: ClientConnection): ClientConnectionStep {
  if (!state.doubted) return rest(state, []);
  return rest({ ...state, doubted: false }, [{ kind: 'trusted' }]);
}

function takeHello(state: ClientConnection, hello: Hello, nowMs: number): ClientConnectionStep {
  if (state.hello !== undefined) return broken(state, 'order', 'hello', 'comes once');
  if (hello.versionMin > wireVersion || hello.versionMax < wireVersion) {
    return broken(state, 'version', 'hello.version', `has version ${wireVersion} in its range`);
  }
  const { state: pinging, bytes } = ping({ ...state, hello, heardAtMs: nowMs }, nowMs);
  return rest(pinging, [{ kind: 'send', bytes }, { kind: 'ready' }]);
}

function takeReport(state: ClientConnection, report: StatusReport, nowMs: number): ClientConnectionStep {
  const number = Number(
    new DataView(report.requestId.buffer, report.requestId.byteOffset).getBigUint64(4, true),
  );
  // A report for a ping that was given up while we paused.
  if (state.ping === undefined || state.ping.number !== number)
    return rest({ ...state, heardAtMs: nowMs }, []);
  const sampleMs = nowMs - state.ping.sentAtMs;
  const known = state.rttMs ?? sampleMs;
  const rttMs = sampleMs < known ? sampleMs : known + (sampleMs - known) / 8;
  const stray = Math.abs(sampleMs - known);
  const rttStrayMs =
    state.rttMs === undefined ? sampleMs / 2 : state.rttStrayMs + (stray - state.rttStrayMs) / 4;
  return rest({ ...state, heardAtMs: nowMs, ping: undefined, rttMs, rttStrayMs }, [{ kind: 'round-trip' }]);
}

function passTime(state: ClientConnection, nowMs: number): ClientConnectionStep {
  const waiting = state.hello === undefined || state.ping !== undefined;
  if (waiting && nowMs - silentSinceMs(state) >= answerTimeoutMs) return rest(state, [{ kind: 'lost' }]);
  if (waiting) return judge(state, nowMs);
  if (nowMs < pingDueMs(state)) return rest(state, []);
  const { state: pinging, bytes } = ping(state, nowMs);
  return rest(pinging, [{ kind: 'send', bytes }]);
}

/** Whoever looks at the clock late may have an answer waiting to be read, and gives it as long again. */
function judge(state: ClientConnection, nowMs: number): ClientConnectionStep {
  const dueMs = doubtDueMs(state);
  if (dueMs === undefined || nowMs < dueMs) return rest(state, []);
  const patience = patienceMs(state);
  if (nowMs - dueMs > patience / 2) return rest({ ...state, graceUntilMs: nowMs + patience }, []);
  return rest({ ...state, doubted: true }, [{ kind: 'doubted' }]);
}

function silentSinceMs(state: ClientConnection): number {
  return Math.max(state.heardAtMs, state.ping?.sentAtMs ?? 0);
}

function doubtDueMs(state: ClientConnection): number | undefined {
  if (state.hello === undefined || state.ping === undefined || state.doubted) return undefined;
  return Math.max(silentSinceMs(state) + patienceMs(state), state.graceUntilMs);
}

function patienceMs({ rttMs, rttStrayMs }: ClientConnection): number {
  if (rttMs === undefined) return doubtMsMax;
  return Math.min(doubtMsMax, Math.max(doubtMsMin, 2 * rttMs + 4 * rttStrayMs));
}

function pingDueMs({ pingedAtMs, watchedUntilMs }: ClientConnection): number {
  const soonMs = pingedAtMs + watchedPingMs;
  return soonMs < watchedUntilMs ? soonMs : pingedAtMs + keepAliveMs;
}

function ping(
  state: ClientConnection,
  nowMs: number,
): { readonly state: ClientConnection; readonly bytes: Uint8Array } {
  const number = state.pingCount + 1;
  const requestId = new Uint8Array(requestIdBytes).fill(0xff, 0, 4);
  new DataView(requestId.buffer).setBigUint64(4, BigInt(number), true);
  const bytes = encodeStatus({ route: noRoute, requestId });
  const pinging = { ...state, pingedAtMs: nowMs, pingCount: number, ping: { number, sentAtMs: nowMs } };
  return { state: pinging, bytes };
}

function broken(state: ClientConnection, code: string, where: string, rule: string): ClientConnectionStep {
  return rest(state, [{ kind: 'violation', refusal: refuse(code, where, rule).refusal }]);
}

function rest(state: ClientConnection, effects: readonly ClientConnectionEffect[]): ClientConnectionStep {
  return { state, effects, wakeAtMs: wakeAtMs(state) };
}

function wakeAtMs(state: ClientConnection): number {
  if (state.hello === undefined || state.ping !== undefined) {
    return Math.min(silentSinceMs(state) + answerTimeoutMs, doubtDueMs(state) ?? Number.POSITIVE_INFINITY);
  }
  return pingDueMs(state);
}
