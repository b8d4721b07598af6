/** What the chooser of paths knows, hears and says (`chooser.ts`). */
import type { Path } from '../ports/transport.ts';
import type { Way } from './way.ts';

export interface PathChooser {
  /** In the order in which they are tried. */
  readonly ways: readonly Way[];
  readonly used: string | undefined;
  readonly usedSinceMs: number;
  /** Why it is used, for people. */
  readonly reason: string;
  readonly wanted: boolean;
  /** Until then a conversation is going on over the peer. */
  readonly livelyUntilMs: number;
  readonly dialledAtMs: number;
  /** When the networks of this machine were others the last time. */
  readonly movedAtMs: number;
  /** All paths failed, so often one after another, and the next round begins not before. */
  readonly failedRounds: number;
  readonly roundAtMs: number;
}

export type PathInput =
  /** All that can be tried now. */
  | { readonly kind: 'paths'; readonly paths: readonly Path[] }
  | { readonly kind: 'wanted'; readonly wanted: boolean }
  /** Its link is there and greeted. */
  | { readonly kind: 'opened'; readonly name: string }
  | { readonly kind: 'failed'; readonly name: string; readonly reason: string }
  | { readonly kind: 'closed'; readonly name: string; readonly reason: string }
  | { readonly kind: 'measured'; readonly name: string; readonly rttMs: number }
  | { readonly kind: 'doubted'; readonly name: string }
  | { readonly kind: 'trusted'; readonly name: string }
  /** Mail goes over the used path. */
  | { readonly kind: 'traffic' }
  /** Somebody waits, or the peer showed itself. */
  | { readonly kind: 'hurry' }
  /** The networks of this machine are others now: what failed may work. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'time' };

export type PathEffect =
  | { readonly kind: 'dial'; readonly name: string; readonly path: Path }
  /** Ends its dial. */
  | { readonly kind: 'give-up'; readonly name: string }
  | { readonly kind: 'close'; readonly name: string }
  /** Undefined: none is open any more. */
  | { readonly kind: 'use'; readonly name: string | undefined }
  /** Every path failed. */
  | { readonly kind: 'unreachable' };

/** When it happens, and a number from 0 up to 1 that nobody can foretell. */
export interface PathMoment {
  readonly nowMs: number;
  readonly chance: number;
}
