/** A relay and two processes of members, for one case. */
import { Child } from '../processes/child.ts';
import type { LoadQuestions } from '../processes/load.ts';
import type { RelayQuestions } from '../processes/relay.ts';

export interface RelayScene {
  readonly relay: Child<RelayQuestions>;
  readonly near: Child<LoadQuestions>;
  readonly far: Child<LoadQuestions>;
}

/** `nodeOptions`: for the relay's process. */
export async function withRelay<T>(
  use: (scene: RelayScene) => Promise<T>,
  nodeOptions: readonly string[] = [],
): Promise<T> {
  const relay = new Child<RelayQuestions>('relay.ts', nodeOptions);
  const near = new Child<LoadQuestions>('load.ts');
  const far = new Child<LoadQuestions>('load.ts');
  try {
    const address = await relay.ask('address', null);
    await Promise.all([near.ask('relay', address), far.ask('relay', address)]);
    return await use({ relay, near, far });
  } finally {
    await Promise.all([near.stop(), far.stop()]);
    await relay.stop();
  }
}

/** Frames that are unanswered at once, of each owner: as many as our client sends. */
const window = 256;

export interface Appended {
  /** Appended, answered and pushed. */
  readonly framesPerSecond: number;
  /** Of the processor's time, all threads of the relay. */
  readonly relayMicroseconds: number;
}

/** Every owner of `near` appends `frames`; all readers of both have been pushed all when it resolves. */
export async function appendAndHear(
  { relay, near, far }: RelayScene,
  owners: number,
  frames: number,
): Promise<Appended> {
  const busy = await relay.ask('busySeconds', null);
  const started = performance.now();
  const heard = [near, far].map((child) => child.ask('heard', frames));
  await near.ask('append', { frames, window });
  await Promise.all(heard);
  const seconds = (performance.now() - started) / 1000;
  const used = (await relay.ask('busySeconds', null)) - busy;
  const all = owners * frames;
  return { framesPerSecond: all / seconds, relayMicroseconds: (used / all) * 1e6 };
}
