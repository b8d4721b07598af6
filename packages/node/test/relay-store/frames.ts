// Frames that can be told apart, and where they belong, for tests of the relay's store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AppendOutcome, QueueStore, QueueStoreLimits } from '@mycelium/runtime';
import { onTestFinished } from 'vitest';

export const limits: QueueStoreLimits = {
  retentionMs: 30 * 86_400_000,
  framesPerQueueMax: 1_000_000,
  queuesMax: 1000,
  bytesMax: 1 << 30,
};

export const clock = { nowMs: (): number => 1_800_000_000_000 };

const sizes = [128, 128, 128, 512, 2048, 4096] as const;

export const routeOf = (queue: number): Uint8Array => new Uint8Array(16).fill(queue);

export function frameOf(queue: number, index: number): Uint8Array {
  const frame = new Uint8Array(sizes[index % sizes.length] ?? 128);
  frame.fill((queue * 37 + index * 11) & 0xff);
  frame.set([index & 0xff, (index >> 8) & 0xff, index >> 16, queue]);
  return frame;
}

export function append(
  store: QueueStore,
  queue: number,
  from: number,
  to: number,
): Promise<readonly AppendOutcome[]> {
  const route = routeOf(queue);
  const appends = [];
  for (let index = from; index < to; index += 1) appends.push({ route, frame: frameOf(queue, index), index });
  return store.append(appends);
}

/** `3 4 full`: indices of what was stored, reasons of what was not. */
export async function outcomes(appended: Promise<readonly AppendOutcome[]>): Promise<string> {
  return (await appended).map((one) => (one.kind === 'stored' ? one.index : one.reason)).join(' ');
}

/** Indices of the frames that are there; fails when one is not what was put there. */
export async function indices(store: QueueStore, queue: number): Promise<readonly number[]> {
  const found = await store.read(routeOf(queue), 0, 1 << 20, 1 << 30);
  for (const { index, frame } of found) {
    if (Buffer.compare(frame, frameOf(queue, index)) !== 0)
      throw new Error(`frame ${index} of queue ${queue} is another`);
  }
  return found.map(({ index }) => index);
}

export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'relay-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
