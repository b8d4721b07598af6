/** A machine with one data folder: nodes with the stand-in client, and commands run against them in this process. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { Daemon, NodeWish, RunningNode } from '../../src/commands/command.ts';
import { dataFiles } from '../../src/data-folder.ts';
import { createLog } from '../../src/daemon/log.ts';
import { startNode } from '../../src/daemon/node.ts';
import { custodyOf } from '../../src/daemon/store-key.ts';
import { Operator } from '../../src/relay/operator.ts';
import { runProgram } from '../../src/program.ts';
import { StandInClient } from './client.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Json = Readonly<Record<string, unknown>>;

export class Machine {
  readonly folder: string = mkdtempSync(path.join(tmpdir(), 'mycelium-app-'));
  data: string = path.join(this.folder, 'data');
  /** Of the node that started last. */
  client: StandInClient | undefined;
  log = '';
  readonly #nodes: RunningNode[] = [];

  readonly daemon: Daemon = {
    start: (wish) => this.#start(wish),
    custody: (data) => custodyOf(dataFiles(data).storeKey),
  };

  async #start(wish: NodeWish): Promise<RunningNode> {
    const node = await startNode(wish, {
      operator: new Operator(wish.config),
      version: '0.1.0',
      log: createLog({ least: () => 'debug', format: 'text' }, (line) => (this.log += line)),
      createClient: ({ store }) => (this.client = new StandInClient(store)),
    });
    this.#nodes.push(node);
    return node;
  }

  /** A node that listens on loopback only. */
  up(wish: Partial<NodeWish> = {}): Promise<RunningNode> {
    return this.#start({
      data: this.data,
      roles: ['user'],
      listen: ['127.0.0.1:0'],
      bootstrap: [],
      relays: [],
      offline: true,
      ...wish,
    });
  }

  /** Runs a command on this machine's data folder. */
  run(...args: string[]): Promise<Ran> {
    return this.runWith('', ...args);
  }

  async runWith(input: string, ...args: string[]): Promise<Ran> {
    const screen = new Screen(this.data, false);
    screen.input.end(input);
    const code = await runProgram(args, screen, () => Promise.resolve(this.daemon));
    return { code, stdout: screen.printed, stderr: screen.told };
  }

  /** Runs a command with `--json`, which must exit 0, and answers its lines. */
  async json(...args: string[]): Promise<readonly Json[]> {
    const ran = await this.run(...args, '--json');
    if (ran.code !== 0) throw new Error(`${args.join(' ')} exited ${ran.code}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Json);
  }

  async end(): Promise<void> {
    for (const node of this.#nodes) await node.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Standard streams that a test reads and writes; at a terminal when `isTTY`. */
export class Screen {
  readonly input: PassThrough & { isTTY: boolean };
  readonly output: PassThrough & { isTTY: boolean };
  readonly errors: PassThrough & { isTTY: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  printed = '';
  told = '';

  constructor(data: string, isTTY: boolean) {
    const stream = (): PassThrough & { isTTY: boolean } => Object.assign(new PassThrough(), { isTTY });
    this.input = stream();
    this.output = stream();
    this.errors = stream();
    this.env = { MYCELIUM_DATA: data };
    this.output.on('data', (piece: Buffer) => (this.printed += piece.toString()));
    this.errors.on('data', (piece: Buffer) => (this.told += piece.toString()));
  }

  /** Waits until the screen shows this, and answers everything so far. */
  async shows(words: string | RegExp): Promise<string> {
    for (;;) {
      const all = this.printed + this.told;
      if (typeof words === 'string' ? all.includes(words) : words.test(all)) return all;
      await Promise.race([once(this.output, 'data'), once(this.errors, 'data')]);
    }
  }

  type(line: string): void {
    this.input.write(`${line}\n`);
  }
}
