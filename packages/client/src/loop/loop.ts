/**
 * One account, one loop: steps one after the other, each a transition over a draft, then a commit, then its effects
 * (docs/architecture.md, "One step, one transaction"). Steps that wait for each other share a commit: all of them are on
 * disk or none. While one commit is on its way to the disk, the steps of the next one run over it; nothing of them is
 * transmitted, told or answered before both are there. The loop knows nothing of what a step means.
 */
import { ClientStoreError } from '@mycelium/runtime';
import { ClientError, type ClientEvent } from '../client.ts';
import type { ClientPorts } from '../ports.ts';
import { Draft, type StepOutcome } from './draft.ts';
import { newestEffects, type Effect } from './effect.ts';
import { Overlay } from './overlay.ts';
import { RowCache } from './row-cache.ts';

export type Transition<Output> = (draft: Draft) => Output | Promise<Output>;

/** Steps that were waiting share one commit: so many, or as many as took so long. */
const stepsAtOnce = 1_024;
const commitAfterMs = 20;

interface Waiting {
  /** Runs the transition over what came before it. */
  readonly run: (draft: Draft) => Promise<Done>;
  readonly fail: (error: unknown) => void;
}

/** A step whose changes wait for the commit. */
interface Done {
  readonly outcome: StepOutcome;
  readonly resolve: () => void;
  readonly fail: (error: unknown) => void;
}

/** A commit on its way to the disk. */
interface Commit {
  /** Its changes, over what was there before. */
  readonly shared: Overlay;
  /** Resolves when its effects have been performed, or its steps have failed. */
  readonly ended: Promise<void>;
  /** `failure`: why nothing of it is on disk. */
  state: 'under-way' | 'on-disk' | { readonly failure: unknown };
}

export class Loop {
  readonly #ports: ClientPorts;
  readonly #rows: RowCache;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #planned: (name: string) => void;
  readonly #waiting: Waiting[] = [];
  #arrived: () => void = () => undefined;
  #working: Promise<void> | undefined;
  #stopped = false;
  #transmits = false;

  constructor(ports: ClientPorts, planned: (name: string) => void) {
    this.#ports = ports;
    this.#rows = new RowCache(ports.store);
    this.#planned = planned;
  }

  /**
   * Runs after all steps that were asked for before, and resolves when it is on disk. Rejects when it failed, or its
   * commit did: then nothing of it happened.
   */
  step<Output>(transition: Transition<Output>): Promise<Output> {
    return new Promise<Output>((resolve, fail) => {
      if (this.#stopped) return fail(new ClientError('store-failed', 'The messenger is stopping.'));
      const run = async (draft: Draft): Promise<Done> => {
        const output = await transition(draft);
        return { outcome: draft.outcome(), resolve: () => resolve(output), fail };
      };
      this.#waiting.push({ run, fail });
      this.#arrived();
      this.#working ??= this.#work();
      return undefined;
    });
  }

  /** From now on effects reach the mail agent; what came before is declared again by the step that starts. */
  transmit(): void {
    this.#transmits = true;
  }

  /** Resolves when nothing is waiting; later steps are refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  listen(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #work(): Promise<void> {
    // Not before everything that this turn brings is waiting.
    await Promise.resolve();
    let before: Commit | undefined;
    while (this.#waiting.length > 0 || before !== undefined) {
      const shared = new Overlay(before?.shared ?? this.#rows);
      const done = await this.#takeSteps(shared, before);
      await before?.ended;
      const failure = typeof before?.state === 'object' ? before.state.failure : undefined;
      shared.lieOver(this.#rows);
      before = undefined;
      // What they stood on is not there.
      if (failure !== undefined) for (const { fail } of done) fail(failure);
      else if (done.length > 0) before = this.#commit(shared, done);
    }
    this.#working = undefined;
  }

  /** Those that wait, and as long as the commit before is on its way those that come. */
  async #takeSteps(shared: Overlay, before: Commit | undefined): Promise<readonly Done[]> {
    const begun = this.#ports.clock.monotonicMs();
    const done: Done[] = [];
    while (done.length < stepsAtOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (before?.state !== 'under-way') break;
        await Promise.race([before.ended, new Promise<void>((resolve) => (this.#arrived = resolve))]);
        continue;
      }
      shared.begin();
      try {
        done.push(await next.run(new Draft(shared, this.#ports.clock.nowMs())));
      } catch (error) {
        shared.undo();
        next.fail(error);
      }
      const isOnItsWay = before?.state === 'under-way';
      if (!isOnItsWay && this.#ports.clock.monotonicMs() - begun >= commitAfterMs) break;
    }
    return done;
  }

  #commit(shared: Overlay, done: readonly Done[]): Commit {
    const finish = async (): Promise<void> => {
      try {
        const prepared = this.#rows.prepare(shared.changes());
        if (prepared.writes.length > 0) await this.#ports.store.commit(prepared.writes);
        this.#rows.committed(prepared);
        commit.state = 'on-disk';
      } catch (error) {
        commit.state = { failure: notCommitted(error) };
        for (const { fail } of done) fail(commit.state.failure);
        return;
      }
      this.#finish(done);
    };
    const commit: Commit = { shared, ended: Promise.resolve().then(finish), state: 'under-way' };
    return commit;
  }

  #finish(done: readonly Done[]): void {
    for (const { outcome } of done) this.#ports.primitives.wipe(...outcome.retired);
    const newest = newestEffects(done.flatMap(({ outcome }) => outcome.effects));
    for (const { outcome, resolve } of done) {
      for (const effect of outcome.effects.filter((one) => newest.has(one)))
        this.#attempt(() => this.#perform(effect), 'an effect failed');
      for (const event of outcome.events) this.#tell(event);
      resolve();
    }
  }

  #perform(effect: Effect): void {
    const { mail } = this.#ports;
    if (!this.#transmits) return;
    switch (effect.kind) {
      case 'own':
        return mail.own(effect.queue);
      case 'wake':
        return mail.wake(effect.route, effect.next);
      case 'follow':
        return mail.follow(effect.queue);
      case 'keep-intake':
        return mail.keepIntake(effect.queue);
      case 'leave':
        return mail.leave(effect.route);
      case 'trim':
        return mail.trim(effect.route, effect.upTo);
      case 'agenda':
        return this.#planned(effect.name);
    }
  }

  #tell(event: ClientEvent): void {
    for (const listener of this.#listeners)
      this.#attempt(() => listener(event), 'a listener for events failed');
  }

  /** The step has happened: what fails afterwards is noted, and stops nothing else. */
  #attempt(call: () => void, failed: string): void {
    try {
      call();
    } catch {
      this.#ports.note?.(failed);
    }
  }
}

function notCommitted(error: unknown): unknown {
  if (!(error instanceof ClientStoreError)) return error;
  const code = error.code === 'full' ? 'store-full' : 'store-failed';
  return new ClientError(code, `Nothing was changed: ${error.message}`, { cause: error });
}
