/** `trim` at the side that serves (spec/mail.md, "Trim"): only the queue's owner may have frames forgotten. */
import { smallControlBytes } from './control-header.ts';
import { encodeDone } from './done.ts';
import { routeKey } from './route.ts';
import { ask, ownedSession, refuseRequest, type ServerTurn } from './server-turn.ts';
import type { QueueBounds, ServerOutcome } from './server-types.ts';
import type { Trim } from './trim.ts';

export function receiveTrim(turn: ServerTurn, trim: Trim): void {
  const session = ownedSession(turn, routeKey(trim.route));
  if (session === undefined) refuseRequest(turn, trim, 'not-authorized');
  else if (session.closed === 'superseded') refuseRequest(turn, trim, 'superseded');
  else {
    turn.pendingBytes += smallControlBytes;
    ask(turn, { kind: 'trim', trim });
  }
}

export function queueTrimmed(turn: ServerTurn, trim: Trim, outcome: ServerOutcome<QueueBounds>): void {
  turn.pendingBytes -= smallControlBytes;
  const { route, requestId } = trim;
  if (outcome.kind === 'refused') refuseRequest(turn, trim, outcome.name);
  else turn.parts.push(encodeDone({ route, requestId, first: outcome.first, next: outcome.next }));
}
