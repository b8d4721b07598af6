/** A 56-byte text sealed and opened, ratchet step included, by our feed and by what others would use. */
import type { Budget, Case, Result } from '../case.ts';
import { type Contender, type Race, race } from '../race.ts';
import { installRivals } from '../rivals/install.ts';
import { round } from '../statistics.ts';
import { MemoryFeed } from './feed.ts';
import { createPrivateMessages } from './private-message.ts';

const runLength = 64;
const textBytes = 56;

function ours(): readonly Contender[] {
  const [pairs, seals, opens] = [new MemoryFeed(), new MemoryFeed(), new MemoryFeed()];
  return [
    {
      name: 'pair',
      unitsPerCall: runLength,
      call: () => {
        for (let at = 0; at < runLength; at += 1) pairs.open(pairs.seal());
      },
    },
    {
      name: 'seal',
      unitsPerCall: runLength,
      call: () => {
        for (let at = 0; at < runLength; at += 1) seals.seal();
      },
    },
    // Frames are opened once, so each call seals its own first; that part is taken off again in `sideOf`.
    {
      name: 'seal and open',
      unitsPerCall: runLength,
      call: () => {
        const frames: Uint8Array[] = [];
        for (let at = 0; at < runLength; at += 1) frames.push(opens.seal());
        for (const frame of frames) opens.open(frame);
      },
    },
  ];
}

async function theirs(missing: string | undefined): Promise<readonly Contender[]> {
  const text = new Uint8Array(textBytes);
  const privateMessage = await createPrivateMessages();
  const contenders = [{ name: 'ts-mls', unitsPerCall: 1, call: () => privateMessage(text) }];
  if (missing !== undefined) return contenders;
  const doubleRatchet = await (await import('../rivals/double-ratchet.ts')).createDoubleRatchet();
  return [{ name: 'libsignal', unitsPerCall: 1, call: () => doubleRatchet(text) }, ...contenders];
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const missing = installRivals();
  const rivals = await theirs(missing);
  const outcome = await race([...ours(), ...rivals], budget);
  const names = rivals.map(({ name }) => name);
  return [
    side(outcome),
    against(outcome, 'libsignal', names, missing),
    against(outcome, 'ts-mls', names, missing),
  ];
}

function side(outcome: Race): Result {
  const seal = 1e6 / outcome.rate('seal');
  const pair = 1e6 / outcome.rate('pair');
  const open = 1e6 / outcome.rate('seal and open') - seal;
  return {
    case: 'seal-open.128',
    value: round(pair / 2),
    unit: 'µs a side',
    spread: outcome.spread('pair'),
    ratios: {},
    quantiles: { seal: round(seal), open: round(open) },
    counts:
      'Half of sealing a text of 56 bytes into a short frame and opening it again, in one thread: chain step, AEAD, ' +
      'headers, new states of writer and reader, keys wiped. Nothing is stored or sent.',
    goal: { bound: 'most', value: 1 },
  };
}

function against(
  outcome: Race,
  name: 'libsignal' | 'ts-mls',
  present: readonly string[],
  missing: string | undefined,
): Result {
  const what =
    name === 'libsignal'
      ? "libsignal's Double Ratchet (@signalapp/libsignal-client, its native code, sessions in memory)"
      : 'a PrivateMessage of ts-mls 1.6.4 with its stock cryptography (two members)';
  const shape = {
    case: `seal-open.${name}`,
    unit: '×',
    counts: `Times as many seal-and-open pairs of a 56-byte text as ${what}, in the same thread and run.`,
    ...(name === 'libsignal' && { goal: { bound: 'least', value: 80 } as const }),
  };
  if (!present.includes(name)) {
    return { ...shape, value: null, spread: null, ratios: {}, skipped: missing ?? 'not installed' };
  }
  const value = outcome.ratio('pair', name);
  return { ...shape, value, spread: outcome.spread(name), ratios: { [name]: value } };
}

export const sealOpen: Case = {
  names: ['seal-open.128', 'seal-open.libsignal', 'seal-open.ts-mls'],
  run,
};
