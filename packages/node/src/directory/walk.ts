/**
 * A walk towards a target in the DHT (spec/directory-node.md, "Walks"): several paths at once, no node on two of them,
 * so that a hostile node leads astray only its own path. Nodes that do not answer (they may be plain hyperdht nodes
 * without our commands) are waited for a moment, not for the seconds that dht-rpc would.
 */
import { bytesEqual } from '@mycelium/protocol';
import { nodeIds, type DhtReply, type UdpAddress } from '../declarations/hyperdht.ts';
import { mayName } from '../links/local-networks.ts';
import { compareDistance } from './distance.ts';

export interface WalkWish {
  readonly target: Uint8Array;
  readonly start: readonly UdpAddress[];
  /** Our own id, which others may name to us. */
  readonly own: Uint8Array | null;
  /** Rejects when the node does not answer. */
  ask(node: UdpAddress): Promise<DhtReply>;
  /** Whether a reply is an answer to our command; others only show the way. */
  isAnswer(reply: DhtReply): boolean;
  readonly signal: AbortSignal;
}

const paths = 3;
const askedAtOncePerPath = 3;
/** k of Kademlia, and of hyperdht. */
export const closestMax = 20;
const askedMax = 120;
const slowAfterMs = 400;
const walkMs = 4_000;

interface Candidate extends UdpAddress {
  readonly id: Uint8Array;
}

class Path {
  readonly #target: Uint8Array;
  #waiting: Candidate[] = [];
  #answered: Candidate[] = [];
  /** Asked and neither answered nor slow. */
  pending = 0;

  constructor(target: Uint8Array) {
    this.#target = target;
  }

  add(candidate: Candidate): void {
    this.#waiting = this.#sorted([...this.#waiting, candidate]);
  }

  answeredBy(candidate: Candidate): void {
    this.#answered = this.#sorted([...this.#answered, candidate]).slice(0, closestMax);
  }

  /** The closest node that nobody asked, while it can still be one of the closest that answer. */
  next(): Candidate | undefined {
    const closest = this.#waiting[0];
    const farthest = this.#answered[closestMax - 1];
    if (closest === undefined) return undefined;
    if (farthest !== undefined && compareDistance(this.#target, closest.id, farthest.id) > 0)
      return undefined;
    return this.#waiting.shift();
  }

  #sorted(candidates: readonly Candidate[]): Candidate[] {
    return candidates.toSorted((left, right) => compareDistance(this.#target, left.id, right.id));
  }
}

/** All answers, closest first. */
export function walk(wish: WalkWish): Promise<readonly DhtReply[]> {
  return new Promise((resolve) => new Walk(wish, resolve).begin());
}

class Walk {
  readonly #wish: WalkWish;
  readonly #resolve: (answers: readonly DhtReply[]) => void;
  readonly #paths: readonly Path[];
  readonly #seen = new Set<string>();
  readonly #answers: (DhtReply & { readonly askedId: Uint8Array })[] = [];
  #asked = 0;
  /** Asked and not settled, slow ones too. */
  #open = 0;
  #replies = 0;
  #done = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(wish: WalkWish, resolve: (answers: readonly DhtReply[]) => void) {
    this.#wish = wish;
    this.#resolve = resolve;
    this.#paths = Array.from({ length: paths }, () => new Path(wish.target));
  }

  begin(): void {
    this.#deadline = setTimeout(() => this.#finish(), walkMs);
    this.#wish.signal.addEventListener('abort', this.#finish);
    const start = this.#wish.start.map(withId);
    start.sort((left, right) => compareDistance(this.#wish.target, left.id, right.id));
    start
      .slice(0, paths * closestMax)
      .forEach((candidate, index) => this.#add(this.#paths[index % paths], candidate));
    if (this.#wish.signal.aborted) this.#finish();
    else this.#goOn();
  }

  #add(path: Path | undefined, candidate: Candidate): void {
    const name = `${candidate.host}:${candidate.port}`;
    if (this.#seen.has(name)) return;
    if (this.#wish.own !== null && bytesEqual(candidate.id, this.#wish.own)) return;
    this.#seen.add(name);
    path?.add(candidate);
  }

  #goOn(): void {
    if (this.#done) return;
    for (const path of this.#paths) {
      while (path.pending < askedAtOncePerPath && this.#asked < askedMax) {
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

  async #visit(path: Path, candidate: Candidate): Promise<void> {
    this.#asked += 1;
    this.#open += 1;
    path.pending += 1;
    let slow = false;
    const timer = setTimeout(() => {
      slow = true;
      path.pending -= 1;
      this.#goOn();
    }, slowAfterMs);
    const reply = await this.#wish.ask(candidate).catch(() => undefined);
    clearTimeout(timer);
    this.#open -= 1;
    if (!slow) path.pending -= 1;
    if (this.#done) return;
    if (reply !== undefined) this.#heard(path, candidate, reply);
    this.#goOn();
  }

  #heard(path: Path, candidate: Candidate, reply: DhtReply): void {
    this.#replies += 1;
    if (this.#wish.isAnswer(reply)) {
      this.#answers.push({ ...reply, askedId: candidate.id });
      path.answeredBy(candidate);
    }
    for (const named of (reply.closerNodes ?? []).slice(0, closestMax)) {
      if (mayName(candidate, named)) this.#add(path, withId(named));
    }
  }

  readonly #finish = (): void => {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#deadline);
    this.#wish.signal.removeEventListener('abort', this.#finish);
    const { target } = this.#wish;
    this.#resolve(
      this.#answers.toSorted((left, right) => compareDistance(target, left.askedId, right.askedId)),
    );
  };
}

function withId({ host, port }: UdpAddress): Candidate {
  return { host, port, id: nodeIds.id(host, port) };
}
