/**
 * Who may begin a connection, decided by the address alone and before any public-key operation (spec/links.md, "Bounds"): a
 * flood of connections costs its sender more than us, and takes nothing from those who come from elsewhere.
 */
import { BlockList, isIPv6 } from 'node:net';
import type { TokenRate } from '@mycelium/protocol';
import { Allowances } from '@mycelium/runtime';
import { systemClock } from '../clock.ts';
import { connectionsMax } from './bounds.ts';

export interface GateLimits {
  /** Addresses that may connect at all. */
  mayEnter(address: string): boolean;
  readonly connectionsMax: number;
  readonly connectionsPerSourceMax: number;
  /** Connections begun by everybody together, and by one source. */
  readonly handshakes: TokenRate;
  readonly handshakesPerSource: TokenRate;
  /** Programs on this machine are bounded as strangers are. They are not, unless told: its own user runs them. */
  readonly countsLoopback: boolean;
}

export type GateRefusal = 'network' | 'connections' | 'rate';

export interface GateMeter {
  entered(): void;
  refused(reason: GateRefusal): void;
  /** The other side has proved its key. */
  proved(): void;
}

/** A connection that counts until it leaves. */
export interface Pass {
  readonly source: string | undefined;
  leave(): void;
}

export const usualGateLimits: GateLimits = {
  mayEnter: () => true,
  connectionsMax,
  connectionsPerSourceMax: 256,
  handshakes: { perSecond: 500, burst: 1_000 },
  handshakesPerSource: { perSecond: 2, burst: 120 },
  countsLoopback: false,
};

const unmeasured: GateMeter = {
  entered: () => undefined,
  refused: () => undefined,
  proved: () => undefined,
};

export class ConnectionGate {
  readonly #limits: () => GateLimits;
  readonly #meter: GateMeter;
  readonly #handshakes: Allowances;
  readonly #handshakesBySource: Allowances;
  readonly #connectionsBySource = new Map<string, number>();
  #connections = 0;

  constructor(limits: () => GateLimits, meter: GateMeter = unmeasured) {
    this.#limits = limits;
    this.#meter = meter;
    this.#handshakes = new Allowances(systemClock, () => limits().handshakes);
    this.#handshakesBySource = new Allowances(systemClock, () => limits().handshakesPerSource);
  }

  /** A connection that begins with a handshake. Undefined: it may not. The address is undefined where there is none. */
  enter(address: string | undefined): Pass | undefined {
    return this.admits(address) ? this.open(address) : undefined;
  }

  /** Whether a handshake may begin; where the connection comes only after it, `open` counts that. */
  admits(address: string | undefined): boolean {
    const limits = this.#limits();
    if (address !== undefined && !limits.mayEnter(address)) return this.#refuse('network');
    const source = sourceOf(address, limits.countsLoopback);
    if (source === undefined) return true;
    const waitMs = this.#handshakesBySource.take(source) || this.#handshakes.take('');
    return waitMs === 0 || this.#refuse('rate');
  }

  open(address: string | undefined): Pass | undefined {
    const limits = this.#limits();
    const source = sourceOf(address, limits.countsLoopback);
    const ofSource = (source !== undefined && this.#connectionsBySource.get(source)) || 0;
    const tooMany = this.#connections >= limits.connectionsMax || ofSource >= limits.connectionsPerSourceMax;
    if (tooMany && !this.#refuse('connections')) return undefined;
    this.#meter.entered();
    this.#connections += 1;
    if (source !== undefined) this.#connectionsBySource.set(source, ofSource + 1);
    return { source, leave: () => this.#left(source) };
  }

  /** Who is charged for a connection that has been let in already. */
  source(address: string | undefined): string | undefined {
    return sourceOf(address, this.#limits().countsLoopback);
  }

  proved(): void {
    this.#meter.proved();
  }

  #refuse(reason: GateRefusal): false {
    this.#meter.refused(reason);
    return false;
  }

  #left(source: string | undefined): void {
    this.#connections -= 1;
    if (source === undefined) return;
    const left = (this.#connectionsBySource.get(source) ?? 1) - 1;
    if (left > 0) this.#connectionsBySource.set(source, left);
    else this.#connectionsBySource.delete(source);
  }
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Who is charged: an IPv4 address; of IPv6 the 64 bits that one household has. Undefined: nobody, the machine itself. */
export function sourceOf(address: string | undefined, countsLoopback = false): string | undefined {
  if (address === undefined) return undefined;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const six = isIPv6(mapped);
  if (!countsLoopback && loopback.check(mapped, six ? 'ipv6' : 'ipv4')) return undefined;
  return six ? firstHalf(mapped) : mapped;
}

/** `2001:db8::1` as `2001:db8:0:0`. */
function firstHalf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length;
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...behind]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
