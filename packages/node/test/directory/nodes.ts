/** Directory nodes and clients on loopback, and records to give them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { concatBytes } from '@mycelium/protocol';
import {
  createPrimitives,
  createTransport,
  startDirectory,
  systemClock,
  type Directory,
  type Endpoint,
  type NodeTransport,
} from '../../src/index.ts';
import {
  encodeClaimHead,
  finishClaimRecord,
  sealedClaimBytes,
} from '../../../protocol/src/directory/claim-record.ts';
import { claimWorkBitsMin } from '../../../protocol/src/limits.ts';

export const primitives = createPrimitives();
const clock = systemClock;

export interface Member {
  readonly transport: NodeTransport;
  readonly directory: Directory;
  readonly at: Endpoint;
}

export class World {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'mycelium-directory-'));
  readonly members: Member[] = [];

  async node(
    bootstrap: readonly Endpoint[],
    port = 0,
    file = `${this.members.length}.claims`,
    host = '127.0.0.1',
  ): Promise<Member> {
    return this.#start({ role: 'directory', bootstrap }, { host, port }, path.join(this.folder, file));
  }

  async client(bootstrap: readonly Endpoint[]): Promise<Member> {
    return this.#start({ role: 'client', bootstrap }, { host: '127.0.0.1', port: 0 }, undefined);
  }

  async #start(
    dht: { readonly role: 'directory' | 'client'; readonly bootstrap: readonly Endpoint[] },
    listen: Endpoint,
    file: string | undefined,
  ): Promise<Member> {
    const transport = createTransport({
      keySeed: randomBytes(32),
      listen: [listen],
      runtimeFolder: this.folder,
      dht,
    });
    await transport.listen(() => undefined);
    if (transport.dht === undefined) throw new Error('no dht');
    const directory = await startDirectory({
      dht: transport.dht,
      primitives,
      clock,
      ...(file !== undefined && { file }),
    });
    const at = transport.addresses[0]?.endpoint ?? { host: '127.0.0.1', port: 0 };
    const member = { transport, directory, at };
    this.members.push(member);
    return member;
  }

  async stop(member: Member): Promise<void> {
    await member.directory.stop();
    await member.transport.close();
  }

  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => this.stop(member)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface RecordWish {
  readonly locator: Uint8Array;
  readonly seed?: Uint8Array;
  readonly sequence?: number;
  readonly expiresInMs?: number;
}

export function claimRecord({
  locator,
  seed = randomBytes(32),
  sequence = 1,
  expiresInMs = 3_600_000,
}: RecordWish): Uint8Array {
  const head = encodeClaimHead({
    locator,
    directoryKey: primitives.ed25519PublicKey(seed),
    sequence,
    expiresMs: clock.nowMs() + expiresInMs,
    nonce: randomBytes(12),
  });
  const headAndSealed = concatBytes(head, randomBytes(sealedClaimBytes));
  return finishClaimRecord(primitives, headAndSealed, seed, claimWorkBitsMin);
}

export function hexes(records: readonly Uint8Array[]): readonly string[] {
  return records.map((record) => Buffer.from(record).toString('hex')).toSorted();
}
