/**
 * Subscriptions at the side that serves (spec/mail.md, "Subscribe", "Push"). A reader at the end of its queue is pushed
 * new frames as they come; one that is behind, or whose link is full, is caught up by bounded reads from the store.
 * Nothing is kept for a slow reader but its cursor.
 */
import { pushFramesMax } from '../limits.ts';
import { noRequest } from './control-header.ts';
import { encodeDone } from './done.ts';
import { encodePush } from './push.ts';
import { routeKey } from './route.ts';
import { ask, change, refuseRequest, type ServerTurn } from './server-turn.ts';
import type { GrownQueue, IndexedFrame, QueueBounds, ServerRead, Subscription } from './server-types.ts';
import type { Subscribe, Unsubscribe } from './subscribe.ts';

export function receiveSubscribe(turn: ServerTurn, subscribe: Subscribe): void {
  if (turn.state.readable.has(routeKey(subscribe.route))) ask(turn, { kind: 'watch', subscribe });
  else refuseRequest(turn, subscribe, 'not-authorized');
}

export function receiveUnsubscribe(turn: ServerTurn, request: Unsubscribe): void {
  const { route, requestId } = request;
  const key = routeKey(route);
  if (!turn.state.readable.has(key)) {
    refuseRequest(turn, request, 'not-authorized');
    return;
  }
  const subscription = turn.subscriptions.get(key);
  turn.subscriptions = turn.subscriptions.without(key);
  turn.behind = turn.behind.without(key);
  ask(turn, { kind: 'unwatch', route });
  turn.parts.push(
    encodeDone({ route, requestId, first: subscription?.first ?? 0, next: subscription?.next ?? 0 }),
  );
}

export function queueWatched(turn: ServerTurn, subscribe: Subscribe, bounds: QueueBounds): void {
  const { route, requestId, from } = subscribe;
  const id = turn.state.nextSubscriptionId;
  setSubscription(turn, {
    id,
    route,
    cursor: Math.max(from, bounds.first),
    first: bounds.first,
    next: bounds.next,
    reading: false,
  });
  change(turn, { nextSubscriptionId: id + 1 });
  turn.parts.push(encodeDone({ route, requestId, first: bounds.first, next: bounds.next }));
}

function setSubscription(turn: ServerTurn, subscription: Subscription): void {
  const key = routeKey(subscription.route);
  turn.subscriptions = turn.subscriptions.with(key, subscription);
  const isBehind = !subscription.reading && subscription.cursor < subscription.next;
  if (isBehind !== turn.behind.has(key))
    turn.behind = isBehind ? turn.behind.with(key, true) : turn.behind.without(key);
}

export function queueGrown(turn: ServerTurn, grown: GrownQueue): void {
  const { route, bounds, frames } = grown;
  const subscription = turn.subscriptions.get(routeKey(route));
  if (subscription === undefined) return;
  const firstIndex = bounds.next - frames.length;
  const { cursor, reading } = subscription;
  if (turn.state.blocked || reading || cursor < firstIndex || cursor >= bounds.next) {
    setSubscription(turn, { ...subscription, ...bounds });
    return;
  }
  const news = frames.slice(cursor - firstIndex);
  const newsBytes = news.reduce((sum, frame) => sum + frame.length, 0);
  // More than a read would bring: then it is read when the link has room.
  if (turn.grownBytes + newsBytes > turn.state.limits.readBytesMax) {
    setSubscription(turn, { ...subscription, ...bounds });
    return;
  }
  turn.grownBytes += newsBytes;
  pushFrames(turn, { route, requestId: noRequest, bounds }, cursor, news);
  setSubscription(turn, { ...subscription, ...bounds, cursor: bounds.next });
}

interface PushHeader {
  readonly route: Uint8Array;
  readonly requestId: Uint8Array;
  readonly bounds: QueueBounds;
}

function pushFrames(
  turn: ServerTurn,
  header: PushHeader,
  index: number,
  frames: readonly Uint8Array[],
): void {
  const { route, requestId, bounds } = header;
  for (let at = 0; at < frames.length; at += pushFramesMax) {
    const part = frames.slice(at, at + pushFramesMax);
    turn.parts.push(
      encodePush({
        route,
        requestId,
        firstIndex: index + at,
        availableFirst: bounds.first,
        next: bounds.next,
        count: part.length,
      }),
      ...joined(part),
    );
  }
}

/** Frames that came in one piece lie one after the other in memory, and leave as one part. */
function joined(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < frames.length;) {
    const first = frames[at];
    if (first === undefined) break;
    let end = first.byteOffset;
    const from = at;
    for (let next = frames[at]; next?.buffer === first.buffer && next.byteOffset === end; next = frames[at]) {
      end += next.byteLength;
      at += 1;
    }
    const isAlone = at === from + 1;
    parts.push(isAlone ? first : new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset));
  }
  return parts;
}

/** `id`: of the subscription that was read for. */
export function framesRead(
  turn: ServerTurn,
  { read, id }: { readonly read: ServerRead; readonly id: number },
  bounds: QueueBounds,
  frames: readonly IndexedFrame[],
): void {
  change(turn, { readsUnderWay: turn.state.readsUnderWay - 1 });
  const subscription = turn.subscriptions.get(routeKey(read.route));
  if (subscription === undefined || subscription.id !== id) return;
  const next = Math.max(bounds.next, subscription.next);
  let { cursor } = subscription;
  for (const run of consecutiveRuns(frames)) {
    const last = run[run.length - 1];
    const start = run[0];
    if (start === undefined || last === undefined) continue;
    const header = { route: read.route, requestId: noRequest, bounds: { first: bounds.first, next } };
    pushFrames(
      turn,
      header,
      start.index,
      run.map((entry) => entry.frame),
    );
    cursor = last.index + 1;
  }
  // Nothing readable in between: it expired, or the disk lost it. The reader sees the gap and asks elsewhere.
  if (frames.length === 0) cursor = Math.max(cursor, bounds.next);
  setSubscription(turn, { ...subscription, first: bounds.first, next, cursor, reading: false });
}

/** Frames in runs without a hole. */
export function consecutiveRuns(frames: readonly IndexedFrame[]): readonly (readonly IndexedFrame[])[] {
  const runs: IndexedFrame[][] = [];
  let expected = -1;
  for (const entry of frames) {
    const run = runs[runs.length - 1];
    if (run === undefined || entry.index !== expected) runs.push([entry]);
    else run.push(entry);
    expected = entry.index + 1;
  }
  return runs;
}

/** Asks for what subscriptions lack, as far as link and bounds allow. Last thing of every step. */
export function catchUp(turn: ServerTurn): void {
  const { limits, blocked, phase } = turn.state;
  if (blocked || phase !== 'serving') return;
  while (turn.state.readsUnderWay < limits.readsMax) {
    const key = turn.behind.keyAfter(turn.state.readLast);
    const subscription = key === undefined ? undefined : turn.subscriptions.get(key);
    if (key === undefined || subscription === undefined) return;
    const { id, route, cursor } = subscription;
    setSubscription(turn, { ...subscription, reading: true });
    change(turn, { readsUnderWay: turn.state.readsUnderWay + 1, readLast: key });
    const reason = { kind: 'subscription', id } as const;
    ask(turn, {
      kind: 'read',
      read: { route, from: cursor, framesMax: pushFramesMax, bytesMax: limits.readBytesMax, reason },
    });
  }
}
