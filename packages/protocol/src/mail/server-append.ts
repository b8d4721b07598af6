/**
 * Appends at the side that serves (spec/mail.md, "Append"). A mail frame on a queue that this connection owns gets the
 * next index, and exactly one answer. After one refusal all later ones of the queue are refused until it is opened
 * again: the frame behind a hole must not take the hole's index.
 */
import { requestIdAt, requestIdBytes } from './control-header.ts';
import { routeBytes, routeKey } from './route.ts';
import { change, ownedSession, refuseRequest, type ServerTurn, setOwnedSession } from './server-turn.ts';
import type { ServerAppend, ServerAppendOutcome } from './server-types.ts';
import { encodeStored } from './stored.ts';

const routeAt = 4;

function frameHeader(frame: Uint8Array): { readonly route: Uint8Array; readonly requestId: Uint8Array } {
  return {
    route: frame.subarray(routeAt, routeAt + routeBytes),
    requestId: frame.subarray(requestIdAt, requestIdAt + requestIdBytes),
  };
}

export function receiveMailFrame(turn: ServerTurn, frame: Uint8Array): void {
  const key = routeKey(frame, routeAt);
  const session = ownedSession(turn, key);
  if (session === undefined || session.closed !== undefined) {
    refuseRequest(turn, frameHeader(frame), session?.closed ?? 'not-authorized');
    return;
  }
  setOwnedSession(turn, key, { next: session.next + 1, closed: undefined });
  passOn(turn, { route: frame.subarray(routeAt, routeAt + routeBytes), index: session.next, frame });
}

export function passOn(turn: ServerTurn, append: ServerAppend): void {
  turn.appends.push(append);
  change(turn, { pendingBytes: turn.state.pendingBytes + append.frame.length });
}

export function framesAppended(
  turn: ServerTurn,
  results: readonly { readonly append: ServerAppend; readonly outcome: ServerAppendOutcome }[],
): void {
  let pendingBytes = turn.state.pendingBytes;
  for (const { append, outcome } of results) {
    pendingBytes -= append.frame.length;
    const header = frameHeader(append.frame);
    if (outcome.kind === 'stored') {
      turn.parts.push(encodeStored({ ...header, index: outcome.index, expiresMs: outcome.expiresMs }));
      continue;
    }
    refuseRequest(turn, header, outcome.name, outcome.retryAfterMs);
    if (append.index !== undefined) closeSession(turn, append.route, append.index);
  }
  change(turn, { pendingBytes });
}

/** Unless the queue has been opened again since the refused frame was passed on. */
function closeSession(turn: ServerTurn, route: Uint8Array, refusedIndex: number): void {
  const key = routeKey(route);
  const session = ownedSession(turn, key);
  if (session === undefined || session.closed !== undefined || session.next <= refusedIndex) return;
  setOwnedSession(turn, key, { ...session, closed: 'out-of-order' });
}
