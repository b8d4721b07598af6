/** Carries an introduction to the intake queue of a device: each piece stamped, and tried until somebody stored it. */
import {
  beginStamp,
  encodeIntake,
  hexToBytes,
  requestIdBytes,
  searchStamp,
  type Primitives,
} from '@mycelium/protocol';
import type { SubmitOutcome } from '@mycelium/runtime';
import { planWork, retryDelayMs, workDone } from '../loop/agenda.ts';
import { storedRows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts } from '../ports.ts';
import type { IntroductionRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';
import { deadline, pause } from './deadline.ts';

const submitWithinMs = 15_000;
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
  let { difficulty } = row.intake;
  for (const piece of row.pieces) {
    // One that fails lets the others wait: they would fail the same way.
    const needed = left.length > 0 ? undefined : await submitAsNeeded(ports, row, piece, difficulty);
    if (needed === undefined) left.push(piece);
    else difficulty = needed;
  }
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

/** A relay may ask for more work than the card does, and says how much. Answers what it took; undefined: not stored. */
async function submitAsNeeded(
  ports: ClientPorts,
  row: IntroductionRow,
  sealed: Uint8Array,
  difficulty: number,
): Promise<number | undefined> {
  const first = await submitPiece(ports, row, sealed, difficulty);
  if (first.kind === 'stored') return difficulty;
  const asked = first.kind === 'refused' ? (first.stampBits ?? 0) : 0;
  if (asked <= difficulty) return undefined;
  const second = await submitPiece(ports, row, sealed, asked);
  return second.kind === 'stored' ? asked : undefined;
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
