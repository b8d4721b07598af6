/** One step of the serving machine in the making: the state so far, what goes out, what the backend is asked. */
import type { MailErrorName } from '../codes.ts';
import { type ControlHeader, noRequest, noRoute } from './control-header.ts';
import { encodeMailError } from './error.ts';
import type { Fetch } from './fetch.ts';
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
  /** Copied from the state at the first change of the turn: appends come by the hundred. */
  owned: Map<string, OwnedSession> | undefined;
  subscriptions: Map<string, Subscription> | undefined;
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
    owned: undefined,
    subscriptions: undefined,
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
  return (turn.owned ?? turn.state.owned).get(route);
}

export function setOwnedSession(turn: ServerTurn, route: string, session: OwnedSession): void {
  turn.owned ??= new Map(turn.state.owned);
  turn.owned.set(route, session);
}

export function forgetOwnedSession(turn: ServerTurn, route: string): void {
  if (ownedSession(turn, route) === undefined) return;
  turn.owned ??= new Map(turn.state.owned);
  turn.owned.delete(route);
}

export function subscriptionsOf(turn: ServerTurn): ReadonlyMap<string, Subscription> {
  return turn.subscriptions ?? turn.state.subscriptions;
}

export function subscriptionsToChange(turn: ServerTurn): Map<string, Subscription> {
  turn.subscriptions ??= new Map(turn.state.subscriptions);
  return turn.subscriptions;
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
  const { owned = turn.state.owned, pendingBytes, fetches, subscriptions = turn.state.subscriptions } = turn;
  return { state: { ...turn.state, owned, pendingBytes, fetches, subscriptions }, effects: turn.effects };
}
