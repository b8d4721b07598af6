/**
 * Happy eyeballs over paths (spec/links.md, "Dialling"): nearest first, the next one starts when the last has taken
 * 150 ms or failed, the first link wins and all others are given up.
 */
import { TransportError } from '@mycelium/runtime';
import { nextPathAfterMs } from './bounds.ts';

export interface Candidate<T> {
  open(signal: AbortSignal): Promise<T>;
}

export interface Race<T> {
  readonly candidates: readonly Candidate<T>[];
  readonly signal: AbortSignal;
  /** What to do with a link that came too late. */
  discard(late: T): void;
}

/** @throws TransportError `aborted`, `wrong-key` when any path found another key, else `unreachable` */
export async function firstToOpen<T>(race: Race<T>): Promise<T> {
  const losers = new AbortController();
  const errors: unknown[] = [];
  return new Promise<T>((resolve, reject) => {
    let next = 0;
    let running = 0;
    let done = false;
    let timer: NodeJS.Timeout | undefined;

    const finish = (): void => {
      done = true;
      clearTimeout(timer);
      race.signal.removeEventListener('abort', aborted);
      losers.abort();
    };
    const aborted = (): void => {
      if (done) return;
      finish();
      reject(new TransportError('aborted', 'the dial was given up'));
    };
    const startNext = (): void => {
      clearTimeout(timer);
      const candidate = race.candidates[next];
      if (done) return;
      if (candidate === undefined) {
        if (running > 0) return;
        finish();
        reject(outcome(errors));
        return;
      }
      next += 1;
      running += 1;
      timer = setTimeout(startNext, nextPathAfterMs);
      candidate.open(losers.signal).then(won, lost);
    };
    const won = (opened: T): void => {
      running -= 1;
      if (done) {
        race.discard(opened);
        return;
      }
      finish();
      resolve(opened);
    };
    const lost = (error: unknown): void => {
      running -= 1;
      errors.push(error);
      startNext();
    };

    if (race.signal.aborted) aborted();
    else {
      race.signal.addEventListener('abort', aborted);
      startNext();
    }
  });
}

function outcome(errors: readonly unknown[]): TransportError {
  const wrongKey = errors.find((error) => error instanceof TransportError && error.code === 'wrong-key');
  if (wrongKey instanceof TransportError) return wrongKey;
  const cause = errors.length === 1 ? errors[0] : new AggregateError(errors);
  return new TransportError('unreachable', 'no path leads to the peer', { cause });
}
