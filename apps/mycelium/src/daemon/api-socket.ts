/**
 * The API's socket: its owner's alone, and every connection has to bring the token all the same. Where the data folder's path is too long for a socket, the socket is in the folder for runtime files.
 */
import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { serveApi, type ApiHost } from '@mycelium/api';
import { defaultRuntimeFolder, prepareRuntimeFolder } from '@mycelium/node';
import type { DataFiles } from '../data-folder.ts';
import { FailedError } from '../failures.ts';
import { fileFailure, writePrivate } from './private-files.ts';
import { TurnOutput } from './turn-output.ts';

/** Systems allow 104 to 108 bytes. */
const socketPathBytesMax = 100;
const connectionsMax = 128;
/** Written and not read by the other end; above it the connection ends. */
export const unreadBytesMax = 268_435_456;

export interface ApiSocket {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The token is in its file already: whoever gets through to the socket has found the right one. */
export async function openApiSocket(files: DataFiles, host: ApiHost): Promise<ApiSocket> {
  const endpoint = await chooseEndpoint(files);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    if (sockets.size >= connectionsMax) return socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    return serve(socket, host);
  });
  await listen(server, endpoint);
  writePrivate(files.apiPointer, `${endpoint}\n`);
  return {
    endpoint,
    close: async () => {
      rmSync(files.apiPointer, { force: true });
      const closed = new Promise((resolve) => server.close(resolve));
      // What was answered last still goes out.
      for (const socket of sockets) socket.end(() => socket.destroy());
      await closed;
    },
  };
}

function serve(socket: net.Socket, host: ApiHost): void {
  const output = new TurnOutput(socket);
  const connection = serveApi(host, {
    send: (line) => {
      // Events wait for a slow reader. One that asks and asks and never reads is not waited for.
      if (output.length > unreadBytesMax) socket.destroy();
      return output.write(line);
    },
    close: () => {
      output.flush();
      socket.end(() => socket.destroy());
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => connection.received(piece));
  output.onDrain(() => connection.drained());
  socket.on('close', () => connection.closed());
  socket.on('error', () => undefined); // `close` follows
}

async function chooseEndpoint(files: DataFiles): Promise<string> {
  const name = createHash('sha256').update(path.resolve(files.folder)).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\mycelium-${name}`;
  if (Buffer.byteLength(files.apiSocket) <= socketPathBytesMax) return files.apiSocket;
  const folder = defaultRuntimeFolder();
  if (!(await prepareRuntimeFolder(folder))) {
    throw new FailedError(
      'data-folder',
      `The path ${files.folder} is too long for a socket, and ${folder} is not yours alone. Choose a shorter path with --data.`,
    );
  }
  return path.join(folder, `api-${name}.sock`);
}

/** The lock on the data folder is ours, so a socket that is there already is a dead one's. */
async function listen(server: net.Server, endpoint: string): Promise<void> {
  if (process.platform !== 'win32') rmSync(endpoint, { force: true });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(endpoint, () => {
        server.off('error', reject);
        resolve();
      });
    });
    if (process.platform !== 'win32') chmodSync(endpoint, 0o600);
  } catch (error) {
    throw fileFailure(error, endpoint);
  }
}
