/** A NATS server with JetStream in a folder of its own, where Debian's package `nats-server` is installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** As it calls itself: `2.9.10`. Undefined where there is none. */
export function natsServerVersion(): string | undefined {
  try {
    return execFileSync('nats-server', ['--version'], { encoding: 'utf8' }).trim().replace(/^\D*/, '');
  } catch {
    return undefined;
  }
}

/** Answers its URL. It ends with this process. */
export async function startNatsServer(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-nats-'));
  const config = path.join(folder, 'nats.conf');
  // Port -1: any free one, told in a file.
  const lines = [
    'listen: "127.0.0.1:-1"',
    `ports_file_dir: "${folder}"`,
    `jetstream { store_dir: "${folder}" }`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const server = spawn('nats-server', ['-c', config, '-l', path.join(folder, 'log')], { stdio: 'ignore' });
  process.on('exit', () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return portTold(folder, server);
}

function portTold(folder: string, server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder);
    const look = (): void => {
      const name = readdirSync(folder).find((file) => file.endsWith('.ports'));
      const told = name === undefined ? '' : readFileSync(path.join(folder, name), 'utf8');
      if (told === '') return;
      watcher.close();
      const [url] = (JSON.parse(told) as { readonly nats: readonly string[] }).nats;
      if (url === undefined) reject(new Error('nats-server says where it listens'));
      else resolve(url);
    };
    watcher.on('change', look);
    server.once('exit', (code) => {
      watcher.close();
      reject(new Error(`nats-server ended with ${code}`));
    });
    look();
  });
}
