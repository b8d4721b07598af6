/**
 * The nodes of the directory as one of them, or a client, sees them (spec/directory-node.md): who is known, and a way to
 * ask each. A port: over hyperdht in Node, over tables in simulation.
 */
import type { NodeAddress } from '@mycelium/protocol';

export interface NodeReply {
  /** `id` is null for ephemeral nodes, and when it is not the hash of the address that the reply came from. */
  readonly from: NodeAddress & { readonly id: Uint8Array | null };
  /** Given back with a put, it shows that we receive at the address we ask from. */
  readonly token: Uint8Array | null;
  readonly closerNodes: readonly NodeAddress[] | null;
  /** 0: none. */
  readonly error: number;
  readonly value: Uint8Array | null;
}

export interface NodeQuestion {
  /** `directoryCommands`. */
  readonly command: number;
  /** The locator. */
  readonly target: Uint8Array;
  readonly value: Uint8Array;
  readonly token?: Uint8Array | null;
}

export interface DirectoryNodes {
  /** Null: nobody asks us. */
  readonly ownId: Uint8Array | null;
  /** 32 bytes, from nothing but the address. */
  idOf(node: NodeAddress): Uint8Array;
  /** Of the routing table, and those that are configured. */
  known(): readonly NodeAddress[];
  /** One attempt. Rejects when nothing came in a second. */
  ask(node: NodeAddress, question: NodeQuestion): Promise<NodeReply>;
}
