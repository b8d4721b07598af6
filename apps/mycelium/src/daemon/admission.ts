/**
 * Connections of a server that anything on this machine can reach, other users' programs too. Who has not brought the
 * token yet has a short time, and a place that the next one may take; who has brought it keeps its place.
 */
import type { Duplex } from 'node:stream';

export interface AdmissionBounds {
  readonly unprovenMs: number;
  readonly unprovenMax: number;
  readonly provenMax: number;
}

export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #unproven = new Map<Duplex, NodeJS.Timeout>();
  readonly #proven = new Set<Duplex>();

  constructor(bounds: AdmissionBounds) {
    this.#bounds = bounds;
  }

  admit(socket: Duplex): void {
    if (this.#proven.size >= this.#bounds.provenMax) {
      socket.destroy();
      return;
    }
    // The oldest goes, not the newest: an honest program proves itself at once, a flood never does.
    const [oldest] = this.#unproven.keys();
    if (oldest !== undefined && this.#unproven.size >= this.#bounds.unprovenMax) {
      this.#forget(oldest);
      oldest.destroy();
    }
    this.#unproven.set(
      socket,
      setTimeout(() => socket.destroy(), this.#bounds.unprovenMs),
    );
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => this.#forget(socket));
  }

  prove(socket: Duplex): void {
    if (socket.destroyed) return;
    this.#forget(socket);
    this.#proven.add(socket);
  }

  destroyUnproven(): void {
    for (const socket of this.#unproven.keys()) socket.destroy();
  }

  destroyAll(): void {
    this.destroyUnproven();
    for (const socket of this.#proven) socket.destroy();
  }

  #forget(socket: Duplex): void {
    clearTimeout(this.#unproven.get(socket));
    this.#unproven.delete(socket);
    this.#proven.delete(socket);
  }
}
