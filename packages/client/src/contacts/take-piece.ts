/**
 * An intake frame: a piece of an introduction by anybody (spec/mail.md, "Intake"). What nobody can open is dropped;
 * pieces wait for the others within bounds, the oldest make room.
 */
import {
  concatBytes,
  decodeIntake,
  decodeIntroductionPart,
  intakeAssociated,
  type IntroductionPart,
  type Route,
} from '@mycelium/protocol';
import { intakeKeys } from '../account/device-keys.ts';
import type { Draft } from '../loop/draft.ts';
import type { StepPorts } from '../ports.ts';
import { prefixRange } from '../store/keys.ts';
import { tables } from '../store/tables.ts';
import { rememberIntroduction, wasIntroduced } from './introduced.ts';
import { takeIntroduction } from './take-introduction.ts';

/** Some 6 MB of strangers' pieces. */
const piecesMax = 2_048;
/** As long as relays keep the others. */
const pieceKeptMs = 30 * 86_400_000;

export interface IntakeFrame {
  readonly route: Route;
  readonly frame: Uint8Array;
}

export async function takePiece(
  draft: Draft,
  ports: StepPorts,
  { route, frame }: IntakeFrame,
): Promise<void> {
  if (draft.get(tables.queues, route)?.kind !== 'intake') return;
  const part = await openPiece(draft, ports, route, frame);
  if (part === undefined || wasIntroduced(draft, part.introductionId)) return;
  if (ports.unwanted.has(part.introductionId)) return;
  const { introductionId, parts, piece } = part;
  const key = concatBytes(introductionId, Uint8Array.of(part.part));
  draft.put(tables.pieces, key, { parts, piece, receivedMs: draft.nowMs });
  const all = draft.scan(tables.pieces, prefixRange(introductionId));
  if (all.length < parts || all.some(({ row }) => row.parts !== parts)) return makeRoom(draft);
  for (const { key: done } of all) draft.delete(tables.pieces, done);
  const taken = await takeIntroduction(draft, ports, concatBytes(...all.map(({ row }) => row.piece)));
  if (taken === 'unwanted') ports.unwanted.add(introductionId);
  else rememberIntroduction(draft, introductionId);
}

async function openPiece(
  draft: Draft,
  ports: StepPorts,
  route: Route,
  frame: Uint8Array,
): Promise<IntroductionPart | undefined> {
  const intake = decodeIntake(frame);
  if (!intake.ok) return undefined;
  for (const { secretKey } of intakeKeys(draft)) {
    const opened = await ports.agreement.openIntake(secretKey, intakeAssociated(route), intake.value.sealed);
    if (!opened.ok) continue;
    const part = decodeIntroductionPart(opened.value);
    return part.ok ? part.value : undefined;
  }
  return undefined;
}

function makeRoom(draft: Draft): void {
  const all = draft.scan(tables.pieces);
  for (const { key, row } of all)
    if (draft.nowMs - row.receivedMs >= pieceKeptMs) draft.delete(tables.pieces, key);
  if (all.length <= piecesMax) return;
  const oldest = all.toSorted((left, right) => left.row.receivedMs - right.row.receivedMs);
  for (const { key } of oldest.slice(0, all.length - piecesMax)) draft.delete(tables.pieces, key);
}
