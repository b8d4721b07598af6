/**
 * Our commands on a hyperdht node. With a table it is a directory node and answers; without one it only asks.
 * Nothing here is logged: a locator in a log would outlive its day.
 */
import { bytesEqual, sourceNetwork, type ClaimTable } from '@mycelium/protocol';
import type { Clock } from '@mycelium/runtime';
import { DhtPlugin, type DhtRequest, type HyperDht, type PluginRequest } from '../declarations/hyperdht.ts';
import {
  directoryCommands,
  encodeDigests,
  encodePutOutcome,
  isDigestsRequest,
  pluginName,
  pluginVersion,
} from './commands.ts';

export interface ClaimHolder {
  readonly table: ClaimTable;
  readonly clock: Clock;
}

/** Answers that end an exchange say nothing about other nodes. */
const plain = { token: false, closerNodes: false } as const;

export class ClaimPlugin extends DhtPlugin {
  readonly #holder: ClaimHolder | undefined;

  constructor(dht: HyperDht, holder?: ClaimHolder) {
    super(pluginName, pluginVersion);
    this.#holder = holder;
    dht.register(pluginName, this);
  }

  override onrequest(request: PluginRequest, outer: DhtRequest): void {
    const { target } = outer;
    if (this.#holder === undefined || target === null) return;
    try {
      this.#answer(this.#holder, request, { ...outerParts(outer), target });
    } catch {
      // A bug of ours must cost one answer, not the process.
    }
  }

  #answer(holder: ClaimHolder, { command, value }: PluginRequest, asked: Asked): void {
    if (command === directoryCommands.digests) {
      if (!isDigestsRequest(value)) return;
      const held = holder.table.get(asked.target, holder.clock.nowMs());
      asked.outer.reply(encodeDigests(held), { token: true, closerNodes: true });
    } else if (!asked.proved || value === null) {
      // Without a token the address that asks may be somebody else's: it gets nothing.
    } else if (command === directoryCommands.claim) {
      const held = holder.table.get(asked.target, holder.clock.nowMs());
      const found = held.find((record) => bytesEqual(record.digest, value));
      asked.outer.reply(found?.bytes ?? null, plain);
    } else if (command === directoryCommands.put) {
      asked.outer.reply(encodePutOutcome(putClaim(holder, value, asked)), plain);
    }
  }

  override onpersistent(): void {}

  override destroy(): void {}
}

interface Asked {
  readonly outer: DhtRequest;
  readonly target: Uint8Array;
  /** The asker receives at the address it asks from. */
  readonly proved: boolean;
}

function outerParts(outer: DhtRequest): Omit<Asked, 'target'> {
  return { outer, proved: outer.token !== null };
}

/** Bytes 4 to 35 of a record are its locator; a put for another place is not even verified. */
function putClaim({ table, clock }: ClaimHolder, record: Uint8Array, { outer, target }: Asked): string {
  if (!bytesEqual(record.subarray(4, 36), target)) return 'locator';
  const outcome = table.put(record, sourceNetwork(outer.from.host), clock.nowMs());
  return outcome.ok ? 'kept' : outcome.refusal.code;
}
