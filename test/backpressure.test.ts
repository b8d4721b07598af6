/**
 * A million frames from a sender that does not wait, to a reader that does not read: what the relay holds meanwhile is
 * bounded (docs/architecture.md, "Backpressure"), and nothing is lost. A real relay host with its store on disk, here, and
 * both members in another process, over TCP. No time is looked at: the disk waits until the relay has stopped reading.
 */
import {
  createPrimitives,
  createTransport,
  openRelayStore,
  systemClock,
  systemRandomness,
} from '@mycelium/node';
import { formatPeerAddress } from '@mycelium/protocol';
import {
  type Append,
  type AppendOutcome,
  createRelayHost,
  type Link,
  type QueueStore,
  serveLink,
  usualRelayPolicy,
  usualServerLimits,
} from '@mycelium/runtime';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { Child } from '../bench/processes/child.ts';
import type { LoadQuestions } from '../bench/processes/load.ts';

const frames = 1_000_000;
const recordBytesMax = 65_536;
/** What stops the sender here is what waits, not how much it sent in a time. */
const noRate = { perSecond: 1e9, burst: 1e9 };
const { pendingBytesMax, readsMax, readBytesMax } = usualServerLimits;
/** As docs/architecture.md says. */
const bounds = {
  waitingForDisk: pendingBytesMax + recordBytesMax,
  writtenWhileFull: (readsMax + 1) * readBytesMax * 1.1,
  heldInAll: 4 << 20,
};

const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function bufferBytes(): number {
  collectGarbage();
  collectGarbage(); // buffers that the first one found dead
  return process.memoryUsage().arrayBuffers;
}

/** What is appended gets to the disk once nothing more comes: the link is paused, or all have come. */
class SlowDisk {
  readonly #store: QueueStore;
  #waitingBytes = 0;
  #arrived = 0;
  #held: (() => void)[] = [];
  mostWaitingBytes = 0;

  constructor(store: QueueStore) {
    this.#store = store;
  }

  append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    const bytes = appends.reduce((sum, { frame }) => sum + frame.length, 0);
    this.#waitingBytes += bytes;
    this.#arrived += appends.length;
    this.mostWaitingBytes = Math.max(this.mostWaitingBytes, this.#waitingBytes);
    const outcomes = new Promise<void>((resolve) => this.#held.push(resolve)).then(async () => {
      const answered = await this.#store.append(appends);
      this.#waitingBytes -= bytes;
      return answered;
    });
    if (this.#arrived === frames || this.#waitingBytes > 2 * bounds.waitingForDisk) this.nothingMoreComes();
    return outcomes;
  }

  nothingMoreComes(): void {
    for (const go of this.#held.splice(0)) go();
  }
}

function slowed(store: QueueStore, disk: SlowDisk): QueueStore {
  return {
    open: (...open) => store.open(...open),
    state: (route) => store.state(route),
    append: (appends) => disk.append(appends),
    read: (...read) => store.read(...read),
    trim: (...trim) => store.trim(...trim),
    expire: () => store.expire(),
    usage: () => store.usage(),
    close: () => store.close(),
  };
}

/** A link, and how much was written to it although it had said that it is full. */
class WatchedLink {
  readonly link: Link;
  mostWhileFull = 0;
  #whileFull = 0;
  #isFull = false;

  constructor(link: Link, paused: () => void) {
    this.link = {
      remoteKey: link.remoteKey,
      path: link.path,
      initiator: link.initiator,
      write: (bytes) => {
        if (this.#isFull) this.#whileFull += bytes.length;
        this.mostWhileFull = Math.max(this.mostWhileFull, this.#whileFull);
        const hasRoom = link.write(bytes);
        this.#isFull ||= !hasRoom;
        return hasRoom;
      },
      onBytes: (receive) => link.onBytes(receive),
      onDrain: (drained) =>
        link.onDrain(() => {
          this.#isFull = false;
          this.#whileFull = 0;
          drained();
        }),
      onClose: (closed) => link.onClose(closed),
      pause: () => {
        link.pause();
        paused();
      },
      resume: () => link.resume(),
      close: () => link.close(),
    };
  }
}

test('a fast sender and a slow reader cost a relay four megabytes, and the reader gets everything in the end', async () => {
  const limits = { retentionMs: 86_400_000, framesPerQueueMax: 2 * frames, queuesMax: 10, bytesMax: 2 ** 34 };
  const store = await openRelayStore({ folder: path.join(folder, 'store'), limits, clock: systemClock });
  const disk = new SlowDisk(store);
  const primitives = createPrimitives();
  const host = createRelayHost({
    store: slowed(store, disk),
    storeLimits: limits,
    clock: systemClock,
    primitives,
    policy: () => ({ ...usualRelayPolicy, queueFrames: noRate }),
  });
  const transport = createTransport({
    keySeed: randomBytes(32),
    listen: [{ host: '127.0.0.1', port: 0 }],
    runtimeFolder: folder,
    paths: ['tcp'],
  });
  const serving = {
    transport,
    clock: systemClock,
    randomness: systemRandomness,
    primitives,
    limits: { ...host.serverLimits(usualServerLimits), rate: noRate },
    backend: host,
  };
  const links: WatchedLink[] = [];
  await transport.listen((link) => {
    const watched = new WatchedLink(link, () => disk.nothingMoreComes());
    links.push(watched);
    serveLink(serving, watched.link, () => undefined);
  });
  const members = new Child<LoadQuestions>('load.ts');
  try {
    const [address] = transport.addresses;
    await members.ask('relay', formatPeerAddress(address!));
    await members.ask('own', { from: 0, count: 1 });
    await members.ask('follow', { from: 0, count: 1, readers: 1 });
    await members.ask('reading', false);
    const before = bufferBytes();
    await members.ask('append', { frames, window: 200_000 });
    expect(bufferBytes() - before, 'bytes of buffers, all frames stored and none read').toBeLessThan(
      bounds.heldInAll,
    );
    expect(disk.mostWaitingBytes, 'bytes that waited for the disk').toBeLessThanOrEqual(
      bounds.waitingForDisk,
    );
    expect(disk.mostWaitingBytes, 'the sender was as fast as that').toBeGreaterThan(pendingBytesMax);
    for (const { mostWhileFull } of links) expect(mostWhileFull).toBeLessThanOrEqual(bounds.writtenWhileFull);
    expect(await members.ask('pushed', null), 'the reader has read nothing').toBeLessThan(frames / 2);
    await members.ask('reading', true);
    await members.ask('heardInAll', frames);
  } finally {
    await members.stop();
    await transport.close();
    await host.stop();
    await store.close();
  }
});
