/** The directory: every node asks it; with the role directory this one answers too, and keeps what it holds in a file. */
import { startDirectory, type Directory, type NodeTransport } from '@mycelium/node';
import { assert, type Primitives } from '@mycelium/protocol';
import type { Clock } from '@mycelium/runtime';

export interface DirectoryRoleWish {
  readonly transport: NodeTransport;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** Undefined: this node only asks. */
  readonly file: string | undefined;
}

/** Call it once the transport listens. */
export async function startDirectoryRole({
  transport,
  primitives,
  clock,
  file,
}: DirectoryRoleWish): Promise<Directory> {
  const { dht } = transport;
  assert(dht !== undefined, 'every transport of a node has a node of the DHT');
  return startDirectory({ dht, primitives, clock, ...(file === undefined ? {} : { file }) });
}
