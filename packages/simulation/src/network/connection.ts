/** One simulated link: two ends and a lane in each direction. */
import type { TransportKey } from '@mycelium/protocol';
import type { Clock, Link, PathKind } from '@mycelium/runtime';
import type { SeededRandomness } from '../seeded-randomness.ts';
import type { Trace } from '../trace.ts';
import type { PathConditions } from './conditions.ts';

export interface ConnectionWorld {
  readonly clock: Clock;
  readonly randomness: SeededRandomness;
  readonly trace: Trace;
}

export interface ConnectionSides {
  readonly kind: PathKind;
  readonly dialler: { readonly name: string; readonly key: TransportKey };
  readonly listener: { readonly name: string; readonly key: TransportKey };
}

interface Segment {
  readonly sentAtMs: number;
  readonly arrivesAtMs: number;
  chunks: Uint8Array[];
}

export class Connection {
  readonly world: ConnectionWorld;
  readonly conditions: PathConditions;
  readonly sides: ConnectionSides;
  readonly kind: PathKind;
  readonly dialler: LinkEnd;
  readonly listener: LinkEnd;
  /** True while the path carries nothing: a partition or a stall. */
  held = false;
  #carriedBytes = 0;
  readonly #breakAtBytes: number;
  broken = false;

  constructor(world: ConnectionWorld, conditions: PathConditions, sides: ConnectionSides) {
    this.world = world;
    this.conditions = conditions;
    this.sides = sides;
    this.kind = sides.kind;
    const range = conditions.breakAfterBytes;
    this.#breakAtBytes =
      range === undefined ? Number.POSITIVE_INFINITY : world.randomness.between(range[0], range[1]);
    this.dialler = new LinkEnd(this, sides.listener.key, true);
    this.listener = new LinkEnd(this, sides.dialler.key, false);
    this.dialler.join(this.listener, `${sides.dialler.name} (${sides.listener.name})`);
    this.listener.join(this.dialler, `${sides.listener.name} (${sides.dialler.name})`);
  }

  /** How many of `length` bytes the link still carries. */
  carry(length: number): number {
    const carried = Math.min(length, this.#breakAtBytes - this.#carriedBytes);
    this.#carriedBytes += carried;
    return carried;
  }

  /** Both ends hear of it at once; what was in flight is lost. */
  break(reason: string): void {
    if (this.broken) return;
    this.broken = true;
    this.world.trace.note(
      `${this.world.clock.monotonicMs()} break ${this.sides.dialler.name}-${this.sides.listener.name}`,
    );
    for (const end of [this.dialler, this.listener]) this.world.clock.after(0, () => end.ended(reason));
  }

  release(): void {
    this.held = false;
    this.dialler.pump();
    this.listener.pump();
  }
}

export class LinkEnd implements Link {
  readonly remoteKey: TransportKey;
  readonly initiator: boolean;
  readonly path: PathKind;
  readonly #connection: Connection;
  #other: LinkEnd | undefined;
  #name = '';
  /** Sent by the other end and not yet taken by this one. */
  readonly #arriving: Segment[] = [];
  #arrivingBytes = 0;
  #receive: ((bytes: Uint8Array) => void) | undefined;
  #drained: (() => void) | undefined;
  #closed: ((reason: string) => void) | undefined;
  #blocked = false;
  #paused = false;
  #open = true;
  /** The machine is gone and says nothing any more. */
  #vanished = false;
  #closingOther = false;

  constructor(connection: Connection, remoteKey: TransportKey, initiator: boolean) {
    this.#connection = connection;
    this.path = connection.kind;
    this.remoteKey = remoteKey;
    this.initiator = initiator;
  }

  join(other: LinkEnd, name: string): void {
    this.#other = other;
    this.#name = name;
  }

  write(batch: Uint8Array): boolean {
    const other = this.#other;
    if (!this.#open || this.#connection.broken || other === undefined) return true;
    other.#arrive(batch.slice());
    if (other.#arrivingBytes > this.#connection.conditions.windowBytes) this.#blocked = true;
    return !this.#blocked;
  }

  onBytes(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive;
  }

  onDrain(drained: () => void): void {
    this.#drained = drained;
  }

  onClose(closed: (reason: string) => void): void {
    this.#closed = closed;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#connection.world.clock.after(0, () => this.pump());
  }

  /** What was written before still arrives, then the other end closes. */
  close(): void {
    if (!this.#open) return;
    this.#connection.world.trace.note(`${this.#now()} close ${this.#name}`);
    const other = this.#other;
    if (other !== undefined) {
      other.#closingOther = true;
      this.#connection.world.clock.after(this.#connection.conditions.latencyMs, () => other.pump());
    }
    this.#connection.world.clock.after(0, () => this.ended('closed by this side'));
    this.#open = false;
  }

  /** This end's machine lost power: nothing arrives, nothing is answered, and nobody is told. */
  vanish(): void {
    this.#vanished = true;
    this.#open = false;
  }

  ended(reason: string): void {
    const closed = this.#closed;
    this.#open = false;
    this.#closed = undefined;
    this.#arriving.length = 0;
    if (!this.#vanished) closed?.(reason);
  }

  #now(): number {
    return this.#connection.world.clock.monotonicMs();
  }

  #arrive(batch: Uint8Array): void {
    const { clock, randomness } = this.#connection.world;
    const { latencyMs, jitterMs } = this.#connection.conditions;
    this.#arrivingBytes += batch.length;
    const last = this.#arriving.at(-1);
    const now = clock.monotonicMs();
    if (last !== undefined && last.sentAtMs === now && last.arrivesAtMs > now) {
      last.chunks.push(batch);
      return;
    }
    const jitter = jitterMs > 0 ? randomness.fraction() * jitterMs : 0;
    const arrivesAtMs = Math.max(last?.arrivesAtMs ?? 0, now + latencyMs + jitter);
    this.#arriving.push({ sentAtMs: now, arrivesAtMs, chunks: [batch] });
    clock.after(arrivesAtMs - now, () => this.pump());
  }

  /** Hands over what has arrived by now. */
  pump(): void {
    if (this.#vanished || this.#connection.held) return;
    while (!this.#paused && this.#open && !this.#connection.broken) {
      const segment = this.#arriving[0];
      // A float sum may put the timer a hair before the segment's own time.
      if (segment === undefined || segment.arrivesAtMs > this.#now() + 1e-6) break;
      this.#arriving.shift();
      this.#handOver(joined(segment.chunks));
    }
    if (this.#arriving.length === 0 && this.#closingOther && this.#open)
      this.ended('closed by the other side');
  }

  #handOver(batch: Uint8Array): void {
    const connection = this.#connection;
    const carried = connection.carry(batch.length);
    const bytes = batch.subarray(0, carried);
    connection.world.trace.note(`${this.#now()} bytes to ${this.#name}`, bytes);
    this.#arrivingBytes -= batch.length;
    for (const piece of this.#pieces(bytes)) {
      if (this.#open) this.#receive?.(piece);
    }
    if (carried < batch.length) connection.break('the connection was reset');
    else if (this.#other !== undefined) this.#other.#drain();
  }

  #pieces(bytes: Uint8Array): Uint8Array[] {
    const { randomness } = this.#connection.world;
    if (!this.#connection.conditions.cutsBatches || bytes.length < 2)
      return bytes.length === 0 ? [] : [bytes];
    const cuts = Array.from({ length: randomness.between(0, 3) }, () =>
      randomness.between(1, bytes.length - 1),
    );
    const edges = [0, ...cuts.sort((left, right) => left - right), bytes.length];
    return edges.slice(1).flatMap((end, at) => {
      const start = edges[at] ?? 0;
      return end > start ? [bytes.subarray(start, end)] : [];
    });
  }

  #drain(): void {
    const other = this.#other;
    if (
      !this.#blocked ||
      other === undefined ||
      other.#arrivingBytes > this.#connection.conditions.windowBytes / 2
    )
      return;
    this.#blocked = false;
    this.#connection.world.clock.after(this.#connection.conditions.latencyMs, () => {
      if (this.#open) this.#drained?.();
    });
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const first = chunks[0];
  if (chunks.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
