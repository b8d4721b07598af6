/** Publishing and looking up over 50 real nodes on loopback, from a client in another process; and when a third is gone. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createTransport,
  startDirectory,
  systemClock,
  systemRandomness,
  type Directory,
} from '@mycelium/node';
import { bytesEqual } from '@mycelium/protocol';
import { Child } from '../processes/child.ts';
import type { DirectoryQuestions } from '../processes/directory.ts';
import { primitives, recordOfNobody, type Published } from './records.ts';

export const loopbackNodes = 50;

const vanishedAtOnce = 8;

export interface LoopbackFigures {
  readonly publishMs: readonly number[];
  readonly lookUpMs: readonly number[];
  readonly found: number;
  /** A third of the nodes ended without a word: the first look-up of each claim after that. */
  readonly vanishedMs: readonly number[];
  readonly foundVanished: number;
  readonly asked: number;
}

export async function measureLoopback(claims: number, rounds: number): Promise<LoopbackFigures> {
  const child = new Child<DirectoryQuestions>('directory.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-directory-'));
  try {
    const [first] = await child.ask('start', loopbackNodes);
    if (first === undefined) throw new Error('nodes');
    const transport = createTransport({
      keySeed: randomBytes(32),
      listen: [{ host: '127.0.0.1', port: 0 }],
      runtimeFolder: folder,
      dht: { role: 'client', bootstrap: [first] },
    });
    await transport.listen((link) => link.close());
    const { dht } = transport;
    if (dht === undefined) throw new Error('a client of the directory');
    const directory = await startDirectory({ dht, primitives, clock: systemClock });
    await dht.fullyBootstrapped();
    const figures = await measureWith(directory, child, claims, rounds);
    await directory.stop();
    await transport.close();
    return figures;
  } finally {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureWith(
  directory: Directory,
  child: Child<DirectoryQuestions>,
  claims: number,
  rounds: number,
): Promise<LoopbackFigures> {
  const published: Published[] = [];
  const publishMs: number[] = [];
  for (let count = 0; count < claims; count += 1) {
    const record = recordOfNobody(systemRandomness, Date.now());
    published.push(record);
    publishMs.push(await timed(() => directory.publish(record.locator, record.bytes)));
  }
  const calm = await lookUpAll(directory, published, { rounds, atOnce: 1 });
  await child.ask('vanish', Math.floor(loopbackNodes / 3));
  // Each waits for nodes that do not answer any more, and hardly computes: several at once take no longer each.
  const vanished = await lookUpAll(directory, published, { rounds: 1, atOnce: vanishedAtOnce });
  return {
    publishMs,
    lookUpMs: calm.times,
    found: calm.found,
    asked: calm.times.length,
    vanishedMs: vanished.times,
    foundVanished: vanished.found,
  };
}

interface LookUps {
  /** How often each claim is looked up. */
  readonly rounds: number;
  readonly atOnce: number;
}

async function lookUpAll(directory: Directory, published: readonly Published[], { rounds, atOnce }: LookUps) {
  const times: number[] = [];
  let found = 0;
  const waiting = Array.from({ length: rounds }, () => published).flat();
  const lookUpNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { locator, bytes } = next;
      let records: readonly Uint8Array[] = [];
      times.push(await timed(async () => (records = await directory.lookUp(locator))));
      if (records.some((record) => bytesEqual(record, bytes))) found += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lookUpNext));
  return { times, found };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}
