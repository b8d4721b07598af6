/**
 * hyperdht with what a stranger could abuse taken out (spec/directory-node.md, "Nodes"): it keeps no values but
 * announcements of keys, carries no packets from the internet into the networks around it, and a request that
 * makes it throw costs one answer, not the process.
 */
import { mayName } from '@mycelium/protocol';
import { HyperDht, type DhtRequest, type ReplyOptions, type UdpAddress } from '../declarations/hyperdht.ts';
import type { ConnectionGate } from './connection-gate.ts';

/** hyperdht's own commands: values that anyone may store, signed ones and others. We have claims instead. */
const valueCommands: readonly number[] = [6, 7, 8, 9];

const peerHandshake = 0;

export class GuardedDht extends HyperDht {
  /** Handshakes with us pass it first. */
  gate: ConnectionGate | undefined;

  override onrequest(request: DhtRequest): boolean {
    if (valueCommands.includes(request.command)) return false;
    if (this.#isShut(request)) return true;
    guardRelay(request);
    try {
      return super.onrequest(request);
    } catch {
      return true;
    }
  }

  /** Requests that ask us for a handshake of our own; those of others only pass through. */
  #isShut({ command, target, from }: DhtRequest): boolean {
    if (command !== peerHandshake || this.gate === undefined || target == null) return false;
    const isOurs = this._router.get(target)?.onpeerhandshake != null;
    return isOurs && !this.gate.admits(from.host);
  }
}

/** Handshakes of peers go through nodes to where the sender says. */
function guardRelay(request: DhtRequest): void {
  const { from } = request;
  const relay = request.relay.bind(request);
  const reply = request.reply.bind(request);
  request.relay = (value: Uint8Array, to: UdpAddress | null, options?: object): void => {
    if (to != null && mayName(from, to)) relay(value, to, options);
  };
  request.reply = (value: Uint8Array | null, options?: ReplyOptions): void => {
    // What the sender leaves out is null here.
    if (options?.to == null || mayName(from, options.to)) reply(value, options);
  };
}
