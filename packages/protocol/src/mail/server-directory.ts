/** Look-ups and publications for clients, at the side that serves (spec/mail.md, "Directory"). */
import { seeksUnderWayMax } from '../limits.ts';
import type { ControlHeader } from './control-header.ts';
import {
  encodeFound,
  foundRecordsMax,
  type DirectoryFindings,
  type LookUp,
  type Publish,
} from './directory.ts';
import { routeKey } from './route.ts';
import { ask, change, ownedSession, refuseRequest, type ServerTurn } from './server-turn.ts';
import type { ServerOutcome } from './server-types.ts';

export function receiveLookUp(turn: ServerTurn, lookUp: LookUp): void {
  if (mayAsk(turn, lookUp)) ask(turn, { kind: 'seek', lookUp });
}

/** Only the owner of a queue here has records kept, so that they can be counted. */
export function receivePublish(turn: ServerTurn, publish: Publish): void {
  const owned = ownedSession(turn, routeKey(publish.route));
  if (owned === undefined || owned.closed === 'superseded') refuseRequest(turn, publish, 'not-authorized');
  else if (mayAsk(turn, publish)) ask(turn, { kind: 'publish', publish });
}

function mayAsk(turn: ServerTurn, header: ControlHeader): boolean {
  const { limits, seeksUnderWay } = turn.state;
  if (limits.directory !== true) refuseRequest(turn, header, 'not-authorized');
  else if (seeksUnderWay >= seeksUnderWayMax) refuseRequest(turn, header, 'limit');
  else {
    change(turn, { seeksUnderWay: seeksUnderWay + 1 });
    return true;
  }
  return false;
}

export function directoryAnswered(
  turn: ServerTurn,
  { route, requestId }: ControlHeader,
  outcome: ServerOutcome<DirectoryFindings>,
): void {
  change(turn, { seeksUnderWay: turn.state.seeksUnderWay - 1 });
  if (outcome.kind === 'refused')
    return refuseRequest(turn, { route, requestId }, outcome.name, outcome.retryAfterMs);
  const { nodes, accepted, records } = outcome;
  let at = 0;
  do {
    const part = records.slice(at, at + foundRecordsMax);
    at += foundRecordsMax;
    const more = at < records.length;
    const found = { route, requestId, more, nodes, accepted, outcome: outcome.outcome, records: part };
    turn.parts.push(encodeFound(found));
  } while (at < records.length);
}
