/** One installation in a test: a data folder, its node when it runs, and its commands. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run, type Json, type Ran, type RunOptions, type Stream, type World } from './program.ts';

export interface NodeOptions extends RunOptions {
  readonly roles?: string;
  /** Where it listens; loopback with a free port unless told. */
  readonly listen?: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly relays?: readonly string[];
  /** The relay's configuration file. */
  readonly config?: string;
  /** The folder of the relay's mail. */
  readonly store?: string;
  /** The API over WebSocket. */
  readonly apiPort?: number;
  /** More options of `up`. */
  readonly args?: readonly string[];
}

export class TestNode {
  readonly world: World;
  readonly name: string;
  readonly data: string;
  options: NodeOptions;
  up: Stream | undefined;
  addresses: readonly string[] = [];
  websocket: string | undefined;
  metrics: string | undefined;

  constructor(world: World, name: string, options: NodeOptions = {}) {
    this.world = world;
    this.name = name;
    this.data = path.join(world.folder, name);
    this.options = options;
  }

  /** Runs a command on this data folder with `--json` and answers its lines; fails unless it exits 0. */
  async do(...args: string[]): Promise<readonly Json[]> {
    const ran = await this.try(...args);
    if (ran.code !== 0) {
      throw new Error(
        `${this.name}: mycelium ${args.join(' ')} exited ${ran.code}\n${ran.stdout}\n${ran.stderr}`,
      );
    }
    return ran.stdout
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as Json);
  }

  /** The one object that a command prints. */
  async one(...args: string[]): Promise<Json> {
    const lines = await this.do(...args);
    const [line] = lines;
    if (line === undefined || lines.length !== 1)
      throw new Error(`${args.join(' ')} printed ${lines.length} lines`);
    return line;
  }

  try(...args: string[]): Promise<Ran> {
    return run([...args, '--data', this.data, '--json'], this.options);
  }

  /** What a person sees, without `--json`. */
  tell(...args: string[]): Promise<Ran> {
    return run([...args, '--data', this.data], this.options);
  }

  /** Makes the account; answers what `init --json` printed. */
  init(address: string): Promise<Json> {
    return this.one('init', address);
  }

  /** Starts the node and waits until it says that it is ready. */
  async start(): Promise<this> {
    const {
      roles = 'user',
      listen = ['127.0.0.1:0'],
      bootstrap = [],
      relays = [],
      apiPort,
      config,
      store,
      args: more = [],
    } = this.options;
    const args = ['up', '--json', '--data', this.data, '--roles', roles, ...more];
    for (const address of listen) args.push('--listen', address);
    for (const address of bootstrap) args.push('--bootstrap', address);
    for (const address of relays) args.push('--relay', address);
    if (config !== undefined) args.push('--config', config);
    if (store !== undefined) args.push('--store', pathToFileURL(store).href);
    if (apiPort !== undefined) args.push('--api-port', String(apiPort));
    this.up = this.world.stream(args, this.options);
    const ready = await this.up.until(`${this.name} to be ready`, (lines) =>
      lines.find((line) => line['event'] === 'ready'),
    );
    this.addresses = ready['addresses'] as readonly string[];
    this.websocket = ready['websocket'] as string | undefined;
    this.metrics = ready['metrics'] as string | undefined;
    return this;
  }

  /** The first address that others dial. */
  get address(): string {
    const [address] = this.addresses;
    if (address === undefined) throw new Error(`${this.name} has no address`);
    return address;
  }

  listen(since?: number): Stream {
    const args = ['listen', '--json', '--data', this.data];
    if (since !== undefined) args.push('--since', String(since));
    return this.world.stream(args, this.options);
  }

  async stop(): Promise<void> {
    await this.up?.stop('SIGTERM');
    this.up = undefined;
  }

  async kill(): Promise<void> {
    await this.up?.stop('SIGKILL');
    this.up = undefined;
  }
}
