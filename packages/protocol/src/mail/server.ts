/**
 * The side of the mail protocol that serves: `stepServer(state, input) → { state, effects }` for one connection
 * (spec/mail.md, "Serving"). This file only dispatches; each transition has its own.
 */
import { helloFeatures } from '../codes.ts';
import type { ControlFrame } from './control-frame.ts';
import { encodeHello, type Hello } from './hello.ts';
import { framesAppended, receiveMailFrames, sameRoute } from './server-append.ts';
import { directoryAnswered, receiveLookUp, receivePublish } from './server-directory.ts';
import { fetchFailed, fetchRead, readNextFetch, receiveFetch } from './server-fetch.ts';
import { charge, refill, settleFlow } from './server-flow.ts';
import { difficultyKnown, intakeRefused, receiveIntake, tokenHolds } from './server-intake.ts';
import { ownerSuperseded, queueOpened, receiveOpen } from './server-open.ts';
import {
  catchUp,
  framesRead,
  queueGrown,
  queueWatched,
  receiveSubscribe,
  receiveUnsubscribe,
} from './server-subscription.ts';
import { receiveTrim, queueTrimmed } from './server-trim.ts';
import { ask, beginTurn, change, closeWith, endTurn, type ServerTurn } from './server-turn.ts';
import {
  requestCosts,
  type ServerInput,
  type ServerLimits,
  type ServerPrimitives,
  type ServerState,
  type ServerStep,
} from './server-types.ts';
import type { ServerIdentity } from './open.ts';
import type { Push } from './push.ts';
import { RouteMap } from './route-map.ts';
import type { Splice } from './splice.ts';
import { encodeStatusReport } from './status.ts';
import { emptyMailStream, type MailItem, readMailStream } from './stream.ts';
import { fullBucket } from './token-bucket.ts';

export const mailVersion = 1;

/** `identity.challenge` is fresh randomness of this connection. The first effect sends our `hello`. */
export function createServer(
  identity: ServerIdentity,
  limits: ServerLimits,
  monotonicMs: number,
): ServerStep {
  const state: ServerState = {
    phase: 'greeting',
    stream: emptyMailStream,
    identity,
    limits,
    owned: RouteMap.empty(),
    readable: RouteMap.empty(),
    subscriptions: RouteMap.empty(),
    behind: RouteMap.empty(),
    readLast: '',
    nextSubscriptionId: 0,
    readsUnderWay: 0,
    seeksUnderWay: 0,
    fetches: [],
    fetching: false,
    pendingBytes: 0,
    bucket: fullBucket(limits.rate, monotonicMs),
    blocked: false,
    paused: false,
  };
  const hello = encodeHello({
    versionMin: mailVersion,
    versionMax: mailVersion,
    features: featuresOf(limits),
    challenge: identity.challenge,
    appendFramesPerSecond: limits.rate.perSecond,
    retentionSeconds: limits.retentionSeconds,
    queueFramesMax: limits.queueFramesMax,
  });
  return { state, effects: [{ kind: 'send', parts: [hello] }] };
}

function featuresOf({ directory, intakeTokens, replicatedOnly }: ServerLimits): number {
  const asks = directory === true ? helloFeatures.directory : 0;
  const tokens = intakeTokens === true ? helloFeatures.intakeTokens : 0;
  return asks | tokens | (replicatedOnly === true ? helloFeatures.replicated : 0);
}

export function stepServer(state: ServerState, input: ServerInput, primitives: ServerPrimitives): ServerStep {
  if (state.phase === 'closed') return { state, effects: [] };
  const turn = beginTurn(primitives, state);
  takeInput(turn, input);
  readNextFetch(turn);
  catchUp(turn);
  settleFlow(turn);
  return endTurn(turn);
}

function takeInput(turn: ServerTurn, input: ServerInput): void {
  switch (input.kind) {
    case 'bytes':
      return receiveBytes(turn, input);
    case 'woken':
      return refill(turn, input.monotonicMs);
    case 'blocked':
      return change(turn, { blocked: true });
    case 'drained':
      return change(turn, { blocked: false });
    case 'opened':
      return queueOpened(turn, input.open, input.outcome);
    case 'appended':
      return framesAppended(turn, input.results);
    case 'difficulty':
      return difficultyKnown(turn, input);
    case 'token-holds':
      return tokenHolds(turn, input);
    case 'intake-refused':
      return intakeRefused(turn, input);
    case 'watched':
      return queueWatched(turn, input.subscribe, input.bounds);
    case 'read':
      return readDone(turn, input);
    case 'fetch-failed':
      return fetchFailed(turn, input.fetch);
    case 'grown':
      for (const grown of input.queues) queueGrown(turn, grown);
      return;
    case 'trimmed':
      return queueTrimmed(turn, input.trim, input.outcome);
    case 'reported': {
      const { route, requestId } = input.status;
      turn.parts.push(encodeStatusReport({ ...input.report, route, requestId, version: mailVersion }));
      return;
    }
    case 'directory':
      return directoryAnswered(turn, input.request, input.outcome);
    case 'superseded':
      return ownerSuperseded(turn, input.route);
    case 'stop':
      return closeWith(turn, 'stopping', 'we are stopping');
  }
}

function readDone(turn: ServerTurn, input: ServerInput & { readonly kind: 'read' }): void {
  const { read, bounds, frames } = input;
  if (read.reason.kind === 'fetch') return fetchRead(turn, read.reason.fetch, bounds, frames);
  return framesRead(turn, { read, id: read.reason.id }, bounds, frames);
}

function receiveBytes(
  turn: ServerTurn,
  input: { readonly bytes: Uint8Array; readonly nowMs: number; readonly monotonicMs: number },
): void {
  refill(turn, input.monotonicMs);
  const read = readMailStream(turn.state.stream, input.bytes);
  change(turn, { stream: read.stream });
  for (let at = 0; at < read.items.length;) {
    const frames = mailRun(read.items, at);
    if (frames.length > 0 && turn.state.phase === 'serving') {
      charge(turn, requestCosts.append * frames.length);
      receiveMailFrames(turn, frames);
      at += frames.length;
      continue;
    }
    const item = read.items[at];
    if (item !== undefined) receiveItem(turn, item, input.nowMs);
    if (turn.state.phase === 'closed') return;
    at += 1;
  }
  if (read.refusal === undefined) return;
  const unknown = read.refusal.code === 'type' || read.refusal.code === 'version';
  closeWith(turn, unknown ? 'unexpected' : 'malformed', `${read.refusal.where} ${read.refusal.rule}`);
}

/** The mail frames of one queue that begin at `from`; none when something else is there. */
function mailRun(items: readonly MailItem[], from: number): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = from; at < items.length; at += 1) {
    const item = items[at];
    if (item?.kind !== 'mail' || (frames[0] !== undefined && !sameRoute(frames[0], item.frame))) break;
    frames.push(item.frame);
  }
  return frames;
}

function receiveItem(turn: ServerTurn, item: MailItem, nowMs: number): void {
  const { phase } = turn.state;
  if (item.kind === 'control' && item.control.kind === 'hello' && phase === 'greeting') {
    return receiveHello(turn, item.control);
  }
  if (item.kind === 'control' && item.control.kind === 'splice' && phase === 'greeting') {
    return receiveSplice(turn, item.control);
  }
  if (phase !== 'serving' || item.kind === 'mail')
    return closeWith(turn, 'unexpected', 'the first frame is a hello');
  if (item.kind === 'push') return closeWith(turn, 'unexpected', 'a push goes to readers only');
  return receiveControl(turn, item, nowMs);
}

function receiveHello(turn: ServerTurn, hello: Hello): void {
  if (hello.versionMin > mailVersion || hello.versionMax < mailVersion) {
    return closeWith(turn, 'unexpected', `mail version ${mailVersion} is not among the peer's`);
  }
  if ((hello.features & helloFeatures.summons) !== 0) ask(turn, { kind: 'attend' });
  return change(turn, { phase: 'serving' });
}

/** From here on the link is none of mail. */
function receiveSplice(turn: ServerTurn, splice: Splice): void {
  if (turn.state.limits.splices !== true) return closeWith(turn, 'unexpected', 'no links are spliced here');
  change(turn, { phase: 'closed' });
  return ask(turn, { kind: 'splice', splice });
}

function bringsTokens(control: Exclude<ControlFrame, Push>): boolean {
  if (control.kind === 'open') return control.intakeTokens !== undefined;
  return control.kind === 'intake' && control.tokenId !== undefined;
}

function costOf(kind: ControlFrame['kind']): number {
  if (kind === 'open' || kind === 'intake') return requestCosts[kind];
  return kind === 'look-up' || kind === 'publish' ? requestCosts.seek : requestCosts.other;
}

function receiveControl(
  turn: ServerTurn,
  item: MailItem & { readonly kind: 'control' },
  nowMs: number,
): void {
  const { control, frame } = item;
  if (bringsTokens(control) && turn.state.limits.intakeTokens !== true)
    return closeWith(turn, 'malformed', 'tokens are not taken here');
  charge(turn, costOf(control.kind));
  switch (control.kind) {
    case 'open':
      return receiveOpen(turn, control);
    case 'subscribe':
      return receiveSubscribe(turn, control);
    case 'unsubscribe':
      return receiveUnsubscribe(turn, control);
    case 'fetch':
      return receiveFetch(turn, control);
    case 'trim':
      return receiveTrim(turn, control);
    case 'intake':
      return receiveIntake(turn, control, frame, nowMs);
    case 'status':
      return ask(turn, { kind: 'report', status: control });
    case 'look-up':
      return receiveLookUp(turn, control);
    case 'publish':
      return receivePublish(turn, control);
    case 'error':
      // The peer gave up on us; its reason is for its own logs.
      return change(turn, {});
    case 'hello':
    case 'opened':
    case 'stored':
    case 'status-report':
    case 'done':
    case 'splice':
    case 'spliced':
    case 'summons':
    case 'found':
      return closeWith(turn, 'unexpected', `a ${control.kind} is not for the side that serves`);
  }
}
