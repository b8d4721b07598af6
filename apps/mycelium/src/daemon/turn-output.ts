/** What is said on a socket in one turn of the event loop leaves in one write: a hundred answers are one call of the system. */
import type net from 'node:net';

/** Lines that wait for the end of the turn are written before it when there are so many. */
const pendingLengthMax = 65_536;

export class TurnOutput {
  readonly #socket: net.Socket;
  #pending = '';
  #scheduled = false;
  #full = false;
  #drained: () => void = () => undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('drain', () => {
      this.#full = false;
      this.#drained();
    });
  }

  /** Written and not taken by the other end, about. */
  get length(): number {
    return this.#socket.writableLength + this.#pending.length;
  }

  /** False: the other end is slow; `onDrain` tells when it has caught up. */
  write(line: string): boolean {
    this.#pending += line;
    if (this.#pending.length >= pendingLengthMax) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      // After the promises that are settled now: their answers go along.
      process.nextTick(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    return !this.#full;
  }

  flush(): void {
    if (this.#pending === '') return;
    const pending = this.#pending;
    this.#pending = '';
    this.#full = !this.#socket.write(pending);
  }

  onDrain(drained: () => void): void {
    this.#drained = drained;
  }
}
