/**
 * The batch walk against general formats on the same fields. Everybody parses, checks type, version and sizes, and
 * finds the route's number in the same table.
 */
import {
  createFrameBatch,
  frameBytes,
  RouteTable,
  routeUnknown,
  walkFrames,
  wordAfter,
  writeFrameHeader,
} from '@mycelium/protocol';
import { randomBytes } from 'node:crypto';
import type { Budget, Case, Result } from '../case.ts';
import { type Contender, type Race, race } from '../race.ts';
import { type Format, type FrameFields, isWellFormed } from '../rivals/frame-fields.ts';
import { installRivals } from '../rivals/install.ts';
import { round } from '../statistics.ts';

const routeCount = 1024;
const cachedFrames = 256;
const memoryFrames = 2 ** 21;
const batchFrames = 8192;

export interface Batch {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly table: RouteTable;
}

/** Short frames, each for one of the table's routes at random. */
export function createBatch(frames: number): Batch {
  const routes = randomBytes(routeCount * 16);
  const table = new RouteTable(routeCount, [0x6d79_6365, 0x6c69_756d]);
  const route = (at: number): Uint8Array => routes.subarray(at * 16, at * 16 + 16);
  for (let at = 0; at < routeCount; at += 1) table.set(route(at), at);
  const bytes = new Uint8Array(frames * frameBytes.short);
  const chosen = new Uint16Array(randomBytes(2 * 4096).buffer.slice(0, 8192));
  const guard = new Uint8Array(8).fill(7);
  for (let at = 0; at < frames; at += 1) {
    const number = (chosen[at % chosen.length] ?? 0) % routeCount;
    const header = { type: 1, route: route(number), generation: at, guard };
    writeFrameHeader(bytes, at * frameBytes.short, header);
  }
  return { bytes, words: new Uint32Array(bytes.buffer), table };
}

/** Every frame of the batch, as often as it takes calls of `walkFrames`. Answers how many have a known route. */
export function walkAll({ words, table }: Batch, into: ReturnType<typeof createFrameBatch>): number {
  let known = 0;
  for (let at = 0; at < words.length;) {
    const count = walkFrames(words, at, into, table);
    if (count === 0) throw new Error('every frame of the batch is well formed');
    const last = into.starts[count - 1] ?? 0;
    at = wordAfter(last, words[last] ?? 0);
    if (into.routes[count - 1] !== routeUnknown) known += count;
  }
  return known;
}

function fieldsOf(bytes: Uint8Array): FrameFields {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    type: 1,
    version: 1,
    route: bytes.subarray(4, 20),
    generation: view.getUint32(20, true),
    guard: bytes.subarray(24, 32),
    sealed: bytes.subarray(32),
  };
}

export function contenderFor(format: Format, batch: Batch): Contender {
  const encoded: Uint8Array[] = [];
  for (let at = 0; at < batch.bytes.length; at += frameBytes.short) {
    encoded.push(format.encode(fieldsOf(batch.bytes.subarray(at, at + frameBytes.short))));
  }
  return {
    name: format.name,
    unitsPerCall: encoded.length,
    call: () => {
      let known = 0;
      for (const bytes of encoded) {
        const frame = format.decode(bytes);
        if (isWellFormed(frame) && batch.table.get(frame.route) !== routeUnknown) known += 1;
      }
      if (known !== encoded.length) throw new Error(`${format.name} reads every frame`);
    },
  };
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const cached = createBatch(cachedFrames);
  const memory = createBatch(budget.quick ? memoryFrames / 4 : memoryFrames);
  const into = createFrameBatch(batchFrames);
  const missing = installRivals();
  const formats = missing === undefined ? (await import('../rivals/formats.ts')).createFormats() : [];
  const outcome = await race(
    [
      { name: 'cached', unitsPerCall: cachedFrames, call: () => walkAll(cached, into) },
      { name: 'memory', unitsPerCall: memory.words.length / 32, call: () => walkAll(memory, into) },
      ...formats.map((format) => contenderFor(format, cached)),
    ],
    budget,
  );
  const rivals = formats.map(({ name }) => name);
  return [
    speed(outcome, 'cached', rivals, 150),
    speed(outcome, 'memory', rivals, 50),
    best(outcome, rivals, missing),
  ];
}

function speed(outcome: Race, name: 'cached' | 'memory', rivals: readonly string[], goal: number): Result {
  const where =
    name === 'cached'
      ? `a batch of ${cachedFrames} that stays in cache`
      : 'a buffer of 256 MB (--quick: 64 MB)';
  return {
    case: `codec.${name}`,
    value: round(outcome.rate(name) / 1e6),
    unit: 'M frames/s',
    spread: outcome.spread(name),
    ratios: outcome.ratios(name, rivals),
    counts:
      `Short frames of 128 bytes in ${where}, on one core: header parsed and checked, route found among ` +
      `${routeCount} in the table. Nothing is decrypted, stored or sent.`,
    goal: { bound: 'least', value: goal },
  };
}

function best(outcome: Race, rivals: readonly string[], missing: string | undefined): Result {
  const fastest = rivals.toSorted((left, right) => outcome.rate(right) - outcome.rate(left))[0];
  const counts =
    'Times as fast as the fastest general format, both in cache: same fields, same checks, same route table; each ' +
    'rival gets its messages one by one in buffers of their own, so it finds no frame boundaries.';
  const shape = {
    case: 'codec.best-general',
    unit: '×',
    counts,
    goal: { bound: 'least', value: 20 },
  } as const;
  if (fastest === undefined) {
    return { ...shape, value: null, spread: null, ratios: {}, skipped: missing ?? 'no rivals' };
  }
  const value = outcome.ratio('cached', fastest);
  return { ...shape, value, spread: outcome.spread(fastest), ratios: { [fastest]: value } };
}

export const codec: Case = { names: ['codec.cached', 'codec.memory', 'codec.best-general'], run };
