/** Intake frames at the side that serves (spec/mail.md, "Intake"): anybody may append one with a stamp or a token that is good enough. */
import type { MailErrorName } from '../codes.ts';
import { stampAgeMaxMs } from '../limits.ts';
import { encodeMailError } from './error.ts';
import type { Intake } from './intake.ts';
import { passOn } from './server-append.ts';
import { ask, refuseRequest, type ServerTurn } from './server-turn.ts';
import { stampIsValid } from './stamp.ts';

export function receiveIntake(turn: ServerTurn, intake: Intake, frame: Uint8Array, nowMs: number): void {
  if (Math.abs(nowMs - intake.stampTimeMs) > stampAgeMaxMs) {
    refuseRequest(turn, intake, intake.tokenId === undefined ? 'stamp' : 'token');
    return;
  }
  turn.pendingBytes += frame.length;
  ask(turn, { kind: 'look-up', intake, frame });
}

export function difficultyKnown(
  turn: ServerTurn,
  input: {
    readonly intake: Intake;
    readonly frame: Uint8Array;
    readonly difficulty: number | undefined;
    readonly nowMs: number;
  },
): void {
  const { intake, frame, difficulty, nowMs } = input;
  turn.pendingBytes -= frame.length;
  if (difficulty === undefined) refuseRequest(turn, intake, 'no-queue');
  else if (intake.tokenId !== undefined) refuseRequest(turn, intake, 'token');
  else if (!stampIsValid(turn.primitives, frame, difficulty, nowMs)) {
    const { route, requestId } = intake;
    turn.parts.push(encodeMailError({ route, requestId, name: 'stamp', retryAfterMs: 0, difficulty }));
  } else passOn(turn, { route: intake.route, index: undefined, frame });
}

export function tokenHolds(
  turn: ServerTurn,
  { intake, frame }: { readonly intake: Intake; readonly frame: Uint8Array },
): void {
  turn.pendingBytes -= frame.length;
  passOn(turn, { route: intake.route, index: undefined, frame });
}

export function intakeRefused(
  turn: ServerTurn,
  input: {
    readonly intake: Intake;
    readonly frame: Uint8Array;
    readonly name: MailErrorName;
    readonly retryAfterMs: number;
  },
): void {
  turn.pendingBytes -= input.frame.length;
  refuseRequest(turn, input.intake, input.name, input.retryAfterMs);
}
