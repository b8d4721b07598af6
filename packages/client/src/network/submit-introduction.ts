/**
 * Carries an introduction to the intake queue of a device: each piece with the token of an invite or, where there is none or no relay
 * takes it, stamped; and tried until somebody stored it (spec/mail-clients.md, "Intake").
 */
import {
  beginStamp,
  encodeIntake,
  hexToBytes,
  requestIdBytes,
  searchStamp,
  type InviteToken,
  type Primitives,
} from '@mycelium/protocol';
import type { SubmitOutcome } from '@mycelium/runtime';
import { inviteToken } from '../contacts/invite-token.ts';
import { planWork, retryDelayMs, workDone } from '../loop/agenda.ts';
import { storedRows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts } from '../ports.ts';
import type { IntroductionRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { deadline, pause } from './deadline.ts';

const submitWithinMs = 15_000;
const askAgainMs = 250;
const noToken = new Uint8Array();
/** What was refused a token: it is not good there, or others have used its allowance. */
const stampMayDo: ReadonlySet<string> = new Set(['token', 'rate']);
/** Hashes in one go: some ten milliseconds, then others have their turn. */
const triesAtOnce = 512;

export async function submitIntroduction(ports: ClientPorts, loop: Loop, name: string): Promise<void> {
  const id = hexToBytes(name.slice(name.indexOf(':') + 1));
  const row = id === undefined ? undefined : storedRows(ports.store).get(tables.introductions, id);
  if (row === undefined) {
    await loop.step((draft) => workDone(draft, name));
    return;
  }
  const left: Uint8Array[] = [];
  const pass: Pass = { token: inviteToken(row.token ?? noToken), difficulty: row.intake.difficulty };
  for (const piece of row.pieces) {
    // One that fails lets the others wait: they would fail the same way.
    if (left.length > 0 || !(await submitAsNeeded(ports, row, piece, pass))) left.push(piece);
  }
  const { difficulty } = pass;
  await loop.step((draft) => {
    if (left.length === 0) {
      draft.delete(tables.introductions, row.id);
      workDone(draft, name);
      return;
    }
    const intake = { ...row.intake, difficulty };
    draft.put(tables.introductions, row.id, { ...row, intake, pieces: left, attempts: row.attempts + 1 });
    planWork(draft, name, draft.nowMs + retryDelayMs(row.attempts));
  });
}

/** What lets the pieces in, as far as the relays have said by now. */
interface Pass {
  token: InviteToken | undefined;
  difficulty: number;
}

/** True: it is stored. A relay may not know the token, and may ask for more work than the card does: it says so. */
async function submitAsNeeded(
  ports: ClientPorts,
  row: IntroductionRow,
  sealed: Uint8Array,
  pass: Pass,
): Promise<boolean> {
  if (pass.token !== undefined) {
    let outcome = await submitByToken(ports, row, sealed, pass.token);
    if (outcome.kind === 'refused') {
      // A link that was made a moment ago: its relays are just being told.
      await pause(ports.clock, askAgainMs);
      outcome = await submitByToken(ports, row, sealed, pass.token);
    }
    if (outcome.kind !== 'refused' || !stampMayDo.has(outcome.refusal.code)) return outcome.kind === 'stored';
    pass.token = undefined;
  }
  const first = await submitPiece(ports, row, sealed, pass.difficulty);
  const asked = first.kind === 'refused' ? (first.stampBits ?? 0) : 0;
  if (first.kind === 'stored' || asked <= pass.difficulty) return first.kind === 'stored';
  const second = await submitPiece(ports, row, sealed, asked);
  if (second.kind === 'stored') pass.difficulty = asked;
  return second.kind === 'stored';
}

async function submitByToken(
  ports: ClientPorts,
  row: IntroductionRow,
  sealed: Uint8Array,
  token: InviteToken,
): Promise<SubmitOutcome> {
  const { route, relays } = row.intake;
  const submission = { route, token, timeMs: ports.clock.nowMs(), sealed };
  const limit = deadline(ports.clock, submitWithinMs);
  try {
    return await ports.mail.submitWithToken(submission, relays, limit.cancellation);
  } finally {
    limit.clear();
  }
}

async function submitPiece(
  ports: ClientPorts,
  row: IntroductionRow,
  sealed: Uint8Array,
  difficulty: number,
): Promise<SubmitOutcome> {
  const { route, relays } = row.intake;
  const limit = deadline(ports.clock, submitWithinMs);
  try {
    const frame = encodeIntake({
      route,
      requestId: ports.randomness.bytes(requestIdBytes),
      stampTimeMs: ports.clock.nowMs(),
      stampNonce: 0n,
      sealed,
    });
    await stamp(ports, frame, difficulty);
    return await ports.mail.submit(frame, relays, limit.cancellation);
  } finally {
    limit.clear();
  }
}

/** In slices, so that a search does not hold up the messages of others. */
async function stamp(
  ports: { readonly primitives: Primitives; readonly clock: ClientPorts['clock'] },
  frame: Uint8Array,
  difficulty: number,
): Promise<void> {
  let search = searchStamp(ports.primitives, beginStamp(frame, difficulty), triesAtOnce);
  while (!search.found) {
    await pause(ports.clock, 0);
    search = searchStamp(ports.primitives, search, triesAtOnce);
  }
}
