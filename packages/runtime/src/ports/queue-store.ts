/**
 * Where a relay keeps queues (spec/mail.md). Contract, checked by the conformance suite for every adapter:
 * what `append` answered is on disk (synced) and survives a kill at any moment; indices of a queue are
 * consecutive and never used twice; a torn or corrupted record is never handed out. Calls take effect in the order
 * in which they are made.
 */

export interface QueueState {
  /** Lowest index that may still be there. */
  readonly first: number;
  /** The index that the next frame gets. */
  readonly next: number;
  /** Anyone may append (an intake queue), and the stamp they need. Undefined: only the owner. */
  readonly intakeDifficulty: number | undefined;
}

export interface StoredFrame {
  readonly index: number;
  readonly frame: Uint8Array;
}

/** `out-of-order`: the frame is not the one that the queue's next index is for. */
export type AppendRefusal = 'no-queue' | 'out-of-order' | 'queue-full' | 'store-full' | 'failed';

export type AppendOutcome =
  | { readonly kind: 'stored'; readonly index: number; readonly expiresMs: number }
  | { readonly kind: 'refused'; readonly reason: AppendRefusal };

export interface Append {
  readonly route: Uint8Array;
  readonly frame: Uint8Array;
  /** The index that the frame has to get, or it is refused: an owner's frames. Undefined: any (intake). */
  readonly index: number | undefined;
}

/** What somebody else did with a queue of a store that several relays serve. */
export type QueueNews =
  | { readonly kind: 'grown'; readonly route: Uint8Array; readonly next: number }
  /** Its owner opened it there. */
  | { readonly kind: 'opened'; readonly route: Uint8Array };

/** What others do with the same queues. News may be lost or come late; what is in the store is what counts. */
export interface QueuesElsewhere {
  /** News of this queue is wanted, until it has been ignored as often. */
  heed(route: Uint8Array): void;
  ignore(route: Uint8Array): void;
  listen(hear: (news: QueueNews) => void): void;
}

export interface QueueStore {
  /**
   * `replicated`: what `append` answered is in the memory of most of several servers, and on their disks a while later.
   * Absent: synced, as the contract says.
   */
  readonly durability?: 'synced' | 'replicated';
  /**
   * Each queue has its own pace: one whose server does not answer holds up no other. A call with frames of several queues
   * is answered when the last of them is, so whoever owes answers in order makes one call for each queue.
   */
  readonly queuesApart?: boolean;
  /** Only of a store that several relays serve at once. */
  readonly elsewhere?: QueuesElsewhere;
  /**
   * Makes the queue when it is new, with `base` as first index; else changes `intakeDifficulty`, and where `base` is
   * beyond the queue's end forgets all of it and goes on at `base` (nobody needs what is missing). Durable.
   */
  open(
    route: Uint8Array,
    base: number,
    intakeDifficulty: number | undefined,
  ): Promise<QueueState | 'store-full' | 'failed'>;
  /** @throws Error when the store cannot be asked, as `read` and `usage` */
  state(route: Uint8Array): Promise<QueueState | undefined>;
  /**
   * Appends in order, many callers' frames in one sync (group commit). Outcomes in the order of `appends`; calls for one
   * queue are answered in the order in which they were made.
   */
  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]>;
  /** In order of index, from `from` on, at most `framesMax` and about `bytesMax`. */
  read(route: Uint8Array, from: number, framesMax: number, bytesMax: number): Promise<readonly StoredFrame[]>;
  /**
   * Forgets everything below `upTo`. Durable.
   * @throws Error when it could not be written: nothing was forgotten
   */
  trim(route: Uint8Array, upTo: number): Promise<void>;
  /** Forgets what has expired by now, and queues empty and unused for twice as long. Answers how many frames went. */
  expire(): Promise<number>;
  /** Exact in small; a store of many machines may count the frames of many queues roughly. */
  usage(): Promise<{ readonly queues: number; readonly frames: number; readonly bytes: number }>;
  close(): Promise<void>;
}

export interface QueueStoreLimits {
  readonly retentionMs: number;
  readonly framesPerQueueMax: number;
  readonly queuesMax: number;
  readonly bytesMax: number;
}
