/**
 * Splices at a relay (spec/mail.md, "Splices"): who waits to be called, who calls, and the pairs of links whose bytes are passed
 * on from one to the other. The relay sees two transport keys and an amount of bytes; what they say is sealed between them.
 */
import {
  bytesToHex,
  encodeMailError,
  encodeSpliced,
  noRequest,
  noRoute,
  spliceTicketBytes,
  type MailErrorName,
  type Splice,
  type TransportKey,
} from '@mycelium/protocol';
import { peerKey } from '../mail/peer-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Link } from '../ports/transport.ts';

export interface SpliceLimits {
  /** Pairs, and calls that wait for an answer, in all and of one transport key. */
  readonly most: number;
  readonly perKey: number;
  /** A call that is not answered by then is refused. */
  readonly answerMs: number;
  /** A pair over which nothing goes for so long is taken apart; devices say something every 5 s. */
  readonly idleMs: number;
}

export const usualSpliceLimits: SpliceLimits = { most: 512, perKey: 8, answerMs: 5_000, idleMs: 60_000 };

export interface SplicesWish {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly limits?: SpliceLimits;
}

/** One link, as whoever has its handlers passes on what they hear. */
export interface SpliceEnd {
  bytes(bytes: Uint8Array): void;
  drained(): void;
  ended(): void;
}

interface End extends SpliceEnd {
  readonly link: Link;
  readonly key: string;
  other: End | undefined;
  heardAtMs: number;
  cancel: () => void;
}

export class Splices {
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #limits: SpliceLimits;
  /** By transport key: how to tell a device that it is called. */
  readonly #attending = new Map<string, Set<(ticket: Uint8Array) => void>>();
  /** By ticket: callers, and the key that they called. */
  readonly #calls = new Map<string, { readonly caller: End; readonly target: string }>();
  readonly #ends = new Set<End>();

  constructor({ clock, randomness, limits = usualSpliceLimits }: SplicesWish) {
    this.#clock = clock;
    this.#randomness = randomness;
    this.#limits = limits;
  }

  /** The device of this key waits to be called. Answers how to end that. */
  attend(key: TransportKey, summon: (ticket: Uint8Array) => void): () => void {
    const name = peerKey(key);
    const all = this.#attending.get(name) ?? new Set();
    this.#attending.set(name, all.add(summon));
    return () => {
      all.delete(summon);
      if (all.size === 0 && this.#attending.get(name) === all) this.#attending.delete(name);
    };
  }

  /** A link began with `splice`. */
  begin(link: Link, splice: Splice): SpliceEnd {
    const end = this.#end(link);
    if (this.#isCrowded(end.key)) return this.#refuse(end, 'limit');
    this.#ends.add(end);
    return splice.role === 'call' ? this.#call(end, splice.whom) : this.#answer(end, splice.whom);
  }

  #end(link: Link): End {
    const end: End = {
      link,
      key: peerKey(link.remoteKey),
      other: undefined,
      heardAtMs: this.#clock.monotonicMs(),
      cancel: () => undefined,
      bytes: (bytes) => this.#pass(end, bytes),
      drained: () => end.other?.link.resume(),
      ended: () => this.#ended(end),
    };
    return end;
  }

  #isCrowded(key: string): boolean {
    const same = [...this.#ends].filter((end) => end.key === key);
    return same.length >= this.#limits.perKey || this.#ends.size >= 2 * this.#limits.most;
  }

  #call(caller: End, whom: Uint8Array): End {
    const target = peerKey(whom as TransportKey);
    const summons = [...(this.#attending.get(target) ?? [])];
    if (summons.length === 0) return this.#refuse(caller, 'not-authorized');
    const ticket = this.#randomness.bytes(spliceTicketBytes);
    const name = bytesToHex(ticket);
    this.#calls.set(name, { caller, target });
    const stopWaiting = this.#clock.after(this.#limits.answerMs, () =>
      this.#refuse(caller, 'not-authorized'),
    );
    caller.cancel = () => {
      stopWaiting();
      this.#calls.delete(name);
    };
    // The newest connection of a device is the likeliest to be alive.
    summons.at(-1)?.(ticket);
    return caller;
  }

  /** Only the device that was called may answer. */
  #answer(callee: End, ticket: Uint8Array): End {
    const name = bytesToHex(ticket);
    const call = this.#calls.get(name);
    if (call === undefined || call.target !== callee.key) return this.#refuse(callee, 'not-authorized');
    const { caller } = call;
    caller.cancel();
    [caller.other, callee.other] = [callee, caller];
    for (const end of [caller, callee]) {
      end.heardAtMs = this.#clock.monotonicMs();
      end.link.write(encodeSpliced());
    }
    this.#watch(caller, callee);
    return callee;
  }

  /** Views of a buffer that the link uses again. Who reads slower is waited for, and nothing is held here. */
  #pass(end: End, bytes: Uint8Array): void {
    const { other } = end;
    if (other === undefined) return void this.#refuse(end, 'unexpected');
    end.heardAtMs = this.#clock.monotonicMs();
    if (!other.link.write(bytes.slice())) end.link.pause();
  }

  #watch(one: End, other: End): void {
    const { idleMs } = this.#limits;
    const look = (): void => {
      const silentMs = this.#clock.monotonicMs() - Math.max(one.heardAtMs, other.heardAtMs);
      if (silentMs >= idleMs) this.#ended(one);
      else one.cancel = this.#clock.after(idleMs / 2, look);
    };
    one.cancel = this.#clock.after(idleMs / 2, look);
  }

  #refuse(end: End, name: MailErrorName): End {
    end.link.write(
      encodeMailError({ route: noRoute, requestId: noRequest, name, retryAfterMs: 0, difficulty: 0 }),
    );
    this.#ended(end);
    return end;
  }

  #ended(end: End): void {
    const { other } = end;
    this.#ends.delete(end);
    end.other = undefined;
    end.cancel();
    end.link.close();
    if (other !== undefined) this.#ended(other);
  }
}
