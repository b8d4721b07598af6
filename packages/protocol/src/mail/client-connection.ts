/**
 * A connection as its client side sees it (spec/mail-clients.md, "Connections"): greeting, round trips, and whether the
 * other side is still there. Time is an input. `status` is the ping: every server answers it at once, whatever else
 * it is busy with; a peer from which nothing comes although it was asked is gone.
 */
import { refuse, type Refusal } from '../errors.ts';
import { wireVersion } from '../codes.ts';
import { answerTimeoutMs, keepAliveMs } from '../limits.ts';
import { noRoute, requestIdBytes } from './control-header.ts';
import type { Hello } from './hello.ts';
import type { StatusReport } from './status.ts';
import { encodeStatus } from './status.ts';

export interface ClientConnection {
  readonly hello: Hello | undefined;
  /** Falls at once to the best round trip, rises slowly: the first ones wait behind our own start. Undefined: none yet. */
  readonly rttMs: number | undefined;
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
  | { readonly kind: 'time'; readonly nowMs: number };

export type ClientConnectionEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'ready' }
  | { readonly kind: 'round-trip' }
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
      return rest({ ...state, heardAtMs: input.nowMs }, []);
    case 'paused':
      return rest({ ...state, heardAtMs: input.nowMs, ping: undefined }, []);
    case 'time':
      return passTime(state, input.nowMs);
  }
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
  return rest({ ...state, heardAtMs: nowMs, ping: undefined, rttMs }, [{ kind: 'round-trip' }]);
}

function passTime(state: ClientConnection, nowMs: number): ClientConnectionStep {
  const silentSinceMs = Math.max(state.heardAtMs, state.ping?.sentAtMs ?? 0);
  const waiting = state.hello === undefined || state.ping !== undefined;
  if (waiting && nowMs - silentSinceMs >= answerTimeoutMs) return rest(state, [{ kind: 'lost' }]);
  if (waiting || nowMs - state.pingedAtMs < keepAliveMs) return rest(state, []);
  const { state: pinging, bytes } = ping(state, nowMs);
  return rest(pinging, [{ kind: 'send', bytes }]);
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
  const waiting = state.hello === undefined || state.ping !== undefined;
  const sinceMs = waiting ? Math.max(state.heardAtMs, state.ping?.sentAtMs ?? 0) : state.pingedAtMs;
  return { state, effects, wakeAtMs: sinceMs + (waiting ? answerTimeoutMs : keepAliveMs) };
}
