/**
 * One account, one loop: steps one after the other, each a transition over a draft, one commit, then its effects
 * (docs/architecture.md, "One step, one transaction"). The loop knows nothing of what a step means.
 */
import { ClientStoreError } from '@mycelium/runtime';
import { ClientError, type ClientEvent } from '../client.ts';
import type { ClientPorts } from '../ports.ts';
import { Draft } from './draft.ts';
import type { Effect } from './effect.ts';

export type Transition<Output> = (draft: Draft) => Output | Promise<Output>;

export class Loop {
  readonly #ports: ClientPorts;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #agendaChanged: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;
  #transmits = false;

  constructor(ports: ClientPorts, agendaChanged: () => void) {
    this.#ports = ports;
    this.#agendaChanged = agendaChanged;
  }

  /** Runs after all steps that were asked for before. Rejects when the step failed: then nothing of it happened. */
  step<Output>(transition: Transition<Output>): Promise<Output> {
    const turn = this.#last.then(() => this.#run(transition));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** From now on effects reach the mail agent; what came before is declared again by the step that starts. */
  transmit(): void {
    this.#transmits = true;
  }

  /** Resolves when nothing is waiting; later steps are refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#last;
  }

  listen(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #run<Output>(transition: Transition<Output>): Promise<Output> {
    if (this.#stopped) throw new ClientError('store-failed', 'The messenger is stopping.');
    const draft = new Draft(this.#ports.store, this.#ports.clock.nowMs());
    const output = await transition(draft);
    const { writes, effects, events, retired } = draft.finish();
    if (writes.length > 0) this.#commit(writes);
    this.#ports.primitives.wipe(...retired);
    for (const effect of effects) this.#perform(effect);
    for (const event of events) this.#tell(event);
    return output;
  }

  #commit(writes: Parameters<ClientPorts['store']['commit']>[0]): void {
    try {
      this.#ports.store.commit(writes);
    } catch (error) {
      if (!(error instanceof ClientStoreError)) throw error;
      const code = error.code === 'full' ? 'store-full' : 'store-failed';
      throw new ClientError(code, `Nothing was changed: ${error.message}`, { cause: error });
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
        return this.#agendaChanged();
    }
  }

  /** A listener that fails is its own concern: the step has happened. */
  #tell(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        this.#ports.note?.('a listener for events failed');
      }
    }
  }
}
