/**
 * Answers that a peer owes (spec/mail.md, "Stream": each request gets exactly one). A stream loses nothing, so that one which has
 * not come while round trips went on is never coming: the peer left it out, and what waits for it would wait for ever.
 */
import type { ClientQueue, RequestKey } from '@mycelium/protocol';

/** Longer than a disk takes that is only slow. */
const patienceMs = 60_000;
const lookEveryMs = 10_000;

interface Oldest {
  readonly request: RequestKey | undefined;
  readonly frame: RequestKey | undefined;
  readonly requestSinceMs: number;
  readonly frameSinceMs: number;
}

export class OwedAnswers {
  readonly #oldest = new WeakMap<object, Oldest>();
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** Asked after a round trip. True: a queue's oldest request or frame has been without an answer for too long. */
  areOverdue(queues: Iterable<{ readonly machine: ClientQueue }>, nowMs: number): boolean {
    if (nowMs - this.#lookedAtMs < lookEveryMs) return false;
    this.#lookedAtMs = nowMs;
    let overdue = false;
    for (const queue of queues) if (this.#look(queue, nowMs)) overdue = true;
    return overdue;
  }

  #look(queue: { readonly machine: ClientQueue }, nowMs: number): boolean {
    const { pending, owner } = queue.machine;
    const [request] = pending.keys();
    const frame = owner.inFlight[0] ?? owner.abandoned.values().next().value;
    const before = this.#oldest.get(queue);
    const requestSinceMs = before?.request === request ? (before?.requestSinceMs ?? nowMs) : nowMs;
    const frameSinceMs = before?.frame === frame ? (before?.frameSinceMs ?? nowMs) : nowMs;
    this.#oldest.set(queue, { request, frame, requestSinceMs, frameSinceMs });
    const isOld = (key: RequestKey | undefined, sinceMs: number): boolean =>
      key !== undefined && nowMs - sinceMs >= patienceMs;
    return isOld(request, requestSinceMs) || isOld(frame, frameSinceMs);
  }
}
