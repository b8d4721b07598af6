/**
 * Forgets what has expired: walks each stream from its oldest record, which is also its first, as far as records are old.
 * Several front-ends may do so at once; each step is one that any of them may take.
 */
import { hexToBytes } from '@mycelium/protocol';
import type { RecordLog } from './record-log.ts';
import type { QueueLine } from './queue-line.ts';
import { type Place, routeHex, shards, type Subjects } from './subjects.ts';

export interface Upkeep {
  readonly log: RecordLog;
  readonly subjects: Subjects;
  readonly lineOf: (route: Uint8Array) => QueueLine;
  readonly trim: (route: Uint8Array, upTo: number) => Promise<void>;
  readonly nowMs: number;
  readonly retentionMs: number;
}

/** Answers how many frames have expired. */
export async function forgetExpired(upkeep: Upkeep): Promise<number> {
  const { log, subjects, nowMs, retentionMs } = upkeep;
  let expired = 0;
  for (let shard = 0; shard < shards; shard += 1) {
    const seen = new Set<string>();
    let at = 1;
    for (;;) {
      const oldest = await log.firstFrom(subjects.stream(shard), subjects.all(shard), at);
      if (oldest === undefined || oldest.record.writtenMs + retentionMs > nowMs) break;
      at = oldest.record.seq + 1;
      const hex = routeHex(oldest.subject);
      const route = hexToBytes(hex);
      if (route === undefined || seen.has(hex)) continue;
      seen.add(hex);
      expired += await expireQueue(upkeep, route);
    }
  }
  return expired;
}

async function expireQueue(upkeep: Upkeep, route: Uint8Array): Promise<number> {
  const { log, subjects, nowMs, retentionMs } = upkeep;
  const place = subjects.place(route);
  const line = upkeep.lineOf(route);
  const tip = await line.refresh();
  if (tip === undefined) return 0;
  const { first, next, usedMs } = tip.record;
  const { upTo, expired } = await oldFrames(upkeep, place, first);
  if (upTo > first) {
    await upkeep.trim(route, upTo);
    return expired;
  }
  const isUnused = first === next && usedMs + 2 * retentionMs <= nowMs;
  // Up to what we saw: if somebody has just opened it again, that stays.
  if (isUnused) await log.purge(place, tip.newest + 1);
  if (isUnused) line.doubt();
  return 0;
}

/** How far the frames of a queue are old, and how many they are. */
async function oldFrames(
  { log, nowMs, retentionMs }: Upkeep,
  place: Place,
  first: number,
): Promise<{ readonly upTo: number; readonly expired: number }> {
  let upTo = first;
  let expired = 0;
  for (let at = 1; ;) {
    const found = await log.firstFrom(place.stream, place.subject, at);
    if (found === undefined || found.record.writtenMs + retentionMs > nowMs) return { upTo, expired };
    const { count, next, seq } = found.record;
    if (next > upTo) expired += next - Math.max(upTo, next - count);
    upTo = Math.max(upTo, next);
    at = seq + 1;
  }
}
