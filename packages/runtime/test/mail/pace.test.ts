import {
  createClientQueue,
  decodeControlFrame,
  encodeHello,
  stepClientQueue,
  type ServerAppend,
  type TransportKey,
} from '@mycelium/protocol';
import {
  serveLink,
  usualServerLimits,
  type BackendEffect,
  type Link,
  type ServedConnection,
} from '@mycelium/runtime';
import { createSeededRandomness, createVirtualClock } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { mailFrame, primitives, queueKeys } from './device.ts';

const transportKey = new Uint8Array(32).fill(3) as TransportKey;

/** A link whose other end sends as fast as it is read. */
class GreedyLink implements Link {
  readonly remoteKey = new Uint8Array(32).fill(4) as TransportKey;
  readonly path = 'memory';
  readonly initiator = false;
  paused = false;
  pauses = 0;
  written = 0;
  first: Uint8Array | undefined;
  receive: (bytes: Uint8Array) => void = () => undefined;

  write(bytes: Uint8Array): boolean {
    this.first ??= bytes;
    this.written += bytes.length;
    return true;
  }

  onBytes(receive: (bytes: Uint8Array) => void): void {
    this.receive = receive;
  }

  onDrain(): void {}
  onClose(): void {}

  pause(): void {
    this.paused = true;
    this.pauses += 1;
  }

  resume(): void {
    this.paused = false;
  }

  close(): void {}
}

/** Keeps what is to be stored until the disk is ready. */
class SlowDisk {
  connection: ServedConnection | undefined;
  readonly waiting: ServerAppend[] = [];
  waitingBytes = 0;
  stored = 0;

  perform(effect: BackendEffect): void {
    if (effect.kind === 'open') {
      const { open } = effect;
      this.connection?.give({ kind: 'opened', open, outcome: { kind: 'ok', first: 0, next: 0 } });
    }
    if (effect.kind !== 'append') return;
    this.waiting.push(...effect.appends);
    for (const { frame } of effect.appends) this.waitingBytes += frame.length;
  }

  /** Stores the oldest of what waits. Indices come without a hole. */
  store(count: number): void {
    const appends = this.waiting.splice(0, count);
    for (const { frame, index } of appends) {
      if (index !== this.stored) throw new Error(`index ${index} where ${this.stored} is next`);
      this.stored += 1;
      this.waitingBytes -= frame.length;
    }
    const results = appends.map((append) => ({
      append,
      outcome: { kind: 'stored' as const, index: append.index ?? 0, expiresMs: 0 },
    }));
    this.connection?.give({ kind: 'appended', results });
  }
}

function served(): { link: GreedyLink; disk: SlowDisk; route: ReturnType<typeof queueKeys>['route'] } {
  const link = new GreedyLink();
  const disk = new SlowDisk();
  const begin = (connection: ServedConnection) => {
    disk.connection = connection;
    return { perform: (effect: BackendEffect) => disk.perform(effect), end: () => undefined };
  };
  const limits = { ...usualServerLimits, rate: { perSecond: 1e9, burst: 1e9 } };
  const [clock, randomness] = [createVirtualClock(), createSeededRandomness('pace')];
  const transport = { key: transportKey };
  serveLink({ transport, clock, randomness, primitives, limits, backend: { begin } }, link, () => undefined);
  const hello = decodeControlFrame(link.first ?? new Uint8Array());
  if (!hello.ok || hello.value.kind !== 'hello') throw new Error('the server says hello first');
  link.receive(encodeHello({ ...hello.value, versionMin: 1, versionMax: 1 }));
  const { route, readerSeed, ownerSeed, ownerPublicKey } = queueKeys('pace');
  const opening = stepClientQueue(createClientQueue(route), {
    kind: 'open',
    role: 'owner',
    server: { challenge: hello.value.challenge, transportKey },
    primitives,
    seed: ownerSeed,
    readerPublicKey: primitives.ed25519PublicKey(readerSeed),
    ownerPublicKey,
    base: 0,
    intakeDifficulty: undefined,
  });
  for (const effect of opening.effects) if (effect.kind === 'send') link.receive(effect.bytes);
  return { link, disk, route };
}

test('A million frames that come faster than they are stored wait where they come from', () => {
  const { link, disk, route } = served();
  const [all, perRead] = [1_000_000, 500];
  const read = new Uint8Array(128 * perRead);
  for (let at = 0; at < perRead; at += 1) read.set(mailFrame(route, at), at * 128);
  let [sent, most] = [0, 0];
  while (disk.stored < all) {
    for (; !link.paused && sent < all; sent += perRead) link.receive(read.slice());
    most = Math.max(most, disk.waitingBytes);
    disk.store(1_000);
  }
  expect(disk.stored).toBe(all);
  // One read may go beyond the bound: it was on its way.
  expect(most).toBeGreaterThan(usualServerLimits.pendingBytesMax);
  expect(most).toBeLessThanOrEqual(usualServerLimits.pendingBytesMax + read.length);
  expect(link.pauses).toBeGreaterThan(100);
  expect(link.written).toBeGreaterThan(all * 128);
});
