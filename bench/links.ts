/**
 * Raw TCP against our links, in one run on one machine: node scripts/run.js bench/links.ts. Both ends are in this
 * process, so figures are for comparing, and the ratios are what to read.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport, type NodeTransport } from '@mycelium/node';
import type { PathKind } from '@mycelium/runtime';

/** The part of a socket and of a link that is measured. */
interface Pipe {
  write(bytes: Uint8Array): boolean;
  onBytes(receive: (bytes: Uint8Array) => void): void;
  onDrain(drained: () => void): void;
}

interface Ends {
  readonly near: Pipe;
  readonly far: Pipe;
}

const rounds = 5;
const roundTrips = 2_000;
const smallFrames = 100_000;
const bulkPiece = 65_536;
const bulkBytes: number = 1_500 * bulkPiece;

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Microseconds for 128 bytes there and back, one at a time. */
async function roundTripUs({ near, far }: Ends): Promise<number> {
  const took: number[] = [];
  const frame = new Uint8Array(128);
  far.onBytes((bytes) => far.write(Uint8Array.from(bytes)));
  await new Promise<void>((resolve) => {
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      near.write(frame);
    };
    near.onBytes(() => {
      took.push((performance.now() - sentAt) * 1_000);
      if (took.length < roundTrips) send();
      else resolve();
    });
    send();
  });
  return median(took);
}

/** Seconds for `total` bytes in writes of `size`, holding back as asked. */
async function oneWaySeconds({ near, far }: Ends, total: number, size: number): Promise<number> {
  const piece = new Uint8Array(size);
  const began = performance.now();
  await new Promise<void>((resolve) => {
    let received = 0;
    let sent = 0;
    far.onBytes((bytes) => {
      received += bytes.length;
      if (received === total) resolve();
    });
    const pump = (): void => {
      while (sent < total) {
        sent += size;
        if (!near.write(piece)) return;
      }
    };
    near.onDrain(pump);
    pump();
  });
  return (performance.now() - began) / 1_000;
}

export interface Measured {
  readonly connectMs: number;
  readonly roundTripUs: number;
  readonly framesPerSecond: number;
  readonly megabytesPerSecond: number;
}

async function measure(open: () => Promise<Ends>): Promise<Measured> {
  const results: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const first = await open();
    const connectMs = performance.now() - began;
    const us = await roundTripUs(first);
    const small = await oneWaySeconds(await open(), smallFrames * 128, 128);
    const bulk = await oneWaySeconds(await open(), bulkBytes, bulkPiece);
    results.push({
      connectMs,
      roundTripUs: us,
      framesPerSecond: smallFrames / small,
      megabytesPerSecond: bulkBytes / 1e6 / bulk,
    });
  }
  return {
    connectMs: median(results.map((result) => result.connectMs)),
    roundTripUs: median(results.map((result) => result.roundTripUs)),
    framesPerSecond: median(results.map((result) => result.framesPerSecond)),
    megabytesPerSecond: median(results.map((result) => result.megabytesPerSecond)),
  };
}

function socketPipe(socket: Socket): Pipe {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  return {
    write: (bytes) => socket.write(bytes),
    onBytes: (receive) => void socket.on('data', receive),
    onDrain: (drained) => void socket.on('drain', drained),
  };
}

async function rawTcp(): Promise<{ open: () => Promise<Ends>; close: () => Promise<void> }> {
  let accepted: (socket: Socket) => void = () => undefined;
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => accepted(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    open: async () => {
      const far = new Promise<Socket>((resolve) => (accepted = resolve));
      const near = connect(port, '127.0.0.1');
      const ends = { near: socketPipe(near), far: socketPipe(await far) };
      sockets.push(near, await far);
      return ends;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function ours(
  over: PathKind,
  folder: string,
): Promise<{ open: () => Promise<Ends>; close: () => Promise<void> }> {
  let accepted: (link: Pipe) => void = () => undefined;
  const create = (): NodeTransport =>
    createTransport({
      keySeed: randomBytes(32),
      listen: [{ host: '127.0.0.1', port: 0 }],
      runtimeFolder: folder,
      paths: [over],
      ...(over === 'udp' && { dht: { role: 'client', bootstrap: [] } }),
    });
  const [dialler, listener] = [create(), create()];
  await listener.listen((link) => accepted(link));
  const [address = { key: listener.key }] = listener.addresses;
  return {
    open: async () => {
      const far = new Promise<Pipe>((resolve) => (accepted = resolve));
      return { near: await dialler.dial(address, new AbortController().signal), far: await far };
    },
    close: async () => {
      await dialler.close();
      await listener.close();
    },
  };
}

/** Raw TCP first, then our links by kind of path. */
export async function measureLinks(): Promise<readonly (readonly [name: string, Measured])[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-'));
  const rows: [string, Measured][] = [];
  for (const kind of ['raw TCP', 'tcp', 'unix', 'udp'] as const) {
    const ends = kind === 'raw TCP' ? await rawTcp() : await ours(kind, folder);
    rows.push([kind, await measure(ends.open)]);
    await ends.close();
  }
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

function print(rows: readonly (readonly [name: string, Measured])[]): void {
  const [, raw] = rows[0] ?? ['', undefined];
  console.log(
    '| | connect ms | RTT p50 µs | 128 B writes/s | MB/s | RTT ratio | writes ratio | MB/s ratio |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const [name, figures] of rows) {
    const ratio = (own: number, base: number | undefined): string => (own / (base ?? Number.NaN)).toFixed(2);
    const cells = [
      name,
      figures.connectMs.toFixed(1),
      figures.roundTripUs.toFixed(0),
      Math.round(figures.framesPerSecond).toLocaleString('en'),
      figures.megabytesPerSecond.toFixed(0),
      ratio(figures.roundTripUs, raw?.roundTripUs),
      ratio(figures.framesPerSecond, raw?.framesPerSecond),
      ratio(figures.megabytesPerSecond, raw?.megabytesPerSecond),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

if (import.meta.main) print(await measureLinks());
