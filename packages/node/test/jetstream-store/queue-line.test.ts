// One queue at a front-end, over a log whose server does not answer for a while.
import { expect, test } from 'vitest';
import type { AppendOutcome } from '@mycelium/runtime';
import { QueueLine } from '../../src/jetstream-store/queue-line.ts';
import type { QueueRecords } from '../../src/jetstream-store/queue-log.ts';
import type { FoundRecord } from '../../src/jetstream-store/record-log.ts';
import { OpenTask } from '../../src/jetstream-store/tasks.ts';
import { frameOf, limits } from '../relay-store/frames.ts';

const place = { stream: 'queues', subject: 'queue', news: 'news' };

/** Takes what is written, and says nothing while its server is away. */
class Log implements QueueRecords {
  readonly #records: FoundRecord[] = [];
  isAway = false;
  onWrite: () => void = () => undefined;

  #answer<T>(answer: T): Promise<T> {
    return this.isAway ? Promise.reject(new Error('no answer')) : Promise.resolve(answer);
  }

  newest(): Promise<FoundRecord | undefined> {
    return this.#answer(this.#records.at(-1));
  }

  firstFrom(_stream: string, _subject: string, from: number): Promise<FoundRecord | undefined> {
    return this.#answer(this.#records.find(({ record }) => record.seq >= from));
  }

  write: QueueRecords['write'] = (_, record, frames, after) => {
    const seq = this.#records.length + 1;
    this.#records.push({ record: { ...record, seq, after }, subject: place.subject, frames });
    this.onWrite();
    return Promise.resolve(this.isAway ? { kind: 'unknown' } : { kind: 'stored', seq });
  };
}

const inWords = (outcome: AppendOutcome): string =>
  outcome.kind === 'stored' ? `stored ${outcome.index}` : outcome.reason;

test('what is behind frames whose fate nobody told is refused, also where they were written', async () => {
  const log = new Log();
  let nowMs = 0;
  let ids = 0;
  const line = new QueueLine({
    log,
    place,
    around: () => ({ nowMs, limits, room: { takes: () => true, takesQueue: () => true } }),
    newId: () => String((ids += 1)),
    isFenced: false,
    monotonicMs: () => nowMs,
    // The queue's patience is over then.
    beforeRetry: () => {
      nowMs += 10_000;
      return Promise.resolve();
    },
    lookAtRoom: () => Promise.resolve(),
    trouble: () => undefined,
    wrote: () => undefined,
  });
  await new Promise((opened) =>
    line.submit(new OpenTask(nowMs, { base: 0, intakeDifficulty: undefined }, opened)),
  );
  const append = (index: number | undefined): Promise<AppendOutcome> =>
    new Promise((settle) => line.append({ frame: frameOf(1, 0), index, settle }));

  log.isAway = true;
  const written = new Promise<void>((resolve) => (log.onWrite = resolve));
  const first = append(0).then((outcome) => {
    log.isAway = false;
    return outcome;
  });
  await written;
  const others = [append(1), append(undefined), append(2)];
  expect(inWords(await first)).toBe('failed');
  // Somebody's for no certain index gets the next.
  expect((await Promise.all(others)).map(inWords)).toEqual(['out-of-order', 'stored 1', 'out-of-order']);
  expect(inWords(await append(2))).toBe('stored 2');
});
