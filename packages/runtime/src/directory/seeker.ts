/**
 * Publishing and looking up (spec/directory-node.md, "Walks"), for clients and for directory nodes, which count
 * themselves. A node that is alone in the world stores with itself and finds it again at once.
 */
import {
  bytesEqual,
  bytesToHex,
  claimRecordBytes,
  compareDistance,
  decodeDigests,
  decodePutOutcome,
  digestsRequest,
  directoryCommands,
  type NodeAddress,
  type Primitives,
} from '@mycelium/protocol';
import { createCancellation } from '../mail/cancel.ts';
import type { Cancellation } from '../ports/cancellation.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClaimHolder } from './claim-holder.ts';
import { closestAnswers, namedClaims, type NamedClaim } from './named-claims.ts';
import type { DirectoryNodes, NodeQuestion, NodeReply } from './nodes.ts';
import { walk, type Walked } from './walk.ts';
import { closestMax } from './walk-path.ts';

export interface SeekerWish {
  readonly nodes: DirectoryNodes;
  readonly clock: Clock;
  readonly primitives: Pick<Primitives, 'sha256'>;
  /** Of a node that holds claims itself. */
  readonly holder?: ClaimHolder | undefined;
}

export interface Published {
  readonly accepted: number;
  readonly refused: readonly string[];
}

/** Different records fetched in one look-up: hostile nodes can name any number. */
const fetchedMax = 64;
/** Nodes asked for one record before it counts as not there. */
const holdersAskedMax = 3;
/** Our own records count for a network of their own, so that strangers' cannot use up the quota. */
const ownNetwork = 'here';

export class Seeker {
  readonly #wish: SeekerWish;
  readonly #stopped = createCancellation();
  #answering = true;
  #askedLast = 0;

  constructor(wish: SeekerWish) {
    this.#wish = wish;
  }

  /** False: nobody answered the last walk. */
  get answering(): boolean {
    return this.#answering;
  }

  /** Nodes that the last walk asked. */
  get askedLast(): number {
    return this.#askedLast;
  }

  async publish(locator: Uint8Array, record: Uint8Array): Promise<Published> {
    const { answers } = await this.#walk(locator, this.#stopped.signal);
    const closest = closestAnswers(answers);
    const outcomes = await Promise.all(closest.map((node) => this.#put(node, locator, record)));
    if (this.#belongsHere(locator, closest)) outcomes.push(this.#putHere(record));
    const refused = outcomes.filter((outcome) => outcome !== 'kept');
    return { accepted: outcomes.length - refused.length, refused };
  }

  /** All different records, those that most of the closest nodes have first. */
  async lookUp(locator: Uint8Array, signal?: Cancellation): Promise<readonly Uint8Array[]> {
    const asked = createCancellation();
    const given = [this.#stopped.signal, ...(signal === undefined ? [] : [signal])];
    for (const one of given) {
      if (one.aborted) asked.abort();
      one.addEventListener('abort', asked.abort);
    }
    try {
      const { answers } = await this.#walk(locator, asked.signal);
      return await this.#fetchAll(locator, answers, asked.signal);
    } finally {
      for (const one of given) one.removeEventListener('abort', asked.abort);
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #fetchAll(
    locator: Uint8Array,
    answers: readonly NodeReply[],
    signal: Cancellation,
  ): Promise<readonly Uint8Array[]> {
    const held = new Map(this.#heldHere(locator).map(({ digest, bytes }) => [bytesToHex(digest), bytes]));
    const named = namedClaims(answers).slice(0, fetchedMax);
    const fetched = await Promise.all(
      named.map(async (claim) => held.get(bytesToHex(claim.digest)) ?? this.#fetch(locator, claim)),
    );
    for (const { digest } of named) held.delete(bytesToHex(digest));
    if (signal.aborted) return [];
    return [...fetched.filter((record) => record !== undefined), ...held.values()];
  }

  async #walk(locator: Uint8Array, signal: Cancellation): Promise<Walked> {
    const { clock, nodes } = this.#wish;
    const walked = await walk({
      target: locator,
      nodes,
      clock,
      ask: (node) =>
        this.#ask(node, { command: directoryCommands.digests, target: locator, value: digestsRequest }),
      isAnswer: (reply) => reply.error === 0 && reply.value !== null && decodeDigests(reply.value).ok,
      signal,
    });
    this.#askedLast = walked.asked;
    if (!signal.aborted) this.#answering = walked.answers.length > 0 || walked.asked === 0;
    return walked;
  }

  /** Twice, a second each: datagrams get lost. What comes from another address than the one asked is no answer. */
  async #ask(node: NodeAddress, question: NodeQuestion): Promise<NodeReply> {
    const { nodes } = this.#wish;
    const attempt = (): Promise<NodeReply> => nodes.ask(node, question);
    const reply = await attempt().catch(attempt);
    if (reply.from.host !== node.host || reply.from.port !== node.port)
      throw new Error('answered by another node');
    return reply;
  }

  async #put({ from, token }: NodeReply, locator: Uint8Array, record: Uint8Array): Promise<string> {
    try {
      const question = { command: directoryCommands.put, target: locator, value: record, token };
      const outcome = decodePutOutcome((await this.#ask(from, question)).value);
      return outcome.ok ? outcome.value : outcome.refusal.code;
    } catch {
      return 'no answer';
    }
  }

  async #fetch(locator: Uint8Array, { digest, holders }: NamedClaim): Promise<Uint8Array | undefined> {
    for (const { from, token } of holders.slice(0, holdersAskedMax)) {
      try {
        const question = { command: directoryCommands.claim, target: locator, value: digest, token };
        const { value } = await this.#ask(from, question);
        if (value?.length !== claimRecordBytes) continue;
        if (bytesEqual(this.#wish.primitives.sha256(value), digest)) return Uint8Array.from(value);
      } catch {
        // The next one may answer.
      }
    }
    return undefined;
  }

  #heldHere(locator: Uint8Array): readonly { readonly digest: Uint8Array; readonly bytes: Uint8Array }[] {
    return this.#wish.holder?.table.get(locator, this.#wish.clock.nowMs()) ?? [];
  }

  /** Whether this node is one of the closest itself. */
  #belongsHere(locator: Uint8Array, closest: readonly NodeReply[]): boolean {
    const { holder, nodes } = this.#wish;
    if (holder === undefined || nodes.ownId === null) return false;
    const farthest = closest[closestMax - 1]?.from.id;
    return farthest == null || compareDistance(locator, nodes.ownId, farthest) < 0;
  }

  #putHere(record: Uint8Array): string {
    const outcome = this.#wish.holder?.table.put(record, ownNetwork, this.#wish.clock.nowMs());
    if (outcome === undefined) return 'no answer';
    return outcome.ok ? 'kept' : outcome.refusal.code;
  }
}
