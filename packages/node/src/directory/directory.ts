/**
 * The directory over hyperdht (spec/directory-node.md): `DirectoryNetwork` for whoever asks, and for the role
 * `directory` a node that answers. A node that is alone in the world stores with itself and finds it again at once.
 */
import { bytesEqual, bytesToHex, ClaimTable, claimRecordBytes, type Primitives } from '@mycelium/protocol';
import type { Cancellation, Clock, DirectoryNetwork } from '@mycelium/runtime';
import type { DhtReply, HyperDht, UdpAddress } from '../declarations/hyperdht.ts';
import { readClaimFile, writeClaimFile } from './claim-file.ts';
import { ClaimPlugin, type ClaimHolder } from './claim-plugin.ts';
import { decodeDigests, decodePutOutcome, digestsRequest, directoryCommands } from './commands.ts';
import { compareDistance } from './distance.ts';
import { closestMax, walk } from './walk.ts';

export interface DirectoryWish {
  readonly dht: HyperDht;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** Of a directory node: the file that keeps what it holds. Left out: this is a client. */
  readonly file?: string;
}

export interface Directory extends DirectoryNetwork {
  /** Records held here; 0 for a client. */
  recordsHeld(): number;
  /** Writes the file. The dht is the transport's to end. */
  stop(): Promise<void>;
}

/** Different records fetched in one look-up: hostile nodes can name any number. */
const fetchedMax = 64;
/** Nodes asked for one record before it counts as not there. */
const holdersAskedMax = 3;
const writeEveryMs = 300_000;

/** Resolves when a directory node has taken back what its file holds. */
export async function startDirectory(wish: DirectoryWish): Promise<Directory> {
  if (wish.file === undefined) return new HyperDirectory(wish, undefined);
  const holder = { table: new ClaimTable(wish.primitives), clock: wish.clock };
  await readClaimFile(wish.file, holder.table, wish.clock.nowMs());
  return new HyperDirectory(wish, holder);
}

class HyperDirectory implements Directory {
  readonly #wish: DirectoryWish;
  readonly #holder: ClaimHolder | undefined;
  readonly #plugin: ClaimPlugin;
  readonly #stopped = new AbortController();
  #cancelWrite: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(wish: DirectoryWish, holder: ClaimHolder | undefined) {
    this.#wish = wish;
    this.#holder = holder;
    this.#plugin = new ClaimPlugin(wish.dht, holder);
    if (holder !== undefined) this.#writeLater();
  }

  nodesKnown(): number {
    return this.#wish.dht.destroyed ? 0 : this.#wish.dht.toArray().length;
  }

  recordsHeld(): number {
    return this.#holder?.table.size ?? 0;
  }

  async publish(
    locator: Uint8Array,
    record: Uint8Array,
  ): Promise<{ readonly accepted: number; readonly refused: readonly string[] }> {
    const answers = await this.#walk(locator, this.#stopped.signal);
    const closest = closestAnswers(answers);
    const outcomes = await Promise.all(closest.map((node) => this.#put(node, locator, record)));
    if (this.#belongsHere(locator, closest)) outcomes.push(this.#putHere(record));
    const refused = outcomes.filter((outcome) => outcome !== 'kept');
    return { accepted: outcomes.length - refused.length, refused };
  }

  async lookUp(locator: Uint8Array, signal?: Cancellation): Promise<readonly Uint8Array[]> {
    const given = new AbortController();
    const abort = (): void => given.abort();
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort);
    try {
      const asked = AbortSignal.any([given.signal, this.#stopped.signal]);
      const answers = await this.#walk(locator, asked);
      const records = new Map<string, Uint8Array>();
      for (const { digest, bytes } of this.#heldHere(locator)) records.set(bytesToHex(digest), bytes);
      const wanted = [...holdersByDigest(answers)].filter(([digest]) => !records.has(digest));
      wanted.sort(([, left], [, right]) => right.holders.length - left.holders.length);
      const fetched = wanted.slice(0, fetchedMax).map(async ([name, { digest, holders }]) => {
        const record = await this.#fetch(locator, digest, holders);
        if (record !== undefined && !asked.aborted) records.set(name, record);
      });
      await Promise.all(fetched);
      return [...records.values()];
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #walk(locator: Uint8Array, signal: AbortSignal): Promise<readonly DhtReply[]> {
    const { dht } = this.#wish;
    if (dht.destroyed) return Promise.resolve([]);
    return walk({
      target: locator,
      start: [...dht.toArray(), ...dht.bootstrapNodes],
      own: dht.id,
      ask: (node) => this.#ask(node, directoryCommands.digests, { target: locator, value: digestsRequest }),
      isAnswer: (reply) => reply.error === 0 && reply.value !== null && decodeDigests(reply.value).ok,
      signal,
    });
  }

  /** Twice, a second each: datagrams get lost. dht-rpc takes an answer from anyone who guesses 16 bits; we do not. */
  async #ask(
    node: UdpAddress,
    command: number,
    what: { readonly target: Uint8Array; readonly value: Uint8Array; readonly token?: Uint8Array | null },
  ): Promise<DhtReply> {
    const attempt = (): Promise<DhtReply> =>
      this.#plugin.request({ command, ...what }, node, { retry: false });
    const reply = await attempt().catch(attempt);
    if (reply.from.host !== node.host || reply.from.port !== node.port)
      throw new Error('answered by another node');
    return reply;
  }

  async #put({ from, token }: DhtReply, locator: Uint8Array, record: Uint8Array): Promise<string> {
    try {
      const reply = await this.#ask(from, directoryCommands.put, { target: locator, value: record, token });
      const outcome = decodePutOutcome(reply.value);
      return outcome.ok ? outcome.value : outcome.refusal.code;
    } catch {
      return 'no answer';
    }
  }

  async #fetch(
    locator: Uint8Array,
    digest: Uint8Array,
    holders: readonly DhtReply[],
  ): Promise<Uint8Array | undefined> {
    for (const { from, token } of holders.slice(0, holdersAskedMax)) {
      try {
        const what = { target: locator, value: digest, token };
        const { value } = await this.#ask(from, directoryCommands.claim, what);
        if (value?.length !== claimRecordBytes) continue;
        if (bytesEqual(this.#wish.primitives.sha256(value), digest)) return Uint8Array.from(value);
      } catch {
        // The next one may answer.
      }
    }
    return undefined;
  }

  #heldHere(locator: Uint8Array): readonly { readonly digest: Uint8Array; readonly bytes: Uint8Array }[] {
    return this.#holder?.table.get(locator, this.#wish.clock.nowMs()) ?? [];
  }

  /** Whether this node is one of the closest itself. */
  #belongsHere(locator: Uint8Array, closest: readonly DhtReply[]): boolean {
    const own = this.#wish.dht.id;
    if (this.#holder === undefined || own === null) return false;
    const farthest = closest[closestMax - 1]?.from.id;
    return farthest == null || compareDistance(locator, own, farthest) < 0;
  }

  /** Our own records count for a network of their own, so that strangers' cannot use up the quota. */
  #putHere(record: Uint8Array): string {
    const outcome = this.#holder?.table.put(record, 'here', this.#wish.clock.nowMs());
    if (outcome === undefined) return 'no answer';
    return outcome.ok ? 'kept' : outcome.refusal.code;
  }

  #writeLater(): void {
    this.#cancelWrite = this.#wish.clock.after(writeEveryMs, () => {
      this.#writing = this.#write().catch(() => undefined);
      this.#writeLater();
    });
  }

  async #write(): Promise<void> {
    const { file, clock } = this.#wish;
    if (file === undefined || this.#holder === undefined) return;
    this.#holder.table.expire(clock.nowMs());
    await writeClaimFile(file, this.#holder.table, clock.nowMs());
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    this.#cancelWrite();
    await this.#writing;
    await this.#write();
  }
}

/**
 * Nodes whose id is that of their address, which nobody can choose. Only where there is none of them (a lone node asked
 * by another of its addresses) do the others count.
 */
function closestAnswers(answers: readonly DhtReply[]): readonly DhtReply[] {
  const proved = answers.filter(({ from }) => from.id !== null);
  return (proved.length > 0 ? proved : answers).slice(0, closestMax);
}

interface NamedClaim {
  readonly digest: Uint8Array;
  /** Closest first. */
  readonly holders: DhtReply[];
}

function holdersByDigest(answers: readonly DhtReply[]): ReadonlyMap<string, NamedClaim> {
  const named = new Map<string, NamedClaim>();
  for (const answer of answers) {
    const held = answer.value === null ? undefined : decodeDigests(answer.value);
    if (held?.ok !== true) continue;
    for (const { digest } of held.value) {
      const name = bytesToHex(digest);
      const claim = named.get(name) ?? { digest, holders: [] };
      claim.holders.push(answer);
      named.set(name, claim);
    }
  }
  return named;
}
