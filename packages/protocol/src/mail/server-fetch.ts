/**
 * `fetch` at the side that serves (spec/mail.md, "Fetch"). A request of 128 bytes asks for up to 256 frames, so fetches are
 * read one after the other and only while the link has room: those that wait are bounded by not reading on.
 */
import { encodePush } from './push.ts';
import { routeKey } from './route.ts';
import { consecutiveRuns } from './server-subscription.ts';
import { ask, change, refuseRequest, type ServerTurn } from './server-turn.ts';
import type { IndexedFrame, QueueBounds } from './server-types.ts';
import type { Fetch } from './fetch.ts';

export function receiveFetch(turn: ServerTurn, fetch: Fetch): void {
  if (turn.state.readable.has(routeKey(fetch.route))) turn.fetches.push(fetch);
  else refuseRequest(turn, fetch, 'not-authorized');
}

/** Begins the next one, where nothing is in the way. */
export function readNextFetch(turn: ServerTurn): void {
  const { blocked, fetching, limits, phase } = turn.state;
  if (blocked || fetching || phase !== 'serving') return;
  const fetch = turn.fetches.shift();
  if (fetch === undefined) return;
  change(turn, { fetching: true });
  const { route, from, count } = fetch;
  const reason = { kind: 'fetch', fetch } as const;
  ask(turn, { kind: 'read', read: { route, from, framesMax: count, bytesMax: limits.readBytesMax, reason } });
}

export function fetchRead(
  turn: ServerTurn,
  fetch: Fetch,
  bounds: QueueBounds,
  frames: readonly IndexedFrame[],
): void {
  change(turn, { fetching: false });
  const [run = []] = consecutiveRuns(frames);
  const { route, requestId } = fetch;
  const firstIndex = run[0]?.index ?? Math.max(fetch.from, bounds.first);
  turn.parts.push(
    encodePush({
      route,
      requestId,
      firstIndex,
      availableFirst: bounds.first,
      next: bounds.next,
      count: run.length,
    }),
    ...run.map((entry) => entry.frame),
  );
}

export function fetchFailed(turn: ServerTurn, fetch: Fetch): void {
  change(turn, { fetching: false });
  refuseRequest(turn, fetch, 'failed');
}
