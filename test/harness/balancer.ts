/** What stands before several front-ends of one relay: passes each TCP connection on to the first of them that takes it. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Ports on loopback, the preferred one first. */
  targets: readonly number[];

  private constructor(targets: readonly number[]) {
    this.targets = targets;
    this.#server = createServer((client) => this.#pass(client, this.targets));
  }

  static async listen(targets: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(targets);
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  #pass(client: Socket, [port, ...others]: readonly number[]): void {
    this.#keep(client);
    if (port === undefined) {
      client.destroy();
      return;
    }
    const server = this.#keep(connect(port, '127.0.0.1'));
    const next = (): void => this.#pass(client, others);
    server.once('error', next);
    server.once('connect', () => {
      server.off('error', next);
      client.pipe(server).pipe(client);
      client.once('close', () => server.destroy());
      server.once('close', () => client.destroy());
    });
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}
