/**
 * A walk towards a target in the DHT (spec/directory-node.md, "Walks"): several paths at once, no node on two of them,
 * so that a hostile node leads astray only its own path. Nodes that do not answer (they may be plain hyperdht nodes
 * without our commands) are waited for a moment, not for the seconds that they would take to be given up.
 */
import { bytesEqual, compareDistance, mayName, type NodeAddress } from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { Clock } from '../ports/clock.ts';
import type { DirectoryNodes, NodeReply } from './nodes.ts';
import { closestMax, WalkPath, type Candidate } from './walk-path.ts';

export interface WalkWish {
  readonly target: Uint8Array;
  readonly nodes: Pick<DirectoryNodes, 'ownId' | 'idOf' | 'known'>;
  readonly clock: Pick<Clock, 'after'>;
  /** Rejects when the node does not answer. */
  ask(node: NodeAddress): Promise<NodeReply>;
  /** Whether a reply is an answer to our command; others only show the way. */
  isAnswer(reply: NodeReply): boolean;
  readonly signal: Cancellation;
}

export interface Walked {
  /** Closest first. */
  readonly answers: readonly NodeReply[];
  /** Nodes that were asked, answering or not. */
  readonly asked: number;
}

const paths = 3;
const askedAtOncePerPath = 3;
/** Of each path: a liar's names cost its own path only. */
const askedPerPathMax = 40;
/** In two parts: when this machine was late itself, what came meanwhile is read between them. */
const slowAfterMs = [350, 50] as const;
const walkMs = 4_000;

export function walk(wish: WalkWish): Promise<Walked> {
  return new Promise((resolve) => new Walk(wish, resolve).begin());
}

class Walk {
  readonly #wish: WalkWish;
  readonly #resolve: (walked: Walked) => void;
  readonly #paths: readonly WalkPath[];
  readonly #seen = new Set<string>();
  readonly #answers: { readonly reply: NodeReply; readonly askedId: Uint8Array }[] = [];
  /** Asked and not settled, slow ones too. */
  #open = 0;
  #replies = 0;
  #done = false;
  #cancelDeadline: () => void = () => undefined;

  constructor(wish: WalkWish, resolve: (walked: Walked) => void) {
    this.#wish = wish;
    this.#resolve = resolve;
    this.#paths = Array.from({ length: paths }, () => new WalkPath(wish.target));
  }

  begin(): void {
    const { clock, nodes, signal, target } = this.#wish;
    this.#cancelDeadline = clock.after(walkMs, this.#finish);
    signal.addEventListener('abort', this.#finish);
    const start = nodes.known().map((node) => this.#withId(node));
    start.sort((left, right) => compareDistance(target, left.id, right.id));
    start
      .slice(0, paths * closestMax)
      .forEach((candidate, index) => this.#add(this.#paths[index % paths], candidate));
    if (signal.aborted) this.#finish();
    else this.#goOn();
  }

  #withId({ host, port }: NodeAddress): Candidate {
    return { host, port, id: this.#wish.nodes.idOf({ host, port }) };
  }

  #add(path: WalkPath | undefined, candidate: Candidate): void {
    const { ownId } = this.#wish.nodes;
    const name = `${candidate.host}:${candidate.port}`;
    if (this.#seen.has(name)) return;
    if (ownId !== null && bytesEqual(candidate.id, ownId)) return;
    this.#seen.add(name);
    path?.add(candidate);
  }

  #goOn(): void {
    if (this.#done) return;
    for (const path of this.#paths) {
      while (path.pending < askedAtOncePerPath && path.asked < askedPerPathMax) {
        const candidate = path.next();
        if (candidate === undefined) break;
        void this.#visit(path, candidate);
      }
    }
    // Slow nodes are waited for only while nobody has answered at all.
    const waitsFor =
      this.#replies === 0 ? this.#open : this.#paths.reduce((sum, path) => sum + path.pending, 0);
    if (waitsFor === 0) this.#finish();
  }

  async #visit(path: WalkPath, candidate: Candidate): Promise<void> {
    path.asked += 1;
    path.pending += 1;
    this.#open += 1;
    let slow = false;
    const { clock } = this.#wish;
    const [firstMs, thenMs] = slowAfterMs;
    let cancelSlow = clock.after(firstMs, () => {
      cancelSlow = clock.after(thenMs, () => {
        slow = true;
        path.pending -= 1;
        this.#goOn();
      });
    });
    const reply = await this.#wish.ask(candidate).catch(() => undefined);
    cancelSlow();
    this.#open -= 1;
    if (!slow) path.pending -= 1;
    if (this.#done) return;
    if (reply !== undefined) this.#heard(path, candidate, reply);
    this.#goOn();
  }

  #heard(path: WalkPath, candidate: Candidate, reply: NodeReply): void {
    this.#replies += 1;
    if (this.#wish.isAnswer(reply)) {
      this.#answers.push({ reply, askedId: candidate.id });
      path.answeredBy(candidate);
    }
    for (const named of (reply.closerNodes ?? []).slice(0, closestMax)) {
      if (mayName(candidate, named)) this.#add(path, this.#withId(named));
    }
  }

  readonly #finish = (): void => {
    if (this.#done) return;
    this.#done = true;
    this.#cancelDeadline();
    const { signal, target } = this.#wish;
    signal.removeEventListener('abort', this.#finish);
    const answers = this.#answers.toSorted((left, right) =>
      compareDistance(target, left.askedId, right.askedId),
    );
    const asked = this.#paths.reduce((sum, path) => sum + path.asked, 0);
    this.#resolve({ answers: answers.map(({ reply }) => reply), asked });
  };
}
