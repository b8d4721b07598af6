// Durable frames a second through a whole relay but its links: the serving machine, the host and the store on disk.
//
//   node scripts/run.js bench/relay-store/relay.ts [FOLDER]
//
// Each owner keeps WINDOW frames of 128 bytes in flight on a connection of its own; a frame counts when `stored` came back.
// With readers, each queue also has one that is pushed every frame.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPrimitives, openRelayStore, systemClock, systemRandomness } from '@mycelium/node';
import {
  concatBytes,
  decodeHello,
  encodeHello,
  encodeSubscribe,
  routeOf,
  signOpen,
  type OpenRole,
  type TransportKey,
  unwrap,
} from '@mycelium/protocol';
import { createRelayHost, type Link, serveLink, usualServerLimits } from '@mycelium/runtime';

const primitives = createPrimitives();
const relayKey = new Uint8Array(32).fill(1) as TransportKey;
const limits = { retentionMs: 86_400_000, framesPerQueueMax: 1 << 22, queuesMax: 1000, bytesMax: 2 ** 34 };
const requestId = new Uint8Array(12).fill(9);
const storedBytes = 128;

interface Peer {
  send(bytes: Uint8Array): void;
  readonly challenge: Uint8Array;
}

/** A link whose other end is `heard`: what the relay writes, in its turn. */
function connect(accept: (link: Link) => void, heard: (bytes: Uint8Array) => void): Peer {
  let receive: (bytes: Uint8Array) => void = () => undefined;
  let challenge = new Uint8Array(32);
  let greeted = false;
  accept({
    remoteKey: new Uint8Array(32) as TransportKey,
    path: 'memory',
    initiator: false,
    write: (bytes) => {
      if (greeted) heard(bytes);
      else challenge = unwrap(decodeHello(bytes)).challenge.slice();
      greeted = true;
      return true;
    },
    onBytes: (receiver) => (receive = receiver),
    onDrain: () => undefined,
    onClose: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  });
  receive(
    encodeHello({
      versionMin: 1,
      versionMax: 1,
      features: 0,
      challenge: new Uint8Array(32),
      appendFramesPerSecond: 0,
      retentionSeconds: 0,
      queueFramesMax: 0,
    }),
  );
  return { send: (bytes) => receive(bytes), challenge };
}

async function measure(owners: number, window: number, withReaders: boolean): Promise<void> {
  const folder = mkdtempSync(path.join(process.argv[2] ?? tmpdir(), 'relay-bench-'));
  const store = await openRelayStore({ folder, limits, clock: systemClock });
  const host = createRelayHost({ store, storeLimits: limits, clock: systemClock, primitives });
  const serving = {
    transport: { key: relayKey },
    clock: systemClock,
    randomness: systemRandomness,
    primitives,
    limits: {
      ...host.serverLimits(usualServerLimits),
      rate: { perSecond: 1e9, burst: 1e9 },
      pendingBytesMax: 1 << 24,
    },
    backend: host,
  };
  const accept = (link: Link): void => void serveLink(serving, link, () => undefined);
  const total = Math.max(200 * window, 200_000);
  let stored = 0;
  let pushed = 0;
  const waits: number[] = [];
  const started = performance.now();
  await new Promise<void>((finished) => {
    for (let number = 0; number < owners; number += 1) {
      const seeds = {
        reader: new Uint8Array(32).fill(number + 1),
        owner: new Uint8Array(32).fill(number + 101),
      };
      const readerPublicKey = primitives.ed25519PublicKey(seeds.reader);
      const ownerPublicKey = primitives.ed25519PublicKey(seeds.owner);
      const route = routeOf(primitives, readerPublicKey, ownerPublicKey);
      const open = (peer: Peer, role: OpenRole): void => {
        const request = {
          route,
          requestId,
          role,
          readerPublicKey,
          ownerPublicKey,
          base: 0,
          intakeDifficulty: undefined,
        };
        const identity = { challenge: peer.challenge, transportKey: relayKey };
        peer.send(signOpen(primitives, identity, request, seeds[role]));
      };
      if (withReaders) {
        const reader = connect(accept, (bytes) => {
          if (bytes[0] === 1) pushed += 1;
          if (bytes[0] === 22) reader.send(encodeSubscribe({ route, requestId, from: 0 }));
        });
        open(reader, 'reader');
      }
      const frame = new Uint8Array(128).fill(7);
      frame.set([1, 1, 124, 0]);
      frame.set(route, 4);
      const batch = concatBytes(...Array.from({ length: window }, () => frame));
      let waiting = 0;
      let sentAt = 0;
      const owner = connect(accept, (bytes) => {
        if (bytes[0] === 32) throw new Error(`refused with error ${bytes[32] ?? 0}`);
        const answers = bytes[0] === 22 ? 0 : bytes.length / storedBytes;
        stored += answers;
        waiting -= answers;
        if (waiting > 0) return;
        if (sentAt > 0) waits.push(performance.now() - sentAt);
        if (stored >= total) return finished();
        waiting = window;
        sentAt = performance.now();
        setImmediate(() => owner.send(batch));
      });
      open(owner, 'owner');
    }
  });
  const seconds = (performance.now() - started) / 1000;
  waits.sort((left, right) => left - right);
  const p = (share: number): string => (waits[Math.floor(waits.length * share)] ?? 0).toFixed(1);
  const readers = withReaders ? ` ${Math.round(pushed / seconds)} pushed/s` : '';
  const rate = Math.round(stored / seconds);
  process.stdout.write(
    `${owners} owners × ${window} in flight: ${rate} durable frames/s  p50 ${p(0.5)} p99 ${p(0.99)} ms${readers}\n`,
  );
  await host.stop();
  await store.close();
  rmSync(folder, { recursive: true });
}

await measure(1, 1, false);
await measure(1, 100, false);
await measure(16, 100, false);
await measure(16, 1000, false);
await measure(16, 100, true);
process.exit(0);
