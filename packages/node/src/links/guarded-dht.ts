/**
 * hyperdht with what a stranger could abuse taken out (spec/directory-node.md, "Nodes"): it keeps no values but
 * announcements of keys, carries no packets from the internet into the networks around it, and a request that
 * makes it throw costs one answer, not the process.
 */
import { HyperDht, type DhtRequest, type ReplyOptions, type UdpAddress } from '../declarations/hyperdht.ts';
import { mayName } from './local-networks.ts';

/** hyperdht's own commands: values that anyone may store, signed ones and others. We have claims instead. */
const valueCommands: readonly number[] = [6, 7, 8, 9];

export class GuardedDht extends HyperDht {
  override onrequest(request: DhtRequest): boolean {
    if (valueCommands.includes(request.command)) return false;
    guardRelay(request);
    try {
      return super.onrequest(request);
    } catch {
      return true;
    }
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
