import { expect, test } from 'vitest';
import { spreadOver } from '../relays/volunteers.ts';

const small = { relays: 20, accounts: 300, queues: 6_000, named: 0, health: true } as const;

test('queues spread over the relays that volunteers run, however unevenly those are known', () => {
  const even = spreadOver({ ...small, seed: 'even', told: 4, fame: 'even' });
  expect(even.max).toBeLessThan(1.3);
  expect(even.min).toBeGreaterThan(0.7);
  const popular = { ...small, seed: 'popular', told: 4, fame: 'popular' } as const;
  const spread = spreadOver(popular);
  expect(spread.max).toBeLessThan(1.3);
  // Without a look at how many queues they have, the known ones get more and more.
  expect(spreadOver({ ...popular, health: false }).max).toBeGreaterThan(spread.max * 1.1);
});

test('the same seed is the same world', () => {
  const wish = { ...small, accounts: 50, queues: 1_000, seed: 'again', told: 4, fame: 'even' } as const;
  expect(spreadOver(wish)).toEqual(spreadOver(wish));
});
