// Real nats-server processes, as Debian's package brings them: one, or a cluster on loopback.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

/** Undefined when there is one; else why a test is skipped. */
export const noNatsServer: string | undefined =
  spawnSync('nats-server', ['--version']).status === 0
    ? undefined
    : 'there is no nats-server here (apt-get install nats-server)';

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))));
  return ports;
}

export class NatsServer {
  readonly name: string;
  readonly port: number;
  readonly #configFile: string;
  #process: ChildProcess | undefined;

  constructor(name: string, port: number, configFile: string) {
    this.name = name;
    this.port = port;
    this.#configFile = configFile;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Until it says that it is ready for clients. */
  start(): Promise<void> {
    const child = spawn('nats-server', ['-c', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    process.once('exit', () => child.kill('SIGKILL'));
    return new Promise((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-10_000);
        if (said.includes('Server is ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended:\n${said}`)));
    });
  }

  kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }
}

/** Not started yet. */
export async function natsServers(folder: string, count: number): Promise<readonly NatsServer[]> {
  const ports = await freePorts(count * 2);
  const routes = ports.slice(count).map((port) => `"nats://127.0.0.1:${port}"`);
  return Array.from({ length: count }, (_, at) => {
    const name = `nats-${at + 1}`;
    const own = path.join(folder, name);
    mkdirSync(own, { recursive: true });
    const lines = [
      `server_name: ${name}`,
      `listen: "127.0.0.1:${ports[at]}"`,
      `jetstream { store_dir: ${JSON.stringify(own)}, max_mem: 64M, max_file: 1G }`,
    ];
    if (count > 1)
      lines.push(
        `cluster { name: test, listen: "127.0.0.1:${ports[count + at]}", routes: [${routes.join(', ')}] }`,
      );
    const file = path.join(own, 'nats.conf');
    writeFileSync(file, `${lines.join('\n')}\n`);
    return new NatsServer(name, ports[at] ?? 0, file);
  });
}
