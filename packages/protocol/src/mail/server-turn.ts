/** One step of the serving machine in the making: the state so far, what goes out, what the backend is asked. */
import type { MailErrorName } from '../codes.ts';
import { type ControlHeader, noRequest, noRoute } from './control-header.ts';
import { encodeMailError } from './error.ts';
import type { Fetch } from './fetch.ts';
import type { RouteMap } from './route-map.ts';
import type {
  OwnedSession,
  ServerAppend,
  ServerEffect,
  ServerPrimitives,
  ServerState,
  ServerStep,
  Subscription,
} from './server-types.ts';

export interface ServerTurn {
  readonly primitives: ServerPrimitives;
  state: ServerState;
  /** Put into the state at the end, as are the next two. */
  owned: RouteMap<OwnedSession>;
  subscriptions: RouteMap<Subscription>;
  behind: RouteMap<true>;
  /** What waits for the backend, in bytes of requests: counted one by one, put into the state at the end. */
  pendingBytes: number;
  /** Put into the state at the end. */
  readonly fetches: Fetch[];
  /** Frames that have just been stored and are pushed in this turn. */
  grownBytes: number;
  readonly parts: Uint8Array[];
  readonly appends: ServerAppend[];
  readonly effects: ServerEffect[];
}

export function beginTurn(primitives: ServerPrimitives, state: ServerState): ServerTurn {
  return {
    primitives,
    state,
    owned: state.owned,
    subscriptions: state.subscriptions,
    behind: state.behind,
    pendingBytes: state.pendingBytes,
    fetches: [...state.fetches],
    grownBytes: 0,
    parts: [],
    appends: [],
    effects: [],
  };
}

export function change(turn: ServerTurn, changes: Partial<ServerState>): void {
  turn.state = { ...turn.state, ...changes };
}

export function ownedSession(turn: ServerTurn, route: string): OwnedSession | undefined {
  return turn.owned.get(route);
}

export function setOwnedSession(turn: ServerTurn, route: string, session: OwnedSession): void {
  turn.owned = turn.owned.with(route, session);
}

export function forgetOwnedSession(turn: ServerTurn, route: string): void {
  turn.owned = turn.owned.without(route);
}

/** Appends go to the backend together, and before anything that was asked for after them. */
export function ask(turn: ServerTurn, effect: ServerEffect): void {
  flushAppends(turn);
  turn.effects.push(effect);
}

function flushAppends(turn: ServerTurn): void {
  if (turn.appends.length === 0) return;
  turn.effects.push({ kind: 'append', appends: turn.appends.splice(0) });
}

export function refuseRequest(
  turn: ServerTurn,
  header: ControlHeader,
  name: MailErrorName,
  retryAfterMs = 0,
): void {
  const { route, requestId } = header;
  turn.parts.push(encodeMailError({ route, requestId, name, retryAfterMs }));
}

/** The last word. Nothing that comes after it is looked at. */
export function closeWith(turn: ServerTurn, name: MailErrorName, reason: string): void {
  refuseRequest(turn, { route: noRoute, requestId: noRequest }, name);
  finishSends(turn);
  ask(turn, { kind: 'close', reason });
  change(turn, { phase: 'closed' });
}

function finishSends(turn: ServerTurn): void {
  if (turn.parts.length > 0) turn.effects.push({ kind: 'send', parts: turn.parts.splice(0) });
}

export function endTurn(turn: ServerTurn): ServerStep {
  flushAppends(turn);
  finishSends(turn);
  const { owned, subscriptions, behind, pendingBytes, fetches, effects } = turn;
  return { state: { ...turn.state, owned, subscriptions, behind, pendingBytes, fetches }, effects };
}
