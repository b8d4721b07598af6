import { expect, test } from 'vitest';
import { createSeededRandomness, createVirtualClock, trackedPort } from '@mycelium/simulation';

test('timers run in order of time, and those of one time in the order they were set', async () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  clock.after(20, () => ran.push('late'));
  clock.after(10, () => ran.push('first'));
  clock.after(10, () => {
    ran.push('second');
    clock.after(0, () => ran.push('at once'));
  });
  const cancel = clock.after(15, () => ran.push('never'));
  cancel();
  expect(clock.timersLeft).toBe(3);
  expect(await clock.runUntilQuiescent(1_000)).toBe(true);
  expect(ran).toEqual(['first', 'second', 'at once', 'late']);
  expect(clock.monotonicMs()).toBe(20);
});

test('everything a timer set off comes to rest before the next timer', async () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  clock.after(1, () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      ran.push('chain of promises');
    })();
  });
  clock.after(1.5, () => ran.push('next timer'));
  await clock.advance(5);
  expect(ran).toEqual(['chain of promises', 'next timer']);
  expect(clock.monotonicMs()).toBe(5);
});

test('work in threads is waited for, and released in the order it was begun', async () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  const digest = async (text: string, length: number): Promise<string> => {
    await crypto.subtle.digest('SHA-256', new Uint8Array(length));
    return text;
  };
  const agreement = trackedPort(clock, { digest, name: 'agreement' });
  expect(agreement.name).toBe('agreement');
  clock.after(1, () => {
    for (const [text, length] of [
      ['slow', 3_000_000],
      ['quick', 1],
    ] as const) {
      void agreement.digest(text, length).then((answer) => ran.push(answer));
    }
  });
  clock.after(2, () => ran.push('later'));
  await clock.advance(2);
  expect(ran).toEqual(['slow', 'quick', 'later']);
});

test('a discarded scope does nothing any more, and scopes believe in different times of day', async () => {
  const clock = createVirtualClock();
  const alice = clock.scope();
  const bob = clock.scope();
  const ran: string[] = [];
  alice.after(1, () => ran.push('Alice'));
  bob.after(1, () => ran.push('Bob'));
  void alice.track(Promise.resolve()).then(() => ran.push('work of Alice'));
  alice.setWallOffset(-86_400_000);
  expect(bob.nowMs() - alice.nowMs()).toBe(86_400_000);
  alice.discard();
  await clock.advance(1);
  expect(ran).toEqual(['Bob']);
});

test('runUntil says whether what it waited for came', async () => {
  const clock = createVirtualClock();
  let there = false;
  clock.after(500, () => {
    there = true;
  });
  expect(await clock.runUntil(() => there, 100)).toBe(false);
  expect(await clock.runUntil(() => there, 1_000)).toBe(true);
  expect(clock.monotonicMs()).toBe(500);
});

test('randomness is a function of its seed, and forks do not depend on what was taken before', () => {
  const once = createSeededRandomness('seed');
  const again = createSeededRandomness('seed');
  again.bytes(1_000);
  expect(once.fork('a').bytes(16)).toEqual(again.fork('a').bytes(16));
  expect(createSeededRandomness(1).bytes(16)).not.toEqual(createSeededRandomness(2).bytes(16));
  const numbers = Array.from({ length: 2_000 }, () => once.between(1, 6));
  expect(new Set(numbers)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});
