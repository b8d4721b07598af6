/**
 * Messages put together from their parts (spec/feeds.md, "Messages"), and the running hash followed along. Plain data,
 * bounded: `assembliesMax` messages at once, `messagePartsMax` parts each. A message in one frame passes straight through.
 */
import type { Route } from '../brands.ts';
import { concatBytes } from '../bytes/compare.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { assembliesMax } from '../limits.ts';
import type { Primitives } from '../primitives.ts';
import type { OpenedFrame } from './open.ts';
import { firstRunningHash, nextRunningHash, unsignedContent } from './running-hash.ts';

interface Assembly {
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly kind: number;
  readonly flags: number;
  readonly parts: number;
  /** In the order of `part`. */
  readonly pieces: readonly { readonly part: number; readonly content: Uint8Array }[];
}

export interface Assembler {
  readonly assemblies: readonly Assembly[];
  /** Of the message that the running hash takes next. */
  readonly sequence: number;
  /** Undefined where messages are not signed, and after a message of the epoch was missing. */
  readonly runningHash: Uint8Array | undefined;
}

export interface AssembledMessage {
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly kind: number;
  readonly flags: number;
  readonly content: Uint8Array;
  /** After this message: what its signature covers. */
  readonly runningHash: Uint8Array | undefined;
}

export interface Assembled {
  readonly assembler: Assembler;
  /** Undefined while parts are missing. */
  readonly message: AssembledMessage | undefined;
}

/** For one epoch. `sequence` is that of its first message. */
export function createAssembler(sequence: number): Assembler {
  return { assemblies: [], sequence, runningHash: undefined };
}

/** The same for a conversation of more than two accounts. */
export function createSignedAssembler(sequence: number, route: Route, primitives: Primitives): Assembler {
  return { assemblies: [], sequence, runningHash: firstRunningHash(route, primitives) };
}

/** Refused (`parts`): a part that does not agree with the others of its message, or came before. */
export function addFrame(
  assembler: Assembler,
  frame: OpenedFrame,
  primitives: Primitives,
): Result<Assembled> {
  if (frame.parts === 1) return accept(complete(assembler, frame, primitives));
  const known = assembler.assemblies.find(({ sequence }) => sequence === frame.sequence);
  const others = assembler.assemblies.filter((assembly) => assembly !== known);
  const { sequence, timeNs, kind, flags, parts, part, content } = frame;
  if (known !== undefined && !agree(known, frame)) {
    return refuse('parts', 'message.part', 'has the time, kind, flags and parts of the others and is new');
  }
  const pieces = [...(known?.pieces ?? []), { part, content }].toSorted(
    (left, right) => left.part - right.part,
  );
  if (pieces.length === parts) {
    const whole = { ...frame, content: concatBytes(...pieces.map((piece) => piece.content)) };
    return accept(complete({ ...assembler, assemblies: others }, whole, primitives));
  }
  const assemblies = [...others, { sequence, timeNs, kind, flags, parts, pieces }].slice(-assembliesMax);
  return accept({ assembler: { ...assembler, assemblies }, message: undefined });
}

function agree(assembly: Assembly, frame: OpenedFrame): boolean {
  return (
    assembly.timeNs === frame.timeNs &&
    assembly.kind === frame.kind &&
    assembly.flags === frame.flags &&
    assembly.parts === frame.parts &&
    assembly.pieces.every(({ part }) => part !== frame.part)
  );
}

function complete(
  assembler: Assembler,
  frame: Omit<OpenedFrame, 'generation'>,
  primitives: Primitives,
): Assembled {
  const { sequence, timeNs, kind, flags, content } = frame;
  const inOrder = assembler.runningHash !== undefined && sequence === assembler.sequence;
  const hashed = { sequence, timeNs, kind, flags, content: unsignedContent(frame) };
  const runningHash =
    inOrder && assembler.runningHash !== undefined
      ? nextRunningHash(assembler.runningHash, hashed, primitives)
      : undefined;
  return {
    assembler: { ...assembler, sequence: Math.max(assembler.sequence, sequence + 1), runningHash },
    message: { sequence, timeNs, kind, flags, content, runningHash },
  };
}
