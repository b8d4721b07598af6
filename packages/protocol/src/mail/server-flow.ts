/**
 * How much one connection may cause (spec/mail.md, "Bounds"). Whoever sends faster than its rate, has too much waiting
 * for the disk, or does not read what we answer, is simply not read from until that has changed.
 */
import { fetchesWaitingMax } from '../limits.ts';
import { ask, change, type ServerTurn } from './server-turn.ts';
import { debtEndsMs, refillBucket, takeTokens } from './token-bucket.ts';

export function refill(turn: ServerTurn, monotonicMs: number): void {
  change(turn, { bucket: refillBucket(turn.state.bucket, turn.state.limits.rate, monotonicMs) });
}

export function charge(turn: ServerTurn, tokens: number): void {
  change(turn, { bucket: takeTokens(turn.state.bucket, tokens) });
}

/** Pauses or resumes the link as the state now asks for. */
export function settleFlow(turn: ServerTurn): void {
  const { fetches, pendingBytes } = turn;
  const { blocked, bucket, limits, paused, phase } = turn.state;
  if (phase === 'closed') return;
  const debtEnds = debtEndsMs(bucket, limits.rate);
  // Room for half of it before going on, so that the link is not stopped and started for every frame.
  const tooMuchPending = pendingBytes > (paused ? limits.pendingBytesMax / 2 : limits.pendingBytesMax);
  const tooManyFetches = fetches.length > (paused ? 0 : fetchesWaitingMax);
  const pause = blocked || tooMuchPending || tooManyFetches || debtEnds !== undefined;
  if (pause !== paused) {
    change(turn, { paused: pause });
    ask(turn, { kind: pause ? 'pause' : 'resume' });
  }
  if (debtEnds !== undefined) ask(turn, { kind: 'wake', monotonicMs: debtEnds });
}
