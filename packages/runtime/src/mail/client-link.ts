/**
 * A dialled link with its client side (spec/mail.md): cuts the stream into frames, drives the machines of
 * `protocol/src/mail`, performs their effects. Knows nothing of what the queues are for: those who use a queue attach
 * to it and are told what its machine says.
 */
import {
  createClientConnection,
  createClientQueue,
  emptyClientIntake,
  emptyMailStream,
  encodeHello,
  helloFeatures,
  isReplicatedOnly,
  readMailStream,
  requestKey,
  routeKey,
  stepClientConnection,
  stepClientQueue,
  submitIntake,
  takeIntakeAnswer,
  type ClientConnectionInput,
  type ClientQueue,
  type ClientQueueEffect,
  type ClientQueueInput,
  type Hello,
  type IntakeAnswer,
  type MailItem,
  type PeerAddress,
  type Refusal,
  type Route,
  type StatusReport,
} from '@mycelium/protocol';
import type { Link } from '../ports/transport.ts';
import { DirectoryRequests } from './directory-requests.ts';
import { OwedAnswers } from './owed-answers.ts';
import type { Surroundings } from './surroundings.ts';

/** Somebody who uses a queue on a link. */
export interface QueueUser {
  /** In the order of the machine. Not `send`, which the link has performed. */
  heard(effect: Exclude<ClientQueueEffect, { kind: 'send' }>, link: ClientLink): void;
  /** Asked for with `whenWritable`: the link takes more again. */
  writable?(): void;
}

export interface ClientLinkEvents {
  ready(): void;
  /** Once, whatever the reason. */
  ended(reason: string): void;
  violated(refusal: Refusal): void;
  roundTrip(): void;
  /** Nothing comes although it was asked; and when something does again. */
  doubted(): void;
  trusted(): void;
  /** Mail went over it. */
  traffic(): void;
  /** Somebody calls us at the peer. */
  summoned(ticket: Uint8Array): void;
}

interface AttachedQueue {
  machine: ClientQueue;
  readonly users: Set<QueueUser>;
}

export class ClientLink {
  readonly peer: PeerAddress;
  readonly #around: Surroundings;
  readonly #link: Link;
  readonly #events: ClientLinkEvents;
  readonly #queues = new Map<string, AttachedQueue>();
  /** Of queues that nobody uses here any more. */
  readonly #requestCounts = new Map<string, number>();
  readonly #submits = new Map<string, (answer: IntakeAnswer | undefined) => void>();
  readonly directory: DirectoryRequests = new DirectoryRequests((frame) => this.#write(frame));
  readonly #owed = new OwedAnswers();
  #connection;
  #intake = emptyClientIntake;
  #stream = emptyMailStream;
  #wake: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #blocked = false;
  /** Who had more to write when it was full. */
  readonly #writers = new Set<QueueUser>();
  #heldBytes = 0;
  #report: StatusReport | undefined;
  readonly #reportWaiters = new Set<() => void>();
  #paused = false;
  #open = true;

  constructor(around: Surroundings, link: Link, peer: PeerAddress, events: ClientLinkEvents) {
    this.#around = around;
    this.#link = link;
    this.peer = peer;
    this.#events = events;
    this.#connection = createClientConnection(around.clock.monotonicMs());
    link.onBytes((bytes) => this.#receive(bytes));
    link.onDrain(() => this.#drained());
    link.onClose((reason) => this.#ended(reason));
    link.write(
      encodeHello({
        versionMin: 1,
        versionMax: 1,
        features: helloFeatures.summons,
        challenge: around.randomness.bytes(32),
        appendFramesPerSecond: 0,
        retentionSeconds: 0,
        queueFramesMax: 0,
      }),
    );
    this.#step({ kind: 'time', nowMs: around.clock.monotonicMs() });
  }

  get path(): Link['path'] {
    return this.#link.path;
  }

  get rttMs(): number | undefined {
    return this.#connection.rttMs;
  }

  get ready(): boolean {
    return this.#open && this.#connection.hello !== undefined;
  }

  get hello(): Hello | undefined {
    return this.#connection.hello;
  }

  /** What the peer calls stored is not yet on a disk. */
  get replicatedOnly(): boolean {
    const { hello } = this;
    return hello !== undefined && isReplicatedOnly(hello);
  }

  /** What it said of itself last. */
  get report(): StatusReport | undefined {
    return this.#report;
  }

  /** Once: at once when the peer has reported already, else when it does. The answer forgets it. */
  onReport(reported: () => void): () => void {
    if (this.#report === undefined) this.#reportWaiters.add(reported);
    else reported();
    return () => void this.#reportWaiters.delete(reported);
  }

  /** False: the peer is slower than we are, or the link has ended. */
  get writable(): boolean {
    return this.#open && !this.#blocked;
  }

  /** Told once. Only who asks is: of thousands of queues few have something to write. */
  whenWritable(user: QueueUser): void {
    if (this.#open) this.#writers.add(user);
  }

  attach(route: Route, user: QueueUser): void {
    const key = routeKey(route);
    const attached = this.#queues.get(key) ?? {
      machine: createClientQueue(route, this.#requestCounts.get(key)),
      users: new Set(),
    };
    attached.users.add(user);
    this.#queues.set(key, attached);
  }

  /** Nobody is told. A queue without users is forgotten here; what the peer still sends for it is dropped. */
  detach(route: Route, user: QueueUser): void {
    const attached = this.#queues.get(routeKey(route));
    if (attached === undefined) return;
    attached.users.delete(user);
    this.#writers.delete(user);
    if (attached.users.size > 0) return;
    this.#forget(routeKey(route), attached);
  }

  /** Another link takes over: nobody hears anything of queues on this one any more. */
  detachAll(): void {
    this.#writers.clear();
    for (const [key, attached] of this.#queues) {
      attached.users.clear();
      this.#forget(key, attached);
    }
  }

  /** Late answers must not be taken for answers to what is asked when somebody uses the queue here again. */
  #forget(key: string, attached: AttachedQueue): void {
    const { route, reader } = attached.machine;
    if (reader.phase === 'open') this.give(route, { kind: 'unsubscribe' });
    this.#requestCounts.set(key, attached.machine.requestCount);
    this.#queues.delete(key);
  }

  /** It is asked often for so long from now on: somebody depends on it. */
  watch(forMs: number): void {
    const nowMs = this.#around.clock.monotonicMs();
    this.#step({ kind: 'watch', untilMs: nowMs + forMs, nowMs });
  }

  /** Is it still there? */
  ask(): void {
    this.#step({ kind: 'ask', nowMs: this.#around.clock.monotonicMs() });
  }

  queue(route: Route): ClientQueue | undefined {
    return this.#queues.get(routeKey(route))?.machine;
  }

  give(route: Route, input: ClientQueueInput): void {
    const attached = this.#queues.get(routeKey(route));
    if (!this.#open || attached === undefined) return;
    // A push without frames answers who only compared heads: that is no conversation.
    const isMail = input.kind === 'push' ? input.frames.length > 0 : input.kind === 'append';
    if (isMail || input.kind === 'stored') this.#events.traffic();
    const { state, effects } = stepClientQueue(attached.machine, input);
    attached.machine = state;
    for (const effect of effects) this.#perform(attached, effect);
  }

  /** `answered` hears undefined when the link ended first. */
  submit(frame: Uint8Array, answered: (answer: IntakeAnswer | undefined) => void): void {
    this.#intake = submitIntake(this.#intake, frame);
    this.#submits.set(requestKey(frame), answered);
    this.#write(frame);
  }

  /** These many pushed bytes wait for somebody's disk. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#paused || this.#heldBytes <= this.#around.limits.heldBytesMax) return;
    this.#paused = true;
    this.#link.pause();
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
    if (!this.#paused || this.#heldBytes > this.#around.limits.heldBytesMax / 2) return;
    this.#paused = false;
    this.#step({ kind: 'paused', nowMs: this.#around.clock.monotonicMs() });
    if (this.#open) this.#link.resume();
  }

  close(reason: string): void {
    if (!this.#open) return;
    this.#link.close();
    this.#ended(reason);
  }

  #write(bytes: Uint8Array): void {
    if (this.#open && !this.#link.write(bytes)) this.#blocked = true;
  }

  #drained(): void {
    this.#blocked = false;
    for (const user of Array.from(this.#writers)) {
      if (this.#blocked) return;
      this.#writers.delete(user);
      user.writable?.();
    }
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#open) return;
    const nowMs = this.#around.clock.monotonicMs();
    this.#step({ kind: 'heard', nowMs });
    const { stream, items, refusal } = readMailStream(this.#stream, bytes);
    this.#stream = stream;
    for (const item of items) {
      if (!this.#open) return;
      this.#take(item, nowMs);
    }
    if (refusal !== undefined) this.#violated(refusal);
  }

  #take(item: MailItem, nowMs: number): void {
    if (item.kind === 'mail') return this.#unexpected('a mail frame');
    if (item.kind === 'push') {
      const { push } = item;
      // Views of the batch that came in; users keep them until they are on disk.
      const frames = item.frames.map((frame) => frame.slice());
      return this.give(push.route as Route, { kind: 'push', push, frames });
    }
    const { control } = item;
    switch (control.kind) {
      case 'hello':
        return this.#step({ kind: 'hello', hello: control, nowMs });
      case 'status-report':
        this.#step({ kind: 'status-report', report: control, nowMs });
        return this.#reported(control);
      case 'opened':
        return this.give(control.route as Route, { kind: 'opened', answer: control });
      case 'done':
        return this.give(control.route as Route, { kind: 'done', answer: control });
      case 'stored':
        if (this.#takeIntakeAnswer(control)) return;
        return this.give(control.route as Route, { kind: 'stored', answer: control });
      case 'error':
        if (this.#takeIntakeAnswer(control) || this.directory.refused(control)) return;
        return this.give(control.route as Route, { kind: 'error', answer: control });
      case 'found':
        return this.directory.found(control) ? undefined : this.#unexpected('a found');
      case 'summons':
        return this.#events.summoned(control.ticket.slice());
      case 'splice':
      case 'spliced':
      case 'open':
      case 'subscribe':
      case 'unsubscribe':
      case 'fetch':
      case 'trim':
      case 'intake':
      case 'status':
      case 'look-up':
      case 'publish':
        return this.#unexpected(`a ${control.kind}`);
    }
  }

  #reported(report: StatusReport): void {
    this.#report = report;
    const waiting = [...this.#reportWaiters];
    this.#reportWaiters.clear();
    for (const reported of waiting) reported();
  }

  #takeIntakeAnswer(control: Parameters<typeof takeIntakeAnswer>[1]): boolean {
    const taken = takeIntakeAnswer(this.#intake, control);
    if (taken === undefined) return false;
    this.#intake = taken.state;
    const answered = this.#submits.get(taken.key);
    this.#submits.delete(taken.key);
    answered?.(taken.answer);
    return true;
  }

  #perform(attached: AttachedQueue, effect: ClientQueueEffect): void {
    if (effect.kind === 'send') return this.#write(effect.bytes);
    if (effect.kind === 'violation') return this.#violated(effect.refusal);
    for (const user of Array.from(attached.users)) user.heard(effect, this);
  }

  #step(input: ClientConnectionInput): void {
    if (!this.#open) return;
    const { state, effects, wakeAtMs } = stepClientConnection(this.#connection, input);
    this.#connection = state;
    for (const effect of effects) {
      if (effect.kind === 'send') this.#write(effect.bytes);
      else if (effect.kind === 'violation') this.#violated(effect.refusal);
      else if (effect.kind === 'lost') this.close('the peer does not answer any more');
      else if (effect.kind === 'round-trip') this.#roundTrip();
      else this.#events[effect.kind]();
    }
    this.#scheduleWake(wakeAtMs);
  }

  #roundTrip(): void {
    this.#events.roundTrip();
    if (!this.#owed.areOverdue(this.#queues.values(), this.#around.clock.monotonicMs())) return;
    this.#violated({ code: 'unanswered', where: 'connection', rule: 'has one answer to each request' });
  }

  /** A timer that comes too early does no harm, so it is set anew only when it would come too late. */
  #scheduleWake(wakeAtMs: number): void {
    if (!this.#open || (this.#wake !== undefined && this.#wake.atMs <= wakeAtMs)) return;
    this.#wake?.cancel();
    const { clock } = this.#around;
    const cancel = clock.after(Math.max(1, wakeAtMs - clock.monotonicMs()), () => {
      this.#wake = undefined;
      const nowMs = clock.monotonicMs();
      this.#step(this.#paused ? { kind: 'paused', nowMs } : { kind: 'time', nowMs });
    });
    this.#wake = { atMs: wakeAtMs, cancel };
  }

  #unexpected(what: string): void {
    this.#violated({
      code: 'unexpected',
      where: 'connection',
      rule: `${what} is not for the side that dialled`,
    });
  }

  #violated(refusal: Refusal): void {
    if (!this.#open) return;
    this.#events.violated(refusal);
    this.close(`the peer broke the protocol: ${refusal.where} ${refusal.rule}`);
  }

  #ended(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#wake?.cancel();
    const submits = [...this.#submits.values()];
    this.#submits.clear();
    for (const answered of submits) answered(undefined);
    this.directory.ended();
    this.#events.ended(reason);
  }
}
