/** `open` at the side that serves: who may (spec/mail.md, "Open"), and what it changes for this connection. */
import { largeControlBytes } from './control-header.ts';
import { encodeOpened, type Open, openIsAuthentic } from './open.ts';
import { routeKey } from './route.ts';
import {
  ask,
  change,
  forgetOwnedSession,
  ownedSession,
  refuseRequest,
  type ServerTurn,
  setOwnedSession,
} from './server-turn.ts';
import type { OpenedBounds, ServerOutcome } from './server-types.ts';

export function receiveOpen(turn: ServerTurn, open: Open): void {
  const { state } = turn;
  if (!openIsAuthentic(turn.primitives, state.identity, open)) {
    refuseRequest(turn, open, 'not-authorized');
    return;
  }
  const key = routeKey(open.route);
  const isNew = open.role === 'owner' ? !turn.owned.has(key) : !state.readable.has(key);
  if (isNew && turn.owned.size + state.readable.size >= state.limits.opensMax) {
    refuseRequest(turn, open, 'limit');
    return;
  }
  // Frames sent before the answer was read belong to no session: the owner cannot know their index.
  if (open.role === 'owner') forgetOwnedSession(turn, key);
  turn.pendingBytes += largeControlBytes;
  ask(turn, { kind: 'open', open });
}

export function queueOpened(turn: ServerTurn, open: Open, outcome: ServerOutcome<OpenedBounds>): void {
  turn.pendingBytes -= largeControlBytes;
  if (outcome.kind === 'refused') {
    refuseRequest(turn, open, outcome.name, outcome.retryAfterMs);
    return;
  }
  const route = routeKey(open.route);
  if (open.role === 'owner') {
    setOwnedSession(turn, route, { next: outcome.next, closed: undefined });
  } else if (!turn.state.readable.has(route)) {
    change(turn, { readable: turn.state.readable.with(route, true) });
  }
  const { route: bytes, requestId } = open;
  const { first, next } = outcome;
  const lastTag = open.role === 'owner' ? outcome.lastTag : undefined;
  turn.parts.push(encodeOpened({ route: bytes, requestId, first, next, lastTag }));
}

/** Another connection is the owner now. Appends under way are decided by their index. */
export function ownerSuperseded(turn: ServerTurn, route: Uint8Array): void {
  const key = routeKey(route);
  const session = ownedSession(turn, key);
  if (session !== undefined) setOwnedSession(turn, key, { ...session, closed: 'superseded' });
}
