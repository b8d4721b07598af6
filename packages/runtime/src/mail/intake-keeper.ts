/**
 * An intake queue of ours at one peer (spec/mail-clients.md, "Intake"). Strangers append, each to the peers it reaches, so indices
 * are the peer's own: the cursor is kept there. We open the queue as its owner, which says what stamps and tokens it takes, and as
 * its reader; what the handler has on disk is trimmed.
 */
import {
  intakeTokenKeys,
  intakeTokensMax,
  takesIntakeTokens,
  type ClientQueueEffect,
  type IntakeGrant,
  type OpenRole,
  type Refusal,
  type ServedFrames,
} from '@mycelium/protocol';
import type { IntakeQueue, MailHandler } from './agent.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import type { ClientLink, QueueUser } from './client-link.ts';
import type { Peer, PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

export type KeptIntake = IntakeQueue & { readonly readerPublicKey: Uint8Array };

export class IntakeKeeper implements PeerUser, QueueUser {
  readonly #around: Surroundings;
  readonly #handler: MailHandler;
  #queue: KeptIntake;
  readonly #peer: Peer;
  readonly #backoff: Backoff;
  #link: ClientLink | undefined;
  #waiting: ServedFrames[] = [];
  #running: Promise<void> | undefined;
  #cancelReopen: () => void = () => undefined;
  #generation = 0;

  constructor(around: Surroundings, handler: MailHandler, queue: KeptIntake, peer: Peer) {
    this.#around = around;
    this.#handler = handler;
    this.#queue = queue;
    this.#peer = peer;
    this.#backoff = createBackoff(around.randomness, around.limits.reopenMinMs, around.limits.reopenMaxMs);
    peer.need(this);
  }

  linked(link: ClientLink): void {
    this.#link = link;
    link.attach(this.#queue.route, this);
    this.#open('owner');
  }

  /** The link may go on without us: what it held for us is let go before it is forgotten. */
  unlinked(): void {
    this.#begin();
    this.#link = undefined;
  }

  /** Other tokens are good from now on. */
  tell(tokens: KeptIntake['tokens']): void {
    this.#queue = { ...this.#queue, tokens };
    if (this.#link !== undefined && takesTokens(this.#link)) this.#open('owner');
  }

  async stop(): Promise<void> {
    this.#begin();
    this.#link?.detach(this.#queue.route, this);
    this.#link = undefined;
    this.#peer.noNeed(this);
    await this.#running;
  }

  heard(effect: ClientQueueEffect, link: ClientLink): void {
    switch (effect.kind) {
      case 'opened':
        if (effect.role === 'owner')
          return isSubscribed(link, this.#queue) ? undefined : this.#open('reader');
        return link.give(this.#queue.route, { kind: 'subscribe', from: effect.first });
      case 'pushed':
        return this.#take(effect.served);
      case 'refused':
        if (effect.request.kind !== 'open' && effect.request.kind !== 'subscribe') return;
        this.#handler.refused(this.#queue.route, this.#peer.address, intakeRefusal(effect.name));
        return this.#againLater(effect.retryAfterMs);
      case 'send':
      case 'acknowledged':
      case 'stopped':
      case 'subscribed':
      case 'fetched':
      case 'trimmed':
      case 'unknown-answer':
      case 'violation':
        return;
    }
  }

  #open(role: OpenRole): void {
    const link = this.#link;
    const server = link?.hello;
    if (link === undefined || server === undefined) return;
    const { route, readerSeed, ownerSeed, readerPublicKey, ownerPublicKey, difficulty } = this.#queue;
    const tellsTokens = role === 'owner' && takesTokens(link);
    link.give(route, {
      kind: 'open',
      role,
      server: { challenge: server.challenge, transportKey: link.peer.key },
      primitives: this.#around.primitives,
      seed: role === 'owner' ? ownerSeed : readerSeed,
      readerPublicKey,
      ownerPublicKey,
      base: 0,
      intakeDifficulty: role === 'owner' ? difficulty : undefined,
      ...(tellsTokens && { intakeTokens: this.#grantsFor(link) }),
    });
  }

  /** Each relay gets keys of its own. */
  #grantsFor({ peer: { key } }: ClientLink): readonly IntakeGrant[] {
    const { route, tokens } = this.#queue;
    const { primitives } = this.#around;
    return tokens.slice(0, intakeTokensMax).map(({ token, frames, expiresMs }) => {
      return { ...intakeTokenKeys(primitives, token, route, key), frames, expiresMs };
    });
  }

  #take(served: ServedFrames): void {
    this.#link?.hold(bytesOf(served));
    this.#waiting.push(served);
    this.#running ??= this.#run(this.#generation);
  }

  async #run(generation: number): Promise<void> {
    const { route } = this.#queue;
    for (let served = this.#waiting.shift(); served !== undefined; served = this.#waiting.shift()) {
      const link = this.#link;
      try {
        for (const [at, frame] of served.frames.entries()) {
          await this.#handler.intake(route, served.firstIndex + at, frame);
          if (generation !== this.#generation) break;
        }
      } catch {
        link?.release(bytesOf(served));
        if (generation === this.#generation) this.#againLater(this.#around.limits.handlerRetryMinMs);
        break;
      }
      link?.release(bytesOf(served));
      if (generation !== this.#generation) break;
      this.#backoff.reset();
      link?.give(route, { kind: 'trim', upTo: served.firstIndex + served.frames.length });
    }
    this.#running = undefined;
    if (this.#waiting.length > 0) this.#running = this.#run(this.#generation);
  }

  /** What waits is dropped: the peer still has it. */
  #begin(): void {
    this.#generation += 1;
    this.#cancelReopen();
    for (const served of this.#waiting.splice(0)) this.#link?.release(bytesOf(served));
  }

  #againLater(retryAfterMs: number): void {
    this.#begin();
    this.#link?.give(this.#queue.route, { kind: 'unsubscribe' });
    const waitMs = Math.max(retryAfterMs, this.#backoff.next());
    this.#cancelReopen = this.#around.clock.after(waitMs, () => this.#open('owner'));
  }
}

function takesTokens({ hello }: ClientLink): boolean {
  return hello !== undefined && takesIntakeTokens(hello);
}

function isSubscribed(link: ClientLink, { route }: KeptIntake): boolean {
  return link.queue(route)?.reader.expected !== undefined;
}

function bytesOf(served: ServedFrames): number {
  return served.frames.reduce((sum, frame) => sum + frame.length, 0);
}

function intakeRefusal(name: string): Refusal {
  return { code: name, where: 'mail.intake', rule: `the peer does not keep our intake queue: ${name}` };
}
