/** The yardstick of latencies: 128 bytes to another process and back, over plain TCP on loopback. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';

export interface Echo {
  /** Milliseconds for 128 bytes there and back. */
  readonly roundTrip: () => Promise<number>;
  readonly close: () => void;
}

export async function startEcho(): Promise<Echo> {
  const script = path.join(import.meta.dirname, 'echo-server.ts');
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const socket = connect(Number(port.toString()), '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const message = new Uint8Array(128).fill(7);
  return {
    roundTrip: () =>
      new Promise((resolve) => {
        const started = performance.now();
        let left = message.length;
        const receive = (bytes: Buffer): void => {
          left -= bytes.length;
          if (left > 0) return;
          socket.off('data', receive);
          resolve(performance.now() - started);
        };
        socket.on('data', receive);
        socket.write(message);
      }),
    close: () => {
      socket.destroy();
      child.kill();
    },
  };
}
