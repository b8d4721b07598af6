/**
 * A relay as `mycelium up --roles relay` runs it (its role, store on disk and links over TCP), in a process that can
 * also say how much memory it takes.
 */
import { createPrimitives, createTransport, systemClock, systemRandomness } from '@mycelium/node';
import { formatPeerAddress } from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../apps/mycelium/src/daemon/log.ts';
import { type RelayRole, startRelayRole } from '../../apps/mycelium/src/daemon/relay-role.ts';
import { Operator } from '../../apps/mycelium/src/relay/operator.ts';
import { answerQuestions } from './child.ts';

export interface RelayMemory {
  /** Live objects in V8's heap. */
  readonly heapBytes: number;
  /** Of the process in memory, as the system counts it, without V8's heap: buffers, handles, libraries. */
  readonly otherBytes: number;
}

export interface RelayQuestions {
  readonly address: { readonly asked: null; readonly answered: string };
  /** After garbage has been collected. `--expose-gc` is wanted. */
  readonly memory: { readonly asked: null; readonly answered: RelayMemory };
  /** All of the process that is in memory now, garbage too. */
  readonly residentBytes: { readonly asked: null; readonly answered: number };
  /** Ends every connection. */
  readonly hangUp: { readonly asked: null; readonly answered: null };
  /** Seconds of the processor that this process has used. */
  readonly busySeconds: { readonly asked: null; readonly answered: number };
}

/** All that were ever let in. */
const links = new Set<Link>();
const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-relay-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

async function start(): Promise<{ readonly address: string; readonly role: RelayRole }> {
  const transport = createTransport({
    keySeed: randomBytes(32),
    listen: [{ host: '127.0.0.1', port: 0 }],
    runtimeFolder: folder,
    paths: ['tcp'],
  });
  const role = await startRelayRole({
    transport,
    clock: systemClock,
    randomness: systemRandomness,
    primitives: createPrimitives(),
    place: { kind: 'folder', folder: path.join(folder, 'store') },
    durability: 'synced',
    log: createLog({ least: () => 'warn', format: 'text' }, (line) => process.stderr.write(line)),
    operator: new Operator(undefined),
    metrics: undefined,
    claims: undefined,
  });
  await transport.listen((link) => {
    links.add(link);
    role.accept(link);
  });
  const [address] = transport.addresses;
  if (address === undefined) throw new Error('the relay has an address');
  return { address: formatPeerAddress(address), role };
}

/** A few times, because what one collection finds dead, buffers above all, is freed by the next. */
async function memoryNow(): Promise<RelayMemory> {
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { total_physical_size: heapRoom, used_heap_size: heapBytes } = getHeapStatistics();
  return { heapBytes, otherBytes: process.memoryUsage().rss - heapRoom };
}

const relay = start();

answerQuestions<RelayQuestions>({
  address: async () => (await relay).address,
  memory: memoryNow,
  residentBytes: () => process.memoryUsage().rss,
  hangUp: () => {
    for (const link of links) link.close();
    links.clear();
    return null;
  },
  busySeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
});
