/** How evenly the queues of many accounts lie on the relays of volunteers, when everybody chooses for themselves. */
import type { Budget, Case, Result } from '../case.ts';
import { spreadOver, type WorldWish } from '../relays/volunteers.ts';
import { round } from '../statistics.ts';

const whole = { relays: 100, accounts: 5_000, queues: 100_000 };
const quick = { relays: 100, accounts: 1_000, queues: 20_000 };

const worlds: readonly (Pick<WorldWish, 'told' | 'named' | 'fame'> & {
  readonly name: string;
  readonly about: string;
})[] = [
  {
    name: 'relays.spread',
    told: 8,
    named: 0,
    fame: 'even',
    about: 'An account is told of eight of them at random',
  },
  {
    name: 'relays.spread-popular',
    told: 8,
    named: 0,
    fame: 'popular',
    about: 'An account is told of eight of them, of the nth 1/n times as often as of the first',
  },
  {
    name: 'relays.spread-named',
    told: 1,
    named: 1,
    fame: 'even',
    about: 'An account names one of them at random and is told of no other',
  },
];

function measure(world: (typeof worlds)[number], budget: Budget): Result {
  const { name, about, ...told } = world;
  const size = budget.quick ? quick : whole;
  const wish = { ...size, ...told, seed: name };
  const { max, min, placements } = spreadOver({ ...wish, health: true });
  const plain = spreadOver({ ...wish, health: false });
  return {
    case: name,
    value: round(max),
    unit: '× mean',
    spread: null,
    ratios: { 'plain rendezvous': round(max / plain.max) },
    quantiles: { emptiest: round(min), fullest: round(max) },
    counts:
      `Simulation: queues at the fullest of ${size.relays} relays by the mean, with ${size.queues.toLocaleString('en-US')} queues of ` +
      `${size.accounts.toLocaleString('en-US')} accounts that come one after the other (${placements.toLocaleString('en-US')} copies). ${about}, and knows those ` +
      `of its contacts; it takes three, and each feed three of both sides', all by what relays last said of themselves. ` +
      `Plain rendezvous: the same without looking at that.`,
    goal: { bound: 'most', value: 1.3 },
  };
}

export const relaySpread: Case = {
  names: worlds.map(({ name }) => name),
  run: (budget) => Promise.resolve(worlds.map((world) => measure(world, budget))),
};
