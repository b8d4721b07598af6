/** A connection to the daemon of a data folder, over its socket. */
import net from 'node:net';
import { createApiCaller, type ApiCaller } from '@mycelium/api';
import { readApiAccess } from './data-folder.ts';
import { FailedError } from './failures.ts';

export interface Connection extends ApiCaller {
  close(): void;
  /** Resolves with a reason when the daemon ends the connection. */
  readonly ended: Promise<string>;
}

const noSocket = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EPIPE']);

/** Undefined: no daemon runs on this data folder. */
export async function connect(folder: string): Promise<Connection | undefined> {
  const access = readApiAccess(folder);
  if (access === undefined) return undefined;
  const socket = await openSocket(access.endpoint);
  if (socket === undefined) return undefined;
  const caller = createApiCaller((line) => socket.write(line));
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      caller.closed('it ended the connection.');
      resolve('the node has stopped');
    });
  });
  socket.setEncoding('utf8').on('data', (piece: string) => caller.received(piece));
  socket.on('error', () => undefined); // `close` follows
  await caller.call('session.open', { token: access.token });
  return { ...caller, ended, close: () => socket.destroy() };
}

function openSocket(endpoint: string): Promise<net.Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(endpoint);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (noSocket.has(error.code ?? '')) resolve(undefined);
      else
        reject(
          new FailedError(
            'no-connection',
            `The node's socket ${endpoint} does not answer: ${error.code ?? 'unknown reason'}.`,
            { cause: error },
          ),
        );
    });
  });
}
