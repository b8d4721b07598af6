/**
 * What the records of one queue mean together (docs/decisions/0010-jetstream.md). Every front-end of the relay writes to
 * the same log, and the server's own fence (expected last sequence) is not one: servers before 2.9.21 take two records for
 * the same place when they come at once, later ones still when the stream's leader changes. So the log itself decides: of the
 * records of one height, the first counts. A writer builds only on a record that it knows to count, and calls its own
 * stored only when it has seen that nothing of its height is before it. That can be said for ever, because the order of a log
 * never changes and its newest record that counts is never deleted.
 */
import type { FoundRecord, RecordLog } from './record-log.ts';
import type { LoggedRecord, QueueRecord } from './record.ts';
import type { Place } from './subjects.ts';

/** What is asked of the log for one queue. */
export type QueueRecords = Pick<RecordLog, 'newest' | 'firstFrom' | 'write'>;

export interface Tip {
  /** The newest record that counts. */
  readonly record: LoggedRecord;
  /** Sequence of the newest record on the subject, whether it counts or not. */
  readonly newest: number;
}

/** `conflict`: another record has its place. `failed`: nobody knows; it may still come. */
export type WriteOutcome =
  | { readonly kind: 'stored'; readonly tip: Tip }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'full' }
  | { readonly kind: 'failed' };

/** Undefined: nobody has opened the queue. */
export async function readTip(log: QueueRecords, place: Place): Promise<Tip | undefined> {
  const last = await log.newest(place);
  if (last === undefined) return undefined;
  const { record } = last;
  // Its writer had seen everything up to `after`, where the height was one less.
  const between = await recordsBetween(log, place, record.after + 1, record.seq);
  return { record: highest([...between, record], record.height - 1) ?? record, newest: record.seq };
}

/** The last of those that are higher than all before them. */
function highest(records: readonly LoggedRecord[], fromHeight: number): LoggedRecord | undefined {
  let top: LoggedRecord | undefined;
  for (const record of records) if (record.height > (top?.height ?? fromHeight)) top = record;
  return top;
}

/** Those from `from` on that are before `end`. */
async function recordsBetween(
  log: QueueRecords,
  place: Place,
  from: number,
  end: number,
): Promise<readonly LoggedRecord[]> {
  const records: LoggedRecord[] = [];
  let at = from;
  while (at < end) {
    const found = await log.firstFrom(place.stream, place.subject, at);
    if (found === undefined || found.record.seq >= end) break;
    records.push(found.record);
    at = found.record.seq + 1;
  }
  return records;
}

export interface QueueWrite {
  readonly record: QueueRecord;
  readonly frames: readonly Uint8Array[];
  /** What the writer had seen: `Tip.newest`, zero for a new queue. */
  readonly after: number;
  /** The record before ours on the subject, where the server has told it. */
  readonly heardBefore: () => number | undefined;
  /** The server's fence holds: one server, no replicas. */
  readonly isFenced: boolean;
}

/** Writes a record, and is sure that it counts. */
export async function writeRecord(log: QueueRecords, place: Place, write: QueueWrite): Promise<WriteOutcome> {
  const { record, frames, after, heardBefore, isFenced } = write;
  const written = await log.write(place, record, frames, after);
  if (written.kind === 'full') return { kind: 'full' };
  // What is in our place may be our own: from an earlier try, or from this one, whose answer was lost.
  if (written.kind !== 'stored') return find(log, place, write);
  const own = { ...record, seq: written.seq, after };
  if (isFenced || heardBefore() === after) return { kind: 'stored', tip: { record: own, newest: own.seq } };
  return decide(log, place, write, own.seq);
}

/** A record of ours is at `seq`: does it count? Seeing it there shows that nothing can come before it any more. */
async function decide(
  log: QueueRecords,
  place: Place,
  write: QueueWrite,
  seq: number,
): Promise<WriteOutcome> {
  let at = write.after + 1;
  for (;;) {
    const found = await log.firstFrom(place.stream, place.subject, at);
    if (found === undefined || found.record.seq > seq) return { kind: 'failed' };
    const { record } = found;
    if (isOurs(found, write)) return { kind: 'stored', tip: { record, newest: Math.max(seq, record.seq) } };
    // Ours stays where it is and counts for nothing: deleting the last of a subject confuses servers of 2.9.
    if (record.height >= write.record.height) return { kind: 'conflict' };
    at = record.seq + 1;
  }
}

function isOurs({ record }: FoundRecord, { record: { id } }: QueueWrite): boolean {
  return record.id === id;
}

/** No answer came: the record may be there all the same. */
async function find(log: QueueRecords, place: Place, write: QueueWrite): Promise<WriteOutcome> {
  let at = write.after + 1;
  for (;;) {
    const found = await log.firstFrom(place.stream, place.subject, at);
    if (found === undefined) return { kind: 'failed' };
    const { record } = found;
    if (isOurs(found, write)) return { kind: 'stored', tip: { record, newest: record.seq } };
    if (record.height >= write.record.height) return { kind: 'conflict' };
    at = record.seq + 1;
  }
}
