/** Where directory nodes are, and which of them may send others where (spec/directory-node.md, "Nodes"). */
import { sourceNetwork } from './source-network.ts';

export interface NodeAddress {
  /** IPv4 only. */
  readonly host: string;
  readonly port: number;
}

/** Ranges that are not the internet: this machine, local networks, carriers' and link-local ones, multicast. */
const localRanges =
  /^(?:0|10|127|22[4-9]|2[3-5]\d|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)\./;

/** A node on the internet must not make us send packets into the networks around us. */
export function mayName(namer: NodeAddress, named: NodeAddress): boolean {
  if (named.port < 1 || named.port > 65_535) return false;
  return !localRanges.test(named.host) || localRanges.test(namer.host);
}

/**
 * The network whose nodes count together: ids are hashes of addresses, and one address has 65,536 ports to choose from.
 * Undefined for local nodes, which are few and one's own.
 */
export function countedNetwork({ host }: NodeAddress): string | undefined {
  return localRanges.test(host) ? undefined : sourceNetwork(host);
}
