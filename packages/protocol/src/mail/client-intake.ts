/**
 * A stranger's intake frames on one connection (spec/mail.md, "Intake"): sent as they are, no `open` before, answered
 * by `stored` or `error` with the frame's own request id.
 */
import type { MailErrorName } from '../codes.ts';
import type { MailError } from './error.ts';
import type { Stored } from './stored.ts';
import { requestKey, type RequestKey } from './client-queue.ts';

export type ClientIntake = ReadonlySet<RequestKey>;

export type IntakeAnswer =
  | { readonly kind: 'stored'; readonly expiresMs: number }
  | {
      readonly kind: 'refused';
      readonly name: MailErrorName;
      readonly retryAfterMs: number;
      /** Bits of a stamp that would do. Zero: no word on that. */
      readonly difficulty: number;
    };

export const emptyClientIntake: ClientIntake = new Set();

export function submitIntake(state: ClientIntake, frame: Uint8Array): ClientIntake {
  return new Set(state).add(requestKey(frame));
}

/** Undefined: the answer is to something else. */
export function takeIntakeAnswer(
  state: ClientIntake,
  answer: Stored | MailError,
): { readonly state: ClientIntake; readonly key: RequestKey; readonly answer: IntakeAnswer } | undefined {
  const key = requestKey(answer.requestId, 0);
  if (!state.has(key)) return undefined;
  const left = new Set(state);
  left.delete(key);
  const outcome: IntakeAnswer =
    answer.kind === 'stored'
      ? { kind: 'stored', expiresMs: answer.expiresMs }
      : {
          kind: 'refused',
          name: answer.name ?? 'failed',
          retryAfterMs: answer.retryAfterMs,
          difficulty: answer.difficulty,
        };
  return { state: left, key, answer: outcome };
}
