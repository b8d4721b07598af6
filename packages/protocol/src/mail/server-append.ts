/**
 * Appends at the side that serves (spec/mail.md, "Append"). A mail frame on a queue that this connection owns gets the
 * next index, and exactly one answer. After one refusal all later ones of the queue are refused until it is opened
 * again: the frame behind a hole must not take the hole's index.
 */
import { requestIdAt, requestIdBytes } from './control-header.ts';
import { routeBytes, routeKey } from './route.ts';
import { ownedSession, refuseRequest, type ServerTurn, setOwnedSession } from './server-turn.ts';
import type { ServerAppend, ServerAppendOutcome } from './server-types.ts';
import { encodeStoredAppends, type StoredAppend } from './stored.ts';

const routeAt = 4;

function frameHeader(frame: Uint8Array): { readonly route: Uint8Array; readonly requestId: Uint8Array } {
  return {
    route: frame.subarray(routeAt, routeAt + routeBytes),
    requestId: frame.subarray(requestIdAt, requestIdAt + requestIdBytes),
  };
}

/** Frames of one queue that came one after the other: what is looked up is looked up once for all of them. */
export function receiveMailFrames(turn: ServerTurn, frames: readonly Uint8Array[]): void {
  const [first] = frames;
  if (first === undefined) return;
  const key = routeKey(first, routeAt);
  const session = ownedSession(turn, key);
  if (session === undefined || session.closed !== undefined) {
    for (const frame of frames) refuseRequest(turn, frameHeader(frame), session?.closed ?? 'not-authorized');
    return;
  }
  const { route } = frameHeader(first);
  let index = session.next;
  for (const frame of frames) {
    passOn(turn, { route, index, frame });
    index += 1;
  }
  setOwnedSession(turn, key, { next: index, closed: undefined });
}

/** Whether two frames are of the same queue. */
export function sameRoute(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = routeAt; at < routeAt + routeBytes; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

export function passOn(turn: ServerTurn, append: ServerAppend): void {
  turn.appends.push(append);
  turn.pendingBytes += append.frame.length;
}

export function framesAppended(
  turn: ServerTurn,
  results: readonly { readonly append: ServerAppend; readonly outcome: ServerAppendOutcome }[],
): void {
  let stored: StoredAppend[] = [];
  const answerStored = (): void => {
    if (stored.length > 0) turn.parts.push(encodeStoredAppends(stored));
    stored = [];
  };
  for (const { append, outcome } of results) {
    turn.pendingBytes -= append.frame.length;
    if (outcome.kind === 'stored') {
      stored.push({ append, outcome });
      continue;
    }
    answerStored();
    refuseRequest(turn, frameHeader(append.frame), outcome.name, outcome.retryAfterMs);
    if (append.index !== undefined) closeSession(turn, append.route, append.index);
  }
  answerStored();
}

/** Unless the queue has been opened again since the refused frame was passed on. */
function closeSession(turn: ServerTurn, route: Uint8Array, refusedIndex: number): void {
  const key = routeKey(route);
  const session = ownedSession(turn, key);
  if (session === undefined || session.closed !== undefined || session.next <= refusedIndex) return;
  setOwnedSession(turn, key, { ...session, closed: 'out-of-order' });
}
