/**
 * What the relay's log holds, in memory: each queue and where its frames are. Rebuilt from the records at the start;
 * changed only by what is on disk.
 */
import { routeKey } from '@mycelium/protocol';
import type { LogRecord } from './record.ts';
import { recordBytes, recordHeaderBytes } from './record.ts';
import type { Segment } from './segment.ts';

/** Where a frame's record is, in one number: segment, offset (in steps of 8), size class. */
export type Place = number;

const noPlace: Place = -1;
/** More than any queue may hold: what is further apart than this cannot both be held. */
export const framesApartMax: number = 1 << 22;
const offsetSpan = 2 ** 27; // in steps of 8: 1 GiB
const sizes = [128, 512, 2048, 4096] as const;

export function placeOf(segment: number, offset: number, frameBytes: number): Place {
  return (segment * offsetSpan + offset / 8) * 4 + Math.max(0, sizes.indexOf(frameBytes as 128));
}

export function placeParts(place: Place): { segment: number; offset: number; recordBytes: number } {
  const steps = Math.floor(place / 4);
  return {
    segment: Math.floor(steps / offsetSpan),
    offset: (steps % offsetSpan) * 8,
    recordBytes: recordHeaderBytes + (sizes[place % 4] ?? 0),
  };
}

export interface Queue {
  readonly key: string;
  readonly route: Uint8Array;
  first: number;
  next: number;
  /** `next` once what is being written is on disk. */
  planned: number;
  intakeDifficulty: number | undefined;
  /** When it was last opened or appended to, within a day. */
  usedMs: number;
  /** When the last of its frames expires. */
  expiresMs: number;
  /** The segment with its newest queue record. */
  recordedIn: number;
  /** Places of the frames from index `placesFrom` on. */
  places: Place[];
  placesFrom: number;
}

export class Queues {
  readonly byKey: Map<string, Queue> = new Map();
  readonly segments: Map<number, Segment> = new Map();
  frames = 0;
  /** Bytes of records of frames that are held. */
  bytes = 0;
  /** Of the last frame: the next one is often of the same queue. */
  #recent: Queue | undefined;

  create(route: Uint8Array, base: number): Queue {
    const queue: Queue = {
      key: routeKey(route),
      route: Uint8Array.from(route), // 16 bytes of its own: a view would hold the whole chunk that it came in
      first: base,
      next: base,
      planned: base,
      intakeDifficulty: undefined,
      usedMs: 0,
      expiresMs: 0,
      recordedIn: -1,
      places: [],
      placesFrom: base,
    };
    this.byKey.set(queue.key, queue);
    return queue;
  }

  /** Takes in one record that is on disk at `offset` of `segment`. */
  apply(record: LogRecord, segment: Segment, offset: number): void {
    const isRecent = this.#recent !== undefined && record.route === this.#recent.route;
    const known = isRecent ? this.#recent : this.byKey.get(routeKey(record.route));
    if (record.kind === 'forgotten') {
      if (known !== undefined) this.forget(known);
      return;
    }
    if (record.kind === 'frame') {
      segment.expiresMs = Math.max(segment.expiresMs, record.expiresMs);
      const queue = known ?? this.create(record.route, record.index);
      queue.expiresMs = Math.max(queue.expiresMs, record.expiresMs);
      this.#recent = queue;
      this.#hold(queue, record.index, placeOf(segment.number, offset, record.frame.length));
      queue.usedMs = Math.max(queue.usedMs, record.timeMs);
      return;
    }
    const queue = known ?? this.create(record.route, record.first);
    this.release(queue, record.first);
    if (queue.recordedIn < 0) queue.first = record.first;
    queue.next = Math.max(queue.next, record.next);
    queue.planned = Math.max(queue.planned, queue.next);
    queue.intakeDifficulty = record.intakeDifficulty;
    queue.usedMs = Math.max(queue.usedMs, record.timeMs);
    queue.recordedIn = segment.number;
  }

  #hold(queue: Queue, index: number, place: Place): void {
    if (queue.recordedIn < 0) this.#stretch(queue, index);
    if (index < queue.first) return;
    if (queue.places.length === 0) queue.placesFrom = index;
    if (index < queue.placesFrom) {
      const gap = Array.from({ length: queue.placesFrom - index }, () => noPlace);
      queue.places = gap.concat(queue.places);
      queue.placesFrom = index;
    }
    const at = index - queue.placesFrom;
    this.#drop(queue.places[at]);
    while (queue.places.length < at) queue.places.push(noPlace);
    queue.places[at] = place;
    const { segment, recordBytes: size } = placeParts(place);
    const holder = this.segments.get(segment);
    if (holder !== undefined) holder.liveBytes += size;
    this.frames += 1;
    this.bytes += size;
    queue.next = Math.max(queue.next, index + 1);
    queue.planned = Math.max(queue.planned, queue.next);
  }

  /**
   * While the log is read, frames may come before the record of their queue, which upkeep has written again further on:
   * until then the queue begins at its lowest frame.
   */
  #stretch(queue: Queue, index: number): void {
    if (index >= queue.next + framesApartMax) this.release(queue, index);
    else if (index < queue.first && index + framesApartMax > queue.next) queue.first = index;
  }

  #drop(place: Place | undefined): void {
    if (place === undefined || place === noPlace) return;
    const { segment, recordBytes: size } = placeParts(place);
    const holder = this.segments.get(segment);
    if (holder !== undefined) holder.liveBytes -= size;
    this.frames -= 1;
    this.bytes -= size;
  }

  /** Holds nothing below `first` any more. Beyond the end, the queue goes on there. */
  release(queue: Queue, first: number): void {
    if (first <= queue.first) return;
    const end = Math.min(first - queue.placesFrom, queue.places.length);
    for (let at = Math.max(0, queue.first - queue.placesFrom); at < end; at += 1)
      this.#drop(queue.places[at]);
    queue.first = first;
    if (first >= queue.next) {
      queue.places = [];
      queue.placesFrom = first;
      queue.next = first;
      queue.planned = Math.max(queue.planned, first);
    } else if (end > 1024 && end > queue.places.length / 2) {
      queue.places = queue.places.slice(end);
      queue.placesFrom += end;
    }
  }

  forget(queue: Queue): void {
    this.release(queue, queue.next);
    this.byKey.delete(queue.key);
    if (this.#recent === queue) this.#recent = undefined;
  }

  /** Places of the frames that are there, from `from` on. */
  *held(queue: Queue, from: number): Generator<{ readonly index: number; readonly place: Place }> {
    for (let index = Math.max(from, queue.first); index < queue.next; index += 1) {
      const place = queue.places[index - queue.placesFrom];
      if (place !== undefined && place !== noPlace) yield { index, place };
    }
  }
}

export function frameRecordBytes(frame: Uint8Array): number {
  return recordBytes({ kind: 'frame', route: frame, index: 0, timeMs: 0, expiresMs: 0, frame });
}
