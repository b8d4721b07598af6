/** A 56-byte text sealed and opened, ratchet step included, by our feed and by what others would use. */
import type { Budget, Case, Result } from '../case.ts';
import { type Contender, type Race, race } from '../race.ts';
import { installRivals } from '../rivals/install.ts';
import { round } from '../statistics.ts';
import { MemoryFeed } from './feed.ts';
import { createPrivateMessages } from './private-message.ts';

/** Texts in one call, as they come in one step of a busy client: a push of a relay has at most 256 frames. */
const batch = 64;
const textBytes = 56;

function pairs(name: string, feed: MemoryFeed, texts: number): Contender {
  const calls = batch / texts;
  return {
    name,
    unitsPerCall: batch,
    call: () => {
      for (let call = 0; call < calls; call += 1) feed.open(feed.seal());
    },
  };
}

function ours(): readonly Contender[] {
  const [seals, opens] = [new MemoryFeed({ batch }), new MemoryFeed({ batch })];
  return [
    pairs('pair', new MemoryFeed({ batch }), batch),
    pairs('one by one', new MemoryFeed({ batch: 1 }), 1),
    pairs('without kernel', new MemoryFeed({ batch, kernel: false }), batch),
    { name: 'seal', unitsPerCall: batch, call: () => seals.seal() },
    // Frames are opened once, so each call seals its own first; that part is taken off again in `side`.
    {
      name: 'seal and open',
      unitsPerCall: 8 * batch,
      call: () => {
        const sealed = Array.from({ length: 8 }, () => opens.seal());
        for (const frames of sealed) opens.open(frames);
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
  const took = (name: string): number => 1e6 / outcome.rate(name);
  return {
    case: 'seal-open.128',
    value: round(took('pair') / 2),
    unit: 'µs a side',
    spread: outcome.spread('pair'),
    ratios: {},
    quantiles: {
      seal: round(took('seal')),
      open: round(took('seal and open') - took('seal')),
      'one by one': round(took('one by one') / 2),
      'without kernel': round(took('without kernel') / 2),
    },
    counts:
      `Half of sealing texts of 56 bytes into short frames, ${batch} in one call, and opening those in one call, in one ` +
      'thread: chain step, AEAD, headers, new states of writer and reader, keys wiped. Nothing is stored or sent. ' +
      `One by one: calls with one text each. Without kernel: batches of ${batch} through libsodium.`,
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
    counts:
      `Times as many seal-and-open pairs of a 56-byte text as ${what}, in the same thread and run. Ours in batches of ${batch}, ` +
      'theirs one by one, as their interfaces are; ours one by one in brackets.',
    ...(name === 'libsignal' && { goal: { bound: 'least', value: 80 } as const }),
  };
  if (!present.includes(name)) {
    return { ...shape, value: null, spread: null, ratios: {}, skipped: missing ?? 'not installed' };
  }
  const value = outcome.ratio('pair', name);
  const quantiles = { 'one by one': outcome.ratio('one by one', name) };
  return { ...shape, value, spread: outcome.spread(name), ratios: { [name]: value }, quantiles };
}

export const sealOpen: Case = {
  names: ['seal-open.128', 'seal-open.libsignal', 'seal-open.ts-mls'],
  run,
};
