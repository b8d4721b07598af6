/**
 * Which addresses are of the networks around a machine, who may make us send there (spec/directory-node.md), and when they
 * change.
 */
import { networkInterfaces } from 'node:os';
import type { UdpAddress } from '../declarations/hyperdht.ts';

/** Ranges that are not the internet: this machine, local networks, carriers' and link-local ones, multicast. */
const localRanges =
  /^(?:0|10|127|22[4-9]|2[3-5]\d|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)\./;

/** A node on the internet must not make us send packets into the networks around us. */
export function mayName(namer: UdpAddress, named: UdpAddress): boolean {
  if (named.port < 1 || named.port > 65_535) return false;
  return !localRanges.test(named.host) || localRanges.test(namer.host);
}

/** No system that we run on tells Node when an interface comes or goes; asking takes some 50 µs. */
const lookEveryMs = 1_000;

/** Calls `changed` when an address of this machine has come or gone. Answers how to end that. */
export function watchNetworks(changed: () => void): () => void {
  const addresses = (): string =>
    Object.entries(networkInterfaces())
      .flatMap(([name, all = []]) =>
        all.map(({ address, internal }) => (internal ? '' : `${name} ${address}`)),
      )
      .toSorted()
      .join();
  let known = addresses();
  const timer = setInterval(() => {
    const now = addresses();
    if (now === known) return;
    known = now;
    changed();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}
